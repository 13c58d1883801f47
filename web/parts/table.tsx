import { useState, type ReactNode } from 'react';
import { download, csvOf } from './csv.ts';

export interface Column<Row> {
  readonly name: string;
  readonly cell: (row: Row) => ReactNode;
  /** A figure is set to the right, and sorted by. */
  readonly value?: (row: Row) => number | string | null;
  /** For the file; `cell` of a text column is one already. */
  readonly text?: (row: Row) => string;
  readonly isFigure?: boolean;
  /** Sentences: they take several lines rather than being cut. */
  readonly isProse?: boolean;
}

interface TableProps<Row> {
  readonly label: string;
  readonly columns: readonly Column<Row>[];
  readonly rows: readonly Row[];
  readonly keyOf: (row: Row) => string;
  readonly footer?: readonly ReactNode[];
  /** Name of the file; without it there is none to load. */
  readonly file?: string;
}

interface Order {
  readonly at: number;
  readonly descending: boolean;
}

/** Rows of 32 px, figures to the right, sorted by a click on the head. */
export function Table<Row>({ label, columns, rows, keyOf, footer, file }: TableProps<Row>) {
  const [order, setOrder] = useState<Order>();
  const sorted = order ? inOrder(rows, columns[order.at]!, order.descending) : rows;
  return (
    <>
      <div className="table-frame" role="region" aria-label={label} tabIndex={0}>
        <table className="table">
          <thead>
            <tr>
              {columns.map((column, at) => (
                <Head
                  key={column.name}
                  column={column}
                  order={order?.at === at ? order : undefined}
                  onSort={() => setOrder(turned(order, at))}
                />
              ))}
            </tr>
          </thead>
          <tbody>
            {sorted.map((row) => (
              <tr key={keyOf(row)}>
                {columns.map(({ name, cell, isFigure, isProse }) => (
                  <td key={name} className={isFigure ? 'figure' : isProse ? 'prose' : 'long'}>
                    {cell(row)}
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
          {footer && (
            <tfoot>
              <tr>
                {footer.map((cell, at) => (
                  <td key={columns[at]!.name} className={columns[at]!.isFigure ? 'figure' : undefined}>
                    {cell}
                  </td>
                ))}
              </tr>
            </tfoot>
          )}
        </table>
      </div>
      {file !== undefined && rows.length > 0 && (
        <div>
          <button
            type="button"
            className="button plain small save"
            onClick={() => download(`${file}.csv`, csvOf(tableOf(columns, sorted)))}
          >
            Save as CSV
          </button>
        </div>
      )}
    </>
  );
}

interface HeadProps<Row> {
  readonly column: Column<Row>;
  readonly order: Order | undefined;
  readonly onSort: () => void;
}

function Head<Row>({ column: { name, value, isFigure }, order, onSort }: HeadProps<Row>) {
  const sort = order && (order.descending ? 'descending' : 'ascending');
  return (
    <th scope="col" className={isFigure ? 'figure' : undefined} aria-sort={sort}>
      {value ? (
        <button type="button" onClick={onSort}>
          {name}
          {sort && (sort === 'descending' ? ' ↓' : ' ↑')}
        </button>
      ) : (
        name
      )}
    </th>
  );
}

const turned = (order: Order | undefined, at: number): Order => ({ at, descending: order?.at === at ? !order.descending : true });

function inOrder<Row>(rows: readonly Row[], { value }: Column<Row>, descending: boolean): readonly Row[] {
  const sign = descending ? -1 : 1;
  return rows.toSorted((left, right) => sign * compared(value!(left), value!(right)));
}

/** What is unknown comes last of the most. */
function compared(left: number | string | null, right: number | string | null): number {
  if (left === null || right === null) return left === right ? 0 : left === null ? -1 : 1;
  return typeof left === 'number' && typeof right === 'number' ? left - right : String(left).localeCompare(String(right));
}

function tableOf<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): readonly (readonly string[])[] {
  const cellText = ({ text, value, cell }: Column<Row>, row: Row): string => {
    if (text) return text(row);
    const given = value ? value(row) : cell(row);
    return given === null || given === undefined || typeof given === 'object' ? '' : String(given);
  };
  return [columns.map(({ name }) => name), ...rows.map((row) => columns.map((column) => cellText(column, row)))];
}
