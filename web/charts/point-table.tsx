import { Table } from '../parts/table.tsx';
import type { Point } from './series-chart.tsx';

interface PointTableProps {
  readonly label: string;
  /** Name of the file that it is saved as. */
  readonly file: string;
  readonly points: readonly Point[];
  readonly names: readonly string[];
  readonly write: (value: number) => string;
  /** Stands where there is no value. */
  readonly missing: string;
}

/** What a chart over time shows, as a table: a row for each time, a column for each line. */
export function PointTable({ label, file, points, names, write, missing }: PointTableProps) {
  return (
    <Table
      label={label}
      file={file}
      rows={points}
      keyOf={({ longLabel }) => longLabel}
      columns={[
        { name: 'From', cell: ({ longLabel }) => longLabel },
        ...names.map((name, of) => ({
          name,
          isFigure: true,
          cell: ({ values }: Point) => (values[of] === null || values[of] === undefined ? missing : write(values[of])),
          value: ({ values }: Point) => values[of] ?? null,
        })),
      ]}
    />
  );
}
