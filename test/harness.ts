import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { startApp, type App } from '../src/app.ts';
import { completeModels } from '../src/config/model.ts';
import { newProvider } from '../src/config/provider.ts';
import { configSchema, type Config, type ConfigInput, type ProviderConfig } from '../src/config/schema.ts';
import type { Family } from '../src/core/api.ts';
import type { CallRecord } from '../src/core/record.ts';
import type { Buckets } from '../src/core/usage.ts';
import type { Bill, BillEntry } from '../src/emulator/bill/bill.ts';
import { createEmulator, type Emulator } from '../src/emulator/emulator.ts';
import type { EmulatorOptions } from '../src/emulator/options.ts';
import { tail } from '../src/ledger/calls.ts';
import { report, type Report } from '../src/ledger/report.ts';

/** The key the gateway sends in the client's place. */
export const providerKey = 'sk-of-the-gateway';
/** What a test that waits for something waits at most before it fails. */
export const patienceMs = 20_000;

/** Where a test may hang its clean-up. */
export interface Cleanup {
  after(done: () => void | Promise<void>): void;
}

export interface ProviderSpec {
  readonly name: string;
  readonly protocol: Family;
  readonly baseUrl: string;
  readonly apiKey?: string;
  readonly models?: readonly string[];
  readonly timeouts?: Partial<ProviderConfig['timeouts']>;
  readonly prices?: string;
  readonly dialect?: Partial<ProviderConfig['dialect']>;
  readonly connections?: number;
  readonly apiKeys?: readonly string[];
  readonly apis?: ProviderConfig['apis'];
  readonly limit?: Partial<Pick<ProviderConfig, 'maxConcurrent' | 'maxQueued' | 'queueTimeoutMs'>>;
  readonly cloud?: Pick<ProviderConfig, 'hosting'> &
    Partial<Pick<ProviderConfig, 'auth' | 'paths' | 'apiVersion' | 'region' | 'awsKeys' | 'googleKeyFile'>>;
}

export interface GatewayOptions {
  readonly providers: readonly ProviderSpec[];
  readonly dataDir: string;
  readonly config?: Partial<ConfigInput>;
}

/** A configuration as loading a file would make it. */
export function configOf({ providers, dataDir, config = {} }: GatewayOptions): Config {
  const {
    $schema: _,
    providers: __,
    models,
    ...parsed
  } = configSchema.parse({
    ...config,
    server: { port: 0, ...config.server },
    dataDir,
  });
  return {
    ...parsed,
    dataDir,
    providers: Object.fromEntries(providers.map((spec) => [spec.name, providerOf(spec)])),
    models: completeModels(models),
  };
}

function providerOf({
  name,
  protocol,
  baseUrl,
  models,
  apiKey,
  timeouts,
  prices,
  dialect,
  connections,
  apiKeys,
  apis,
  limit,
  cloud,
}: ProviderSpec): ProviderConfig {
  const provider = newProvider(name, { protocol, baseUrl, ...(models && { models }) }, { apiKey });
  return {
    ...provider,
    timeouts: { ...provider.timeouts, ...timeouts },
    dialect: { ...provider.dialect, ...dialect },
    ...(prices !== undefined && { prices }),
    ...(connections !== undefined && { connections }),
    ...(apiKeys && { apiKeys, apiKey: apiKeys[0] }),
    ...(apis && { apis }),
    ...limit,
    ...cloud,
  };
}

/** What the gateway says of itself. A test that expects none of it fails on a line of level `error`. */
export interface LogLine {
  readonly level: string;
  readonly message: string;
  readonly fields: unknown;
}

export interface Gateway {
  readonly app: App;
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly dataDir: string;
  readonly log: readonly LogLine[];
  /** Waits until at least `count` records are on disk and nothing is under way; returns all of them, oldest first. */
  records(count: number): Promise<readonly CallRecord[]>;
  report(by: readonly string[]): Report;
  close(): Promise<void>;
}

