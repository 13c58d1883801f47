import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApp, type App } from '../../src/app.ts';
import { completeModels } from '../../src/config/model.ts';
import { newProvider } from '../../src/config/provider.ts';
import { configSchema, type Config, type ConfigInput } from '../../src/config/schema.ts';
import type { CallRecord } from '../../src/core/record.ts';
import type { BillEntry } from '../../src/emulator/bill/bill.ts';
import { tail } from '../../src/ledger/calls.ts';
import type { BreakerState } from '../../src/stages/fallback/breaker.ts';
import type { Change } from './chart.ts';
import { send, type Answer } from './clients.ts';
import { firstByteMs, keyOf, startUpstream, type Upstream } from './upstreams.ts';

export interface RunOptions {
  readonly calls: number;
  readonly seconds: number;
  readonly resilience: NonNullable<ConfigInput['resilience']>;
}

export interface Run {
  readonly answers: readonly Answer[];
  readonly records: readonly CallRecord[];
  /** What the upstreams billed. */
  readonly billed: readonly BillEntry[];
  /** Requests of other programs at the upstreams. */
  readonly strangers: number;
  readonly changes: readonly Change[];
  readonly dead: { readonly deployment: string; readonly fromMs: number; readonly toMs: number };
  readonly totalMs: number;
}

export const names = ['north', 'south', 'west'] as const;
export const model = 'gpt-5-mini';

/** One of them is dead from and to these shares of the calls. */
const deadShares = [0.25, 0.5] as const;

/** Sends calls through a gateway to three upstreams that fail, and gathers what client, ledger and upstreams saw. */
export async function faultRun({ calls, seconds, resilience }: RunOptions): Promise<Run> {
  const upstreams = await Promise.all(names.map((name, at) => startUpstream(name, at + 1)));
  const dataDir = await mkdtemp(join(tmpdir(), 'modicum-faults-'));
  const startedMs = performance.now();
  const sinceStart = (): number => performance.now() - startedMs;
  const changes: Change[] = [];
  const app = await startApp({
    config: configOf(upstreams, dataDir, resilience),
    version: '0.0.0-bench',
    log: breakerLog(changes, sinceStart),
  });
  const dead = { deployment: `${names[0]}/${model}`, fromMs: 0, toMs: 0 };
  const before = (call: number): void => {
    if (call === Math.floor(calls * deadShares[0])) void upstreams[0]!.die().then(() => (dead.fromMs = sinceStart()));
    if (call === Math.floor(calls * deadShares[1])) void upstreams[0]!.revive().then(() => (dead.toMs = sinceStart()));
  };
  const answers = await send(app.url, { calls, seconds, before });
  const totalMs = sinceStart();
  await idle(app);
  await app.close();
  const records = tail(dataDir, { limit: calls + 1 }).map(({ record }) => record);
  await rm(dataDir, { recursive: true });
  await Promise.all(upstreams.map(({ emulator }) => emulator.close()));
  return {
    answers,
    records,
    billed: upstreams.flatMap(({ emulator }) => emulator.bill().calls),
    strangers: upstreams.reduce((sum, { strangers }) => sum + strangers(), 0),
    changes,
    dead,
    totalMs,
  };
}

function configOf(upstreams: readonly Upstream[], dataDir: string, resilience: RunOptions['resilience']): Config {
  const {
    $schema: _,
    models,
    ...parsed
  } = configSchema.parse({
    server: { port: 0 },
    models: { small: { balance: 'latency', targets: names.map((provider) => ({ provider, model })) } },
    resilience,
  });
  const providers = upstreams.map(({ name, url }) => {
    const provider = newProvider(name, { protocol: 'openai', baseUrl: `${url}/v1` }, { apiKey: keyOf(name) });
    return { ...provider, prices: 'openai', timeouts: { ...provider.timeouts, firstByteMs } };
  });
  return {
    ...parsed,
    dataDir,
    models: completeModels(models),
    providers: Object.fromEntries(providers.map((provider) => [provider.name, provider])),
  };
}

/** Keeps what the gateway says about its breakers. */
function breakerLog(changes: Change[], sinceStart: () => number) {
  const heard = (message: string): void => {
    const match = /^breaker of (\S+): \S+ -> (\S+)$/.exec(message);
    if (match) changes.push({ deployment: match[1]!, to: match[2] as BreakerState, ms: sinceStart() });
  };
  return { debug: heard, info: heard, warn: heard, error: heard };
}

/** The ledger has everything. */
async function idle(app: App): Promise<void> {
  const status = () => app.status() as { readonly inFlight: number; readonly ledger: { readonly queuedBytes: number } };
  for (let wait = 0; wait < 500 && (status().inFlight > 0 || status().ledger.queuedBytes > 0); wait += 1) await sleep(20);
}
