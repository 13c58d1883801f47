import type { SavingsAnswer } from '../../src/compose/savings.ts';
import type { SavingRow } from '../../src/savings/report.ts';
import { post } from '../api/client.ts';
import { count, percent, wholeCount } from '../format/count.ts';
import { money } from '../format/money.ts';
import { relative } from '../format/time.ts';
import { Fault } from './states.tsx';
import { Table } from './table.tsx';
import { useAct } from './use-act.ts';

interface Stage {
  readonly name: string;
  readonly mode: string;
  readonly switched: { readonly at: number; readonly reason: string } | undefined;
  readonly row: SavingRow | undefined;
}

/** `promptCache` is the option of the stage `prompt-cache`. */
const stageOf = (option: string): string => option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function stagesOf({ modes, switched, rows }: SavingsAnswer): readonly Stage[] {
  const configured = new Map(Object.entries(modes).map(([option, mode]) => [stageOf(option), mode ?? 'off']));
  const names = new Set([...configured.keys(), ...rows.flatMap(({ name }) => (name === null ? [] : [name]))]);
  return [...names].map((name) => ({
    name,
    mode: configured.get(name) ?? 'off',
    switched: switched[name],
    row: rows.find((row) => row.name === name),
  }));
}

/** One row a stage: what it says it saved, and what the sessions held out of it show. */
export function StageTable({ answer, onChange }: { readonly answer: SavingsAnswer; readonly onChange: () => void }) {
  const { run, error } = useAct();
  const stages = stagesOf(answer);
  const resume = (name: string): void =>
    run(async () => {
      await post(`/api/savings/${name}/resume`, {});
      onChange();
    });
  return (
    <>
      {error && <Fault error={error} />}
      <Table
        label="Savings by stage"
        file="savings"
        rows={stages}
        keyOf={({ name }) => name}
        columns={[
          { name: 'Stage', cell: ({ name }) => name, value: ({ name }) => name },
          { name: 'State', cell: (stage) => <Mode stage={stage} onResume={() => resume(stage.name)} />, text: ({ mode }) => mode },
          figure('Saved, net', ({ row }) => row?.claimed.usd ?? '0', money),
          figure('Would save', ({ row }) => row?.observed.usd ?? '0', money),
          figure(
            'Tokens',
            ({ row }) => (row ? row.claimed.inputTokens + row.claimed.outputTokens : 0),
            (tokens) => count(Number(tokens)),
          ),
          { name: 'Cost with it', cell: (stage) => <Measured stage={stage} />, text: ({ row }) => ratioText(row) },
          { name: 'Quality', cell: ({ row }) => <Quality row={row} />, text: ({ row }) => row?.effect.worse.join(' ') ?? '' },
          figure(
            'Sessions',
            ({ row }) => row?.effect.sessions.treated ?? 0,
            (sessions) => wholeCount(Number(sessions)),
          ),
          figure(
            'Held out',
            ({ row }) => row?.effect.sessions.controls ?? 0,
            (sessions) => wholeCount(Number(sessions)),
          ),
        ]}
      />
      <p className="quiet small">
        Saved is what stages reckon, net of cache effects. Cost with it is measured: sessions with the stage against sessions held out, and
        the span that holds 19 of 20 such measurements.
      </p>
    </>
  );
}

function figure(name: string, value: (stage: Stage) => string | number, write: (value: string | number) => string) {
  return {
    name,
    isFigure: true,
    cell: (stage: Stage) => (Number(value(stage)) === 0 ? <span className="quiet">{write(0)}</span> : write(value(stage))),
    value: (stage: Stage) => Number(value(stage)),
  };
}

function Mode({ stage: { name, mode, switched }, onResume }: { readonly stage: Stage; readonly onResume: () => void }) {
  if (!switched) return <span className={mode === 'on' ? 'mark on' : 'mark'}>{mode}</span>;
  return (
    <span title={switched.reason}>
      <span className="mark warn">observe, by itself {relative(switched.at, Date.now())}</span>
      <button type="button" className="button plain small" aria-label={`Switch ${name} on again`} onClick={onResume}>
        On again
      </button>
    </span>
  );
}

function ratioText(row: SavingRow | undefined): string {
  const ratio = row?.effect.ratio;
  return ratio ? `${signed(ratio.value)} (${signed(ratio.low)} to ${signed(ratio.high)})` : 'not measured';
}

const signed = (ratio: number): string => `${ratio > 1 ? '+' : ''}${percent(ratio - 1)}`;

const width = 120;
const middle = width / 2;

/** Whiskers round a line that stands for no change: to its left it is cheaper. */
function Measured({ stage: { row } }: { readonly stage: Stage }) {
  const ratio = row?.effect.ratio;
  if (!ratio) return <span className="quiet">not measured</span>;
  const x = (value: number): number => middle + Math.max(-1, Math.min(1, value - 1)) * (middle - 2);
  const tone = { saves: 'var(--good)', costs: 'var(--bad)', unknown: 'var(--text-quiet)' }[row.effect.verdict];
  return (
    <span className="row">
      <svg width={width} height={14} aria-hidden="true">
        <line x1={middle} x2={middle} y1={0} y2={14} stroke="var(--line-strong)" />
        <path d={`M${x(ratio.low)} 3v8M${x(ratio.low)} 7H${x(ratio.high)}M${x(ratio.high)} 3v8`} stroke={tone} strokeWidth={1.5} />
        <circle cx={x(ratio.value)} cy={7} r={3} fill={tone} />
      </svg>
      {ratioText(row)}
    </span>
  );
}

function Quality({ row }: { readonly row: SavingRow | undefined }) {
  if (!row?.effect.quality) return <span className="quiet">not known</span>;
  if (row.effect.worse.length === 0) return <>no sign of harm</>;
  return <span className="bad">worse: {row.effect.worse.join(', ')}</span>;
}