export async function startGateway(t: Cleanup, options: Omit<GatewayOptions, 'dataDir'> & { readonly dataDir?: string }): Promise<Gateway> {
  const dataDir = options.dataDir ?? (await mkdtemp(join(tmpdir(), 'modicum-test-')));
  const lines: LogLine[] = [];
  const say =
    (level: string) =>
    (message: string, fields?: unknown): void =>
      void lines.push({ level, message, fields });
  const log = { debug: say('debug'), info: say('info'), warn: say('warn'), error: say('error') };
  const app = await startApp({ config: configOf({ ...options, dataDir }), version: '0.0.0-test', log });
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => (closing ??= app.close());
  usersOf.get(dataDir)?.push(close);
  t.after(async () => {
    await close();
    if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true });
  });
  return {
    app,
    url: app.url,
    dataDir,
    log: lines,
    records: (count) => recordsOf(app, dataDir, count),
    report: (by) => report(dataDir, { by }),
    close,
  };
}

interface Status {
  readonly inFlight: number;
  readonly ledger: { readonly appended: number; readonly dropped: number; readonly queuedBytes: number };
}
export const statusOf = (app: App): Status => app.status() as unknown as Status;

async function recordsOf(app: App, dataDir: string, count: number): Promise<readonly CallRecord[]> {
  let records: readonly CallRecord[] = [];
  const idle = (): boolean => {
    const { inFlight, ledger } = statusOf(app);
    if (inFlight > 0 || ledger.appended < count || ledger.queuedBytes > 0) return false;
    records = tail(dataDir, { limit: 1_000_000 }).map(({ record }) => record);
    return records.length >= count; // the ledger counts events of other kinds too
  };
  await until(idle, () => `${count} records on disk and nothing in flight; now ${JSON.stringify(statusOf(app))}`);
  return records;
}

/** Waits for a condition. @throws {Error} when it does not come true. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  what: string | (() => string),
  limitMs = patienceMs,
): Promise<void> {
  const start = performance.now();
  while (!(await condition())) {
    if (performance.now() - start > limitMs) throw new Error(`waited in vain for: ${typeof what === 'string' ? what : what()}`);
    await sleep(5);
  }
}

/** By folder: what closes the gateways that write into it. */
const usersOf = new Map<string, (() => Promise<void>)[]>();

/** Removed when the test is over. Hooks run in the order they were set, so that gateways in it, which came later, are closed here first. */
export async function temporaryFolder(t: Cleanup): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'modicum-test-'));
  usersOf.set(folder, []);
  t.after(async () => {
    for (const close of usersOf.get(folder)!) await close();
    usersOf.delete(folder);
    await rm(folder, { recursive: true, force: true });
  });
  return folder;
}

/** A request as the provider received it. Headers: lower-case names. */
export interface SeenRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly rawHeaders: readonly string[];
}

/** A gateway in front of an emulator of all three vendors. */
export interface Stand extends Gateway {
  readonly emulator: Emulator;
  readonly emulatorUrl: string;
  /** What reached the emulator, oldest first. */
  readonly seen: readonly SeenRequest[];
}

export interface StandOptions {
  readonly emulator?: EmulatorOptions;
  readonly config?: Partial<ConfigInput>;
  /** `undefined` as a key passes the client's own credentials on. */
  readonly apiKey?: string | undefined;
  readonly timeouts?: Partial<ProviderConfig['timeouts']>;
  readonly connections?: number;
  readonly more?: (emulatorUrl: string) => readonly ProviderSpec[];
}

export async function startStand(t: Cleanup, options: StandOptions = {}): Promise<Stand> {
  const emulator = createEmulator(options.emulator ?? {});
  const { url: emulatorUrl } = await emulator.listen();
  t.after(() => emulator.close());
  const seen: SeenRequest[] = [];
  emulator.server.prependListener('request', ({ method = '', url = '', headers, rawHeaders }: IncomingMessage) => {
    seen.push({ method, url, headers: { ...headers }, rawHeaders: [...rawHeaders] });
  });
  const providers = [...vendorsAt(emulatorUrl, options), ...(options.more?.(emulatorUrl) ?? [])];
  const { config } = options;
  const gateway = await startGateway(t, { providers, ...(config && { config }) });
  return { ...gateway, emulator, emulatorUrl, seen };
}

