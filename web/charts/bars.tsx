import type { ReactNode } from 'react';
import { Link } from '../parts/link.tsx';

export interface Bar {
  readonly name: string;
  readonly value: number;
  readonly text: ReactNode;
  readonly href?: string;
  readonly color?: string;
}

interface BarsProps {
  readonly label: string;
  readonly bars: readonly Bar[];
  /** Names are sentences. */
  readonly isWordy?: boolean;
}

/** One row a value, the longest fills the width. The figures stand beside them, so the bars need no axis. */
export function Bars({ label, bars, isWordy = false }: BarsProps) {
  const largest = Math.max(...bars.map(({ value }) => Math.abs(value)), Number.MIN_VALUE);
  return (
    <ul className={isWordy ? 'bars wordy' : 'bars'} aria-label={label}>
      {bars.map(({ name, value, text, href, color }) => (
        <li key={name}>
          <span className="name" title={name}>
            {href === undefined ? name : <Link href={href}>{name}</Link>}
          </span>
          <span className="track" aria-hidden="true">
            <span
              className="fill"
              style={{
                display: 'block',
                width: `${(Math.abs(value) / largest) * 100}%`,
                ...(color !== undefined && { background: color }),
              }}
            />
          </span>
          <span className="value">{text}</span>
        </li>
      ))}
    </ul>
  );
}
