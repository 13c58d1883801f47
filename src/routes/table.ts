/** What is known of one model at one kind of task, from evaluations. */
export interface TableRow {
  readonly task: string;
  readonly model: string;
  /** On whatever scale, the same in the whole table; higher is better. */
  readonly quality: number;
  /** In whatever unit, the same in the whole table. */
  readonly cost: number;
}

/** Rows of one table at most. */
export const maxTableRows = 10_000;
/** Bytes of a table's file at most. */
export const maxTableBytes = 1024 * 1024;

/** The cheapest model whose quality at a task is at least `minQuality`; of equally cheap ones the best. `undefined`: none is good enough. */
export function cheapestAbove(rows: readonly TableRow[], task: string, minQuality: number): TableRow | undefined {
  const able = rows.filter((row) => row.task === task && row.quality >= minQuality);
  return able.toSorted((one, other) => one.cost - other.cost || other.quality - one.quality)[0];
}

const fields = ['task', 'model', 'quality', 'cost'] as const;

/** A table of a file: JSON, a list of rows, or CSV with a head line. Further columns are not read. @throws {Error} that says what is wrong where */
export function parseTable(text: string): readonly TableRow[] {
  const records = text.trimStart().startsWith('[') ? jsonRecords(text) : csvRecords(text);
  if (records.length === 0) throw new Error('has no rows');
  if (records.length > maxTableRows) throw new Error(`has more than ${maxTableRows} rows`);
  return records.map((record, index) => rowOf(record, `row ${index + 1}`));
}

type Fields = Readonly<Record<string, unknown>>;

function jsonRecords(text: string): readonly Fields[] {
  const parsed = JSON.parse(text) as readonly unknown[];
  return parsed.map((row, index) => {
    if (typeof row !== 'object' || row === null || Array.isArray(row)) throw new Error(`row ${index + 1} is no object`);
    return row as Fields;
  });
}

function csvRecords(text: string): readonly Fields[] {
  const [head = [], ...lines] = text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map(cellsOf);
  for (const field of fields) if (!head.includes(field)) throw new Error(`has no column "${field}"`);
  return lines.map((cells) => Object.fromEntries(head.map((name, index) => [name, cells[index] ?? ''])));
}

/** Cells of one line; a cell in quotes may hold commas, and quotes written twice. */
const cellsOf = (line: string): readonly string[] =>
  [...line.matchAll(/(?:^|,)\s*(?:"((?:[^"]|"")*)"|([^,]*))/g)].map(([, quoted, plain = '']) =>
    quoted === undefined ? plain.trim() : quoted.replaceAll('""', '"'),
  );

function rowOf(record: Fields, where: string): TableRow {
  const { task, model } = record;
  if (typeof task !== 'string' || task === '') throw new Error(`${where} has no task`);
  if (typeof model !== 'string' || model === '') throw new Error(`${where} has no model`);
  return { task, model, quality: numberOf(record, 'quality', where), cost: numberOf(record, 'cost', where) };
}

function numberOf(record: Fields, field: 'quality' | 'cost', where: string): number {
  const value = record[field];
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
  if (typeof number !== 'number' || !Number.isFinite(number) || number < 0) throw new Error(`${where}: ${field} is no number of 0 or more`);
  return number;
}
