import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { newId } from '../src/core/id.ts';
import type { CallRecord } from '../src/core/record.ts';
import type { NanoUsd } from '../src/core/usage.ts';
import { openLedger, type Ledger } from '../src/ledger/ledger.ts';
import { report } from '../src/ledger/report.ts';

export interface LedgerCost {
  readonly recordsPerSecond: number;
  /** Encoding and handing over, on the thread that serves requests. */
  readonly mainUsPerRecord: number;
  /** All threads: journal with compression and sync, tables, garbage collection; the pacing of this bench is taken off. */
  readonly totalUsPerRecord: number;
}
export interface JournalFigures {
  readonly loads: readonly LedgerCost[];
  readonly journalBytesPerRecord: number;
  readonly tableBytesPerRecord: number;
  readonly reportMs: number;
  readonly records: number;
}

/** Time per load, after a second of warming up. */
const measureMs = 5000;
const warmUpMs = 3000;
const tickMs = 5;

export const summary = 'CPU per record of the ledger, its size on disk, and the time of a report';

/** CPU per record of the whole ledger at 2,000 and 10,000 records a second, and what a report over them takes. */
export async function run({ json }: { readonly json: boolean; readonly dataDir?: string }): Promise<JournalFigures> {
  const dir = mkdtempSync(join(tmpdir(), 'modicum-bench-'));
  try {
    const figures = await measure(dir);
    if (!json) print(figures);
    return figures;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function measure(dir: string): Promise<JournalFigures> {
  const ledger = await openLedger({ dir });
  await pace(10_000, warmUpMs, ledger);
  const loads = [await costAt(2000, ledger), await costAt(10_000, ledger)];
  await ledger.close();
  const started = performance.now();
  const { calls } = report(dir, { by: ['model'] }).totals;
  const reportMs = performance.now() - started;
  const bytes = (name: string): number => statSync(join(dir, name)).size / calls;
  return { loads, journalBytesPerRecord: bytes('journal/00000001.log'), tableBytesPerRecord: bytes('ledger.db'), reportMs, records: calls };
}

async function costAt(recordsPerSecond: number, ledger: Ledger): Promise<LedgerCost> {
  const idle = await pace(recordsPerSecond, measureMs, undefined);
  const busy = await pace(recordsPerSecond, measureMs, ledger);
  return {
    recordsPerSecond,
    mainUsPerRecord: round((busy.mainUs - idle.mainUs) / busy.records),
    totalUsPerRecord: round((busy.totalUs - idle.totalUs) / busy.records),
  };
}

const round = (value: number): number => Math.round(value * 100) / 100;

interface Paced {
  readonly records: number;
  /** CPU of this thread, and of all. */
  readonly mainUs: number;
  readonly totalUs: number;
}

const sumUs = ({ user, system }: NodeJS.CpuUsage): number => user + system;

/** Appends at a steady rate; without a ledger it only makes the records. */
async function pace(recordsPerSecond: number, ms: number, ledger: Ledger | undefined): Promise<Paced> {
  const [thread, all, started] = [process.threadCpuUsage(), process.cpuUsage(), performance.now()];
  let records = 0;
  while (records < (recordsPerSecond * ms) / 1000) {
    const due = Math.floor(((performance.now() - started) * recordsPerSecond) / 1000);
    for (; records < due; records++) {
      const record = recordOf(records);
      ledger?.append(record);
    }
    await new Promise((resolve) => void setTimeout(resolve, tickMs));
  }
  await ledger?.durable();
  return { records, mainUs: sumUs(process.threadCpuUsage(thread)), totalUs: sumUs(process.cpuUsage(all)) };
}

const models = [
  ['claude-sonnet-4-5-20250929', 'anthropic', 'anthropic.messages'],
  ['gpt-5-mini', 'openai', 'openai.chat'],
  ['gemini-3-flash', 'google', 'google.generate_content'],
] as const;

/** A record as a coding agent's call makes it: labels, cache buckets, raw usage, one attempt. */
function recordOf(index: number): CallRecord {
  const [model, provider, api] = models[index % models.length]!;
  const [input, cacheRead, cacheWrite5m, output] = [1000 + ((index * 7919) % 9000), (index * 104_729) % 20_000, (index * 31) % 4000, 50 + ((index * 13) % 1500)]; // prettier-ignore
  const at = Date.now();
  const id = newId(at);
  const buckets = { input, cacheRead, cacheWrite5m, output, reasoning: index % 500 };
  const nano = (tokens: number, rate: number) => (tokens * rate) as NanoUsd;
  const byBucket = { input: nano(input, 3000), cacheRead: nano(cacheRead, 300), cacheWrite5m: nano(cacheWrite5m, 3750), output: nano(output, 15_000), reasoning: nano(index % 500, 15_000) }; // prettier-ignore
  const total = Object.values(byBucket).reduce((sum, part) => sum + part, 0) as NanoUsd;
  const cost = { total, byBucket, status: 'exact', flags: [], priceVersion: 'genai-prices-2026-11-20+3' } as const;
  const raw = `{"input_tokens":${input},"cache_creation_input_tokens":${cacheWrite5m},"cache_read_input_tokens":${cacheRead},"cache_creation":{"ephemeral_5m_input_tokens":${cacheWrite5m},"ephemeral_1h_input_tokens":0},"output_tokens":${output},"service_tier":"standard"}`;
  const feature = index % 17;
  return {
    type: 'call',
    id,
    at,
    api,
    operation: 'chat',
    labels: { app: `app-${feature % 5}`, feature: `feature-${feature}`, user: `user-${index % 997}`, session: `session-${Math.floor(index / 20)}`, client: 'claude-cli' }, // prettier-ignore
    key: `key_${index % 23}`,
    requestModel: model,
    model,
    provider,
    hosting: 'api',
    stream: true,
    outcome: index % 50 === 0 ? 'failed' : 'ok',
    status: index % 50 === 0 ? 502 : 200,
    finishReason: 'stop',
    buckets,
    usageSource: 'provider',
    flags: [],
    cost,
    attempts: [{ provider, hosting: 'api', requestModel: model, model, responseId: `msg_01${id.slice(0, 18)}`, status: 200, outcome: 'ok', finishReason: 'stop', usage: { buckets, source: 'provider', flags: [], raw }, served: { serviceTier: 'standard' }, cost, at: at + 1, timeToFirstByteMs: 312.4 + (index % 100), durationMs: 2212.7 + (index % 1000) }], // prettier-ignore
    parts: { system: 500, tools: 300, history: input >> 1, user: input >> 1 },
    durationMs: 2214.1 + (index % 1000),
    timeToFirstByteMs: 314.2,
    gatewayMs: 0.31,
    requestBytes: 20_341 + (index % 1000),
    replyBytes: 9120 + (index % 999),
  };
}

function print({ loads, journalBytesPerRecord, tableBytesPerRecord, reportMs, records }: JournalFigures): void {
  for (const { recordsPerSecond, mainUsPerRecord, totalUsPerRecord } of loads)
    console.log(`${recordsPerSecond} records/s: ${mainUsPerRecord} us a record on the main thread, ${totalUsPerRecord} us in all threads`);
  console.log(`${Math.round(journalBytesPerRecord)} bytes a record in the journal, ${Math.round(tableBytesPerRecord)} in the tables`);
  console.log(`a report by model over ${records} calls: ${Math.round(reportMs)} ms`);
}
