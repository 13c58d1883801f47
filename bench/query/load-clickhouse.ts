import { callRow, writtenNames } from '../../src/ledger/clickhouse/columns.ts';
import type { ClickHouse } from '../../src/ledger/clickhouse/client.ts';
import { callTable, makeTables } from '../../src/ledger/clickhouse/schema.ts';
import { decodeIndex, encodeLine, type CallIndex } from '../../src/ledger/line.ts';
import { recordMaker } from './load.ts';

interface LoadedClickHouse {
  readonly insertSeconds: number;
  readonly rowBytes: number;
  readonly rollupBytes: number;
  readonly bytesPerRecord: number;
  readonly rollupRows: number;
}

/** As the spool sends them while it catches up. */
const batchRecords = 20_000;

/** Fills the table as the spool does, from where a former run was; then lets the server merge what it wants to. */
export async function loadClickHouse(
  clickhouse: ClickHouse,
  count: number,
  progress: (line: string) => void,
): Promise<Partial<LoadedClickHouse>> {
  await makeTables(clickhouse);
  const [there] = await clickhouse.rows(`SELECT count() FROM ${callTable(clickhouse.database)}`);
  const begin = Number(there![0]);
  if (begin >= count) return sizes(clickhouse, count);
  const made = recordMaker(count);
  let insertMs = 0;
  for (let index = begin; index < count; index += batchRecords) {
    const lines = Array.from({ length: Math.min(batchRecords, count - index) }, (_, offset) => encodeLine(made(index + offset)));
    const started = performance.now();
    const rows = lines.map((line) => callRow(decodeIndex(line) as CallIndex));
    await clickhouse.insert('call', writtenNames, rows, `bench:${index}`);
    insertMs += performance.now() - started;
    if ((index + batchRecords) % 1_000_000 === 0) progress(`${(index + batchRecords) / 1_000_000} M records`);
  }
  await merged(clickhouse);
  return { ...(begin === 0 && { insertSeconds: Math.round(insertMs / 1000) }), ...(await sizes(clickhouse, count)) };
}

const leastWaitMs = 1000;

async function merged(clickhouse: ClickHouse): Promise<void> {
  for (let running = 1; running > 0;) {
    await new Promise((resolve) => setTimeout(resolve, leastWaitMs));
    const [row] = await clickhouse.rows('SELECT count() FROM system.merges');
    running = Number(row![0]);
  }
}

async function sizes(clickhouse: ClickHouse, count: number): Promise<Omit<LoadedClickHouse, 'insertSeconds'>> {
  const sums = async (table: string, column: string): Promise<number> => {
    const where = `database = '${clickhouse.database}' AND table = 'call' AND active`;
    const [row] = await clickhouse.rows(`SELECT sum(${column}) FROM system.${table} WHERE ${where}`);
    return Number(row![0]);
  };
  const all = await sums('parts', 'bytes_on_disk'); // projections included
  const rollupBytes = await sums('projection_parts', 'bytes_on_disk');
  return {
    rowBytes: all - rollupBytes,
    rollupBytes,
    bytesPerRecord: Math.round(all / count),
    rollupRows: await sums('projection_parts', 'rows'),
  };
}
