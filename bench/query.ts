import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { QueryEngine } from '../src/analytics/query.ts';
import { clickHouseEngine } from '../src/ledger/clickhouse/source.ts';
import { openChdb } from '../src/ledger/clickhouse/testing.ts';
import { ledgerPath } from '../src/ledger/database.ts';
import { createReader } from '../src/ledger/query/reader.ts';
import { judge, type BenchOptions, type Figures } from './bench.ts';
import { loadClickHouse } from './query/load-clickhouse.ts';
import { load } from './query/load.ts';
import { questions, slowQuestions } from './query/questions.ts';

export const summary =
  'Load, size and time of queries with rollups: --records N, default 1,000,000; --engine sqlite|clickhouse; --keep DIR keeps what was loaded';

const rounds = 7;
const timeoutMs = 600_000;
const goalMs = 300;

interface Store {
  readonly engine: Pick<QueryEngine, 'answer' | 'close'>;
  /** What loading took, and the room it takes. */
  readonly loaded: object;
}

/** Asks what the dashboard asks of a store of many records: of SQLite through the reader's thread as a gateway does, of ClickHouse in this process. */
export async function run({ args, progress }: BenchOptions): Promise<Figures> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      records: { type: 'string', default: '1000000' },
      engine: { type: 'string', default: 'sqlite' },
      keep: { type: 'string' },
    },
  });
  const records = Number(values.records);
  const dir = values.keep ?? mkdtempSync(join(tmpdir(), 'modicum-bench-'));
  const open = values.engine === 'clickhouse' ? openClickHouse : openSqlite;
  const { engine, loaded } = await open(dir, records, progress);
  try {
    return { engine: values.engine, records, ...loaded, ...(await judged(engine, records)) };
  } finally {
    await engine.close();
    if (values.keep === undefined) rmSync(dir, { recursive: true, force: true });
  }
}

/** A folder given by name is kept, and not filled twice. */
async function openSqlite(dir: string, records: number, progress: BenchOptions['progress']): Promise<Store> {
  const loaded = existsSync(ledgerPath(dir)) ? {} : load(dir, records, progress);
  return { engine: createReader(dir, { maxWaiting: 1, timeoutMs }), loaded };
}

async function openClickHouse(dir: string, records: number, progress: BenchOptions['progress']): Promise<Store> {
  const clickhouse = await openChdb(join(dir, 'clickhouse'));
  const loaded = await loadClickHouse(clickhouse, records, progress);
  return { engine: { answer: (query) => clickHouseEngine(clickhouse).answer(query), close: () => clickhouse.close() }, loaded };
}

async function judged(engine: Store['engine'], records: number): Promise<Figures> {
  const answer = async (query: Asked): Promise<void> => void (await engine.answer(query));
  const times = await measured(questions, answer, rounds);
  const slow = await measured(slowQuestions, answer, 2);
  const all = Object.values(times.wall).flat();
  return {
    medianMs: medians(times.wall),
    medianCpuMs: medians(times.cpu),
    outsideTheGoalMs: medians(slow.wall),
    p50Ms: at(all, 0.5),
    p95Ms: at(all, 0.95),
    p95CpuMs: at(Object.values(times.cpu).flat(), 0.95),
    goals: [judge({ name: `p95 of the dashboard's queries at ${records} records`, value: at(all, 0.95), unit: 'ms', max: goalMs })],
  };
}

type Asked = (typeof questions)[string];

interface Took {
  readonly wall: Record<string, number[]>;
  /** Of all threads: what a query takes when nobody else wants the cores. */
  readonly cpu: Record<string, number[]>;
}

async function measured(asked: typeof questions, answer: (query: Asked) => Promise<void>, times: number): Promise<Took> {
  const took: Took = { wall: {}, cpu: {} };
  for (let round = 0; round < times; round++)
    for (const [name, query] of Object.entries(asked)) {
      const [started, cpu] = [performance.now(), process.cpuUsage()];
      await answer(query);
      (took.wall[name] ??= []).push(performance.now() - started);
      const { user, system } = process.cpuUsage(cpu);
      (took.cpu[name] ??= []).push((user + system) / 1000);
    }
  return took;
}

function at(times: readonly number[], share: number): number {
  const sorted = [...times].sort((left, right) => left - right);
  return Math.round(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)]! * 10) / 10;
}

const medians = (times: Readonly<Record<string, readonly number[]>>): Record<string, number> =>
  Object.fromEntries(Object.entries(times).map(([name, took]) => [name, at(took, 0.5)]));
