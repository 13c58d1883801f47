import { randomBytes } from 'node:crypto';
import type { Batch, StoredFile } from './batches/batch.ts';
import { emulatorCredentials, type CloudCredentials } from './clouds/check.ts';
import { Ledger } from './bill/bill.ts';
import { catalogRates, exactRates } from './bill/rates.ts';
import { PromptCache } from './cache/prompt-cache.ts';
import { faultChooser, type FaultChooser } from './faults.ts';
import { Memory } from './memory.ts';
import { defaults, type EmulatorOptions, type Pacing } from './options.ts';
import { scriptMax, type ScriptedReply } from './reply/script.ts';
import type { JsonObject } from '../core/json.ts';

/** Everything one emulator knows while it runs. */
export interface EmulatorState {
  readonly now: () => number;
  readonly pacing: Pacing;
  readonly chooseFault: FaultChooser;
  readonly seed: number;
  readonly compress: boolean;
  readonly aliases: Readonly<Record<string, string>>;
  readonly models: readonly string[];
  readonly stallMs: number;
  readonly batchMs: number;
  readonly cloudCredentials: CloudCredentials;
  readonly bodyBytesMax: number;
  readonly batches: Memory<Batch>;
  readonly files: Memory<StoredFile>;
  readonly ledger: Ledger;
  readonly cache: PromptCache;
  readonly scripts: Memory<ScriptedReply>;
  /** Items of earlier responses, for `previous_response_id`. */
  readonly responses: Memory<readonly JsonObject[]>;
  /** A new response id with this prefix. */
  readonly newId: (prefix: string) => string;
  /** Number of the next generating call, from 0. */
  readonly nextCall: () => number;
}

export const responsesKeptMax = 1000;
/** Batches, and files, kept at most. */
export const batchesKeptMax = 1000;

export function createState(options: EmulatorOptions): EmulatorState {
  const now = options.now ?? Date.now;
  const origin = randomBytes(4).toString('hex');
  let ids = 0;
  let calls = 0;
  return {
    now,
    pacing: { ...defaults.pacing, ...options.pacing },
    chooseFault: faultChooser(options.faults),
    seed: options.seed ?? 0,
    compress: options.compress ?? false,
    aliases: options.aliases ?? {},
    models: options.models ?? defaults.models,
    stallMs: options.stallMs ?? defaults.stallMs,
    batchMs: options.batchMs ?? defaults.batchMs,
    batches: new Memory(batchesKeptMax),
    files: new Memory(batchesKeptMax),
    cloudCredentials: options.cloudCredentials ?? emulatorCredentials,
    bodyBytesMax: options.bodyBytesMax ?? defaults.bodyBytesMax,
    ledger: new Ledger(options.rates ? exactRates(options.rates) : catalogRates(), options.recordCalls ?? true),
    cache: new PromptCache(options.cacheEntriesMax ?? defaults.cacheEntriesMax, now),
    scripts: new Memory(scriptMax),
    responses: new Memory(responsesKeptMax),
    newId: (prefix) => `${prefix}${origin}${(ids++).toString(36).padStart(8, '0')}`,
    nextCall: () => calls++,
  };
}
