import type { Series } from './series-chart.tsx';

interface LegendProps {
  readonly series: readonly Series[];
  /** What a mark over the chart says. */
  readonly mark?: string | undefined;
}

export function Legend({ series, mark }: LegendProps) {
  return (
    <ul className="legend">
      {series.map(({ name, color }) => (
        <li key={name}>
          <span className="swatch" style={{ background: color }} />
          {name}
        </li>
      ))}
      {mark !== undefined && (
        <li>
          <svg className="swatch-mark" width={10} height={8} aria-hidden="true">
            <path d="M0 0h10l-5 8z" fill="var(--bad)" />
          </svg>
          {mark}
        </li>
      )}
    </ul>
  );
}

/** Colours of values that have no meaning of their own. */
export const seriesColor = (at: number): string => `var(--series-${at % 8})`;
