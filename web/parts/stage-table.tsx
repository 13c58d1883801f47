import { coarseMoney, money } from '../format/money.ts';
import { count, wholeCount } from '../format/count.ts';
import { Table } from './table.tsx';

interface Interval {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export interface StageSaving {
  readonly stage: string;
  readonly mode: 'off' | 'observe' | 'on';
  readonly calls: number;
  readonly savedTokens: number;
  /** USD, net of what it cost the prompt cache. */
  readonly savedUsd: number | null;
  /** By comparison with the hold-out, USD; absent while there are too few calls. */
  readonly measured?: Interval | null;
}

export interface SavingsAnswer {
  readonly stages: readonly StageSaving[];
}

/** One row a stage: what it saved, as a bar with whiskers where it is measured. */
export function StageTable({ answer: { stages } }: { readonly answer: SavingsAnswer }) {
  const largest = Math.max(
    1e-9,
    ...stages.flatMap(({ savedUsd, measured }) => [Math.abs(savedUsd ?? 0), Math.abs(measured?.high ?? 0), Math.abs(measured?.low ?? 0)]),
  );
  return (
    <Table
      label="Savings by stage"
      file="savings"
      rows={stages}
      keyOf={({ stage }) => stage}
      columns={[
        { name: 'Stage', cell: ({ stage }) => stage, value: ({ stage }) => stage },
        {
          name: 'State',
          cell: ({ mode }) => <span className={mode === 'on' ? 'mark on' : 'mark'}>{mode}</span>,
          value: ({ mode }) => mode,
        },
        { name: 'Net', cell: (row) => <Whisker row={row} largest={largest} />, text: ({ savedUsd }) => String(savedUsd ?? '') },
        { name: 'Saved', isFigure: true, cell: ({ savedUsd }) => money(savedUsd), value: ({ savedUsd }) => savedUsd },
        {
          name: 'Interval',
          isFigure: true,
          cell: ({ measured }) => (measured ? `${coarseMoney(measured.low)} to ${coarseMoney(measured.high)}` : 'estimated'),
        },
        { name: 'Tokens', isFigure: true, cell: ({ savedTokens }) => count(savedTokens), value: ({ savedTokens }) => savedTokens },
        { name: 'Calls', isFigure: true, cell: ({ calls }) => wholeCount(calls), value: ({ calls }) => calls },
      ]}
    />
  );
}

const width = 180;
const middle = 60;

/** To the left of the line is lost, to the right saved. */
function Whisker({ row: { savedUsd, measured }, largest }: { readonly row: StageSaving; readonly largest: number }) {
  const x = (usd: number): number => middle + (usd / largest) * (usd < 0 ? middle : width - middle);
  const value = measured?.value ?? savedUsd ?? 0;
  return (
    <svg width={width} height={16} aria-hidden="true">
      <rect
        x={Math.min(x(0), x(value))}
        y={4}
        width={Math.max(1, Math.abs(x(value) - x(0)))}
        height={8}
        fill={value < 0 ? 'var(--bad)' : 'var(--good)'}
      />
      {measured && (
        <path
          d={`M${x(measured.low)} 4v8M${x(measured.low)} 8H${x(measured.high)}M${x(measured.high)} 4v8`}
          stroke="var(--text)"
          strokeWidth={1.25}
        />
      )}
      <line x1={middle} x2={middle} y1={0} y2={16} stroke="var(--line-strong)" />
    </svg>
  );
}
