import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { createReader } from '../src/ledger/query/reader.ts';
import { judge, type BenchOptions, type Figures } from './bench.ts';
import { load } from './query/load.ts';
import { questions, slowQuestions } from './query/questions.ts';

export const summary = 'Load, size and time of queries of a ledger with rollups: --records N, default 1,000,000';

const rounds = 7;
const timeoutMs = 600_000;
const goalMs = 300;

/** Asks what the dashboard asks of a ledger of many records, through the reader's thread as a gateway does. */
export async function run({ args, progress }: BenchOptions): Promise<Figures> {
  const { values } = parseArgs({ args: [...args], options: { records: { type: 'string', default: '1000000' } } });
  const records = Number(values.records);
  const dir = mkdtempSync(join(tmpdir(), 'modicum-bench-'));
  const reader = createReader(dir, { maxWaiting: 1, timeoutMs });
  try {
    const loaded = load(dir, records, progress);
    const times = await measured(questions, async (query) => void (await reader.answer(query)), rounds);
    const slow = await measured(slowQuestions, async (query) => void (await reader.answer(query)), 2);
    const all = Object.values(times.wall).flat();
    return {
      records,
      ...loaded,
      medianMs: medians(times.wall),
      medianCpuMs: medians(times.cpu),
      outsideTheGoalMs: medians(slow.wall),
      p50Ms: at(all, 0.5),
      p95Ms: at(all, 0.95),
      p95CpuMs: at(Object.values(times.cpu).flat(), 0.95),
      goals: [judge({ name: `p95 of the dashboard's queries at ${records} records`, value: at(all, 0.95), unit: 'ms', max: goalMs })],
    };
  } finally {
    await reader.close();
    rmSync(dir, { recursive: true, force: true });
  }
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
