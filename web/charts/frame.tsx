import { useState, type ReactNode } from 'react';
import { Section } from '../parts/page.tsx';

interface FrameProps {
  readonly title: string;
  /** The chart in a sentence. */
  readonly summary: string;
  readonly legend?: ReactNode;
  readonly aside?: ReactNode;
  /** The same figures as a table. */
  readonly table: ReactNode;
  readonly children: ReactNode;
}

/** A chart with its twin, a table, and its summary in words. */
export function ChartFrame({ title, summary, legend, aside, table, children }: FrameProps) {
  const [asTable, setAsTable] = useState(false);
  return (
    <Section
      title={title}
      aside={
        <>
          {aside}
          <button type="button" className="button plain small" aria-pressed={asTable} onClick={() => setAsTable(!asTable)}>
            {asTable ? 'Show the chart' : 'Show as table'}
          </button>
        </>
      }
    >
      <p className="quiet small">{summary}</p>
      {asTable ? table : children}
      {!asTable && legend}
    </Section>
  );
}
