import type { CloudCredentials } from './clouds/check.ts';
import type { FaultScript } from './faults.ts';
import type { RatesOf } from './bill/rates.ts';

/** How fast replies go out. All 0: in one burst. */
export interface Pacing {
  readonly firstByteMs: number;
  readonly betweenChunksMs: number;
  /** Words in one piece of a stream. */
  readonly chunkTokens: number;
}

export interface EmulatorOptions {
  /** Epoch ms; prompt caches and prices go by it. */
  readonly now?: () => number;
  readonly pacing?: Partial<Pacing>;
  readonly faults?: FaultScript;
  /** Same seed, same replies. */
  readonly seed?: number;
  /** Keep each call on the bill, not only totals. */
  readonly recordCalls?: boolean;
  /** Prices of the bill; the catalog's data by default. */
  readonly rates?: RatesOf;
  /** Compress replies as `accept-encoding` allows; else only when `x-emulator-compress` asks. */
  readonly compress?: boolean;
  /** Model asked for -> model the reply names and the bill charges. */
  readonly aliases?: Readonly<Record<string, string>>;
  /** Names on the model lists. */
  readonly models?: readonly string[];
  /** How long a stalling fault stalls. */
  readonly stallMs?: number;
  /** How long a batch takes; 0: it is done when it is made. */
  readonly batchMs?: number;
  /** Who may call by the paths of clouds; left out: `emulatorCredentials`. */
  readonly cloudCredentials?: CloudCredentials;
  readonly bodyBytesMax?: number;
  /** Prefixes all prompt caches keep together. */
  readonly cacheEntriesMax?: number;
}

export const defaults = {
  pacing: { firstByteMs: 0, betweenChunksMs: 0, chunkTokens: 8 },
  stallMs: 30_000,
  batchMs: 0,
  bodyBytesMax: 64 * 1024 * 1024,
  cacheEntriesMax: 300_000,
  models: [
    'gpt-5.6-sol',
    'gpt-5.5',
    'gpt-5',
    'gpt-5-mini',
    'gpt-4o',
    'text-embedding-3-small',
    'claude-opus-5-5',
    'claude-sonnet-5-5',
    'claude-haiku-4-5',
    'gemini-3.6-flash',
    'gemini-2.5-pro',
    'gemini-2.5-flash',
    'gemini-embedding-001',
  ],
} as const;
