import type { Series } from './series-chart.tsx';

export function Legend({ series }: { readonly series: readonly Series[] }) {
  return (
    <ul className="legend">
      {series.map(({ name, color }) => (
        <li key={name}>
          <span className="swatch" style={{ background: color }} />
          {name}
        </li>
      ))}
    </ul>
  );
}

/** Colours of values that have no meaning of their own. */
export const seriesColor = (at: number): string => `var(--series-${at % 8})`;