/** One stand for all tests of a file or suite: asked for inside a test. */
export function sharedStand(options: StandOptions = {}): () => Stand {
  let stand: Stand | undefined;
  const clean: (() => void | Promise<void>)[] = [];
  before(async () => {
    stand = await startStand({ after: (done) => void clean.unshift(done) }, options);
  });
  after(async () => {
    for (const done of clean) await done();
  });
  return () => stand!;
}

/** The three vendors, all served by the emulator. */
export function vendorsAt(
  url: string,
  { timeouts, connections, ...rest }: Pick<StandOptions, 'apiKey' | 'timeouts' | 'connections'>,
): readonly ProviderSpec[] {
  const apiKey = 'apiKey' in rest ? rest.apiKey : providerKey;
  const common = {
    ...(apiKey !== undefined && { apiKey }),
    ...(timeouts && { timeouts }),
    ...(connections !== undefined && { connections }),
  };
  return [
    { name: 'openai', protocol: 'openai', baseUrl: `${url}/v1`, ...common },
    { name: 'anthropic', protocol: 'anthropic', baseUrl: url, ...common },
    { name: 'google', protocol: 'google', baseUrl: url, ...common },
  ];
}

/** Buckets that hold something: absent and 0 are the same. */
export const filled = (buckets: Buckets): Readonly<Record<string, number | null>> =>
  Object.fromEntries(Object.entries(buckets).filter(([, count]) => count !== 0 && count !== undefined));

/** The record says what the provider billed: model, every bucket, and the cost to the nano-dollar. */
export function assertBilled(record: CallRecord, entry: BillEntry): void {
  assert.deepEqual(
    { model: record.model, buckets: filled(record.buckets), cost: record.cost.total, source: record.usageSource, outcome: record.outcome },
    {
      model: entry.model,
      buckets: filled(entry.buckets),
      cost: entry.costNanoUsd === null ? null : Number(entry.costNanoUsd),
      source: 'provider',
      outcome: 'ok',
    },
  );
  assert.notEqual(record.cost.total, null, 'a price is known');
  assert.deepEqual(
    record.flags.filter((flag) => /estimated|lower_bound|unpriced|observer/.test(flag)),
    [],
  );
  assert.equal(record.attempts.length, 1);
  const parts = Object.values(record.parts ?? {}).reduce((sum, tokens) => sum + tokens, 0);
  if (record.parts) assert.equal(parts, inputOf(entry.buckets), 'the parts of the prompt sum to its tokens');
}

export const inputOf = (buckets: Buckets): number =>
  Object.entries(buckets).reduce((sum, [name, count]) => (/^(input|cache)/.test(name) ? sum + (count ?? 0) : sum), 0);
export const outputOf = (buckets: Buckets): number => (buckets.output ?? 0) + (buckets.reasoning ?? 0);

/** Records and the provider's own bill agree call by call, matched by the provider's response id, and in total. */
export function assertSameAsBill(records: readonly CallRecord[], bill: Bill): void {
  const billed = records.filter(({ operation }) => operation !== 'count_tokens');
  assert.equal(billed.length, bill.calls.length, 'as many records as billed calls');
  const byId = new Map(bill.calls.map((entry) => [entry.responseId, entry]));
  for (const [index, record] of billed.entries())
    assertBilled(record, byId.get(record.attempts[0]?.responseId ?? '') ?? bill.calls[index]!);
  const total = billed.reduce((sum, { cost }) => sum + BigInt(cost.total!), 0n);
  assert.equal(total, bill.totals.costNanoUsd);
}

/** Nothing of ours reaches a provider, and each call reached it once. */
export function assertCleanUpstream(seen: readonly SeenRequest[]): void {
  for (const { rawHeaders, url } of seen) {
    const ours = rawHeaders.filter((name, at) => at % 2 === 0 && /^(x-modicum-|helicone-)/i.test(name));
    assert.deepEqual(ours, [], url);
    assert.doesNotMatch(url, /^\/c\//, 'the app prefix is taken off');
  }
}
