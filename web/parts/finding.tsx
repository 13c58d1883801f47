import type { ReactNode } from 'react';
import { wholeCount } from '../format/count.ts';
import { money } from '../format/money.ts';
import { Table } from './table.tsx';

export interface FindingLine {
  readonly text: string;
  readonly calls: number;
  /** USD; negative: what the change itself costs. */
  readonly usd: number;
}

interface FindingProps {
  /** USD of the span. */
  readonly saved: number;
  /** Of the dearest, which fills the width. */
  readonly largest: number;
  readonly title: string;
  /** App, subject, calls: what tells it from others of its kind. */
  readonly about: ReactNode;
  readonly marks?: ReactNode;
  readonly lines: readonly FindingLine[];
  readonly isOpen?: boolean;
  /** What to do about it. */
  readonly children: ReactNode;
}

/** A waste as a sum of money with its arithmetic: a line that opens. */
export function Finding({ saved, largest, title, about, marks, lines, isOpen = false, children }: FindingProps) {
  return (
    <li>
      <details className="finding" open={isOpen}>
        <summary>
          <span className="sum">
            <b>{money(saved)}</b>
            <span className="track" aria-hidden="true">
              <span className="fill" style={{ width: `${Math.max(1, (saved / Math.max(largest, Number.MIN_VALUE)) * 100)}%` }} />
            </span>
          </span>
          <span className="what">
            {title} <span className="quiet small">{about}</span>
          </span>
          <span className="marks">{marks}</span>
        </summary>
        <div className="section">
          {children}
          <Arithmetic title={title} lines={lines} saved={saved} />
        </div>
      </details>
    </li>
  );
}

const Arithmetic = ({ title, lines, saved }: Pick<FindingProps, 'title' | 'lines' | 'saved'>) => (
  <Table
    label={`Arithmetic: ${title}`}
    rows={lines}
    keyOf={({ text, usd }) => `${text} ${usd}`}
    columns={[
      { name: 'How it is reckoned', isProse: true, cell: ({ text }) => text },
      { name: 'Calls', isFigure: true, cell: ({ calls }) => wholeCount(calls) },
      { name: 'Money', isFigure: true, cell: ({ usd }) => money(usd) },
    ]}
    footer={['Net', '', money(saved)]}
  />
);
