import type { QueryRow } from '../../src/analytics/query.ts';
import { dimensionName, measureNames, written } from '../api/measures.ts';
import { kept } from '../state/explore.ts';
import { byText, type ExploreView } from '../state/explore-choice.ts';
import { usePlace } from '../state/location.ts';
import { narrowed } from './explore-rows.tsx';
import { Link } from './link.tsx';
import { Section } from './page.tsx';
import { Table } from './table.tsx';

/** Columns at most; what is less stands in the rows below. */
const maxColumns = 8;

interface Line {
  readonly key: string | null;
  readonly cells: ReadonlyMap<string | null, QueryRow>;
}

/** Two dimensions at once: the first downward, the second to the right, the largest first. */
export function CrossTable({ view, rows }: { readonly view: ExploreView; readonly rows: readonly QueryRow[] }) {
  const { search } = usePlace();
  const { measure, by } = view;
  const columns = [...new Set(rows.map(({ keys }) => keys[1] ?? null))].slice(0, maxColumns);
  return (
    <Section title={`${measureNames[measure].label} by ${byText(view)}`}>
      <Table
        label="Cross table"
        file={`${measure}-${by.join('-')}-cross`}
        rows={linesOf(rows)}
        keyOf={({ key }) => key ?? ''}
        columns={[
          { name: dimensionName(by[0]!), cell: ({ key }) => key ?? 'not set', value: ({ key }) => key ?? '' },
          ...columns.map((column) => ({
            name: column ?? 'not set',
            isFigure: true,
            cell: ({ key, cells }: Line) => {
              const value = cells.get(column)?.values[0];
              if (value === undefined) return '';
              return <Link href={`/ui/calls${narrowed(kept(search), by, [key, column])}`}>{written(measure, value)}</Link>;
            },
            value: ({ cells }: Line) => Number(cells.get(column)?.values[0] ?? 0),
          })),
        ]}
      />
    </Section>
  );
}

function linesOf(rows: readonly QueryRow[]): readonly Line[] {
  const lines = new Map<string | null, Map<string | null, QueryRow>>();
  for (const row of rows) {
    const [key = null, column = null] = row.keys;
    const cells = lines.get(key) ?? new Map<string | null, QueryRow>();
    lines.set(key, cells.set(column, row));
  }
  return [...lines].map(([key, cells]) => ({ key, cells }));
}
