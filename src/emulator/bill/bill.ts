import type { ApiId, Family } from '../../core/api.ts';
import type { Bucket, Buckets } from '../../core/usage.ts';
import type { InputUsage } from '../cache/prompt-cache.ts';
import { toNano, type NanoUsdExact, type PicoUsdExact } from './money.ts';
import type { ExactRates, ExactRatesOf } from './rates.ts';

/** One billed call. */
export interface BillEntry {
  readonly responseId: string;
  readonly api: ApiId;
  readonly vendor: Family;
  readonly model: string;
  /** Whose rates count where the reply names the model without what makes its price: Bedrock's region and profile. */
  readonly ratesAs?: string;
  /** Epoch ms. */
  readonly at: number;
  readonly buckets: Buckets;
  /** `null`: no price known. */
  readonly costNanoUsd: NanoUsdExact | null;
  /** The client was sent the whole reply. */
  readonly complete: boolean;
  /** The fault the emulator played, if any. */
  readonly fault?: string;
  /** A request of a batch: at half the rates. */
  readonly batch?: boolean;
}

export interface BillTotals {
  readonly calls: number;
  readonly incompleteCalls: number;
  readonly unpricedCalls: number;
  readonly buckets: { readonly [B in Bucket]?: number };
  /** Sum over the priced calls, each rounded once. */
  readonly costNanoUsd: NanoUsdExact;
}

export interface Bill {
  readonly totals: BillTotals;
  readonly byModel: Readonly<Record<string, BillTotals>>;
  /** The latest calls, oldest first; empty when `recordCalls` is off. */
  readonly calls: readonly BillEntry[];
}

/** Calls kept one by one at most; totals go on. */
export const billCallsMax = 200_000;

/** What the emulated vendors charge, kept apart from anything the gateway computes. */
export class Ledger {
  readonly #ratesOf: ExactRatesOf;
  readonly #recordCalls: boolean;
  #totals = new Map<string, BillTotals>();
  #calls: BillEntry[] = [];

  constructor(ratesOf: ExactRatesOf, recordCalls: boolean) {
    this.#ratesOf = ratesOf;
    this.#recordCalls = recordCalls;
  }

  add(call: Omit<BillEntry, 'costNanoUsd'>): void {
    const entry: BillEntry = { ...call, costNanoUsd: costOf(call.buckets, this.#rates(call), call.batch ? call.vendor : undefined) };
    this.#totals.set(entry.model, plus(this.#totals.get(entry.model) ?? empty, totalsOf(entry)));
    if (!this.#recordCalls) return;
    this.#calls.push(entry);
    if (this.#calls.length > billCallsMax * 1.1) this.#calls = this.#calls.slice(-billCallsMax);
  }

  bill(): Bill {
    return {
      totals: [...this.#totals.values()].reduce(plus, empty),
      byModel: Object.fromEntries(this.#totals),
      calls: this.#calls.slice(-billCallsMax),
    };
  }

  clear(): void {
    this.#totals = new Map();
    this.#calls = [];
  }

  #rates({ vendor, model, ratesAs = model, at, buckets }: Omit<BillEntry, 'costNanoUsd'>): ExactRates | undefined {
    return this.#ratesOf(vendor, ratesAs, at, inputSum(buckets));
  }
}

const inputSum = (buckets: Buckets): number =>
  Object.entries(buckets).reduce((sum, [bucket, count]) => (/^(input|cache)/.test(bucket) ? sum + (count ?? 0) : sum), 0);

/** Where a bucket without its own rate looks. */
const fallbacks: { readonly [B in Bucket]?: readonly Bucket[] } = {
  cacheRead: ['input'],
  cacheWrite: ['cacheWrite5m', 'input'],
  cacheWrite5m: ['cacheWrite', 'input'],
  cacheWrite30m: ['cacheWrite', 'input'],
  cacheWrite1h: ['cacheWrite', 'input'],
  cacheWrite12h: ['cacheWrite', 'input'],
  reasoning: ['output'],
};

/** Tokens times rates, summed in halves of a pico-USD and rounded once; `null` when a bucket that holds something has no rate at all. `batchOf`: whose batch it was part of. */
export function costOf(buckets: Buckets, rates: ExactRates | undefined, batchOf?: Family): NanoUsdExact | null {
  if (!rates) return null;
  let halves: PicoUsdExact = 0n;
  for (const [name, count] of Object.entries(buckets)) {
    if (!count) continue;
    const bucket = name as Bucket;
    const from = [bucket, ...(fallbacks[bucket] ?? [])].find((candidate) => rates[candidate] !== undefined);
    if (from === undefined) return null;
    halves += BigInt(count) * rates[from]! * (isHalved(bucket, batchOf) ? 1n : 2n);
  }
  return toNano(halves, 2000n);
}

/** A batch costs half, but what Google reads from a cache: there its discounts do not add up. */
const isHalved = (bucket: Bucket, batchOf: Family | undefined): boolean =>
  batchOf !== undefined && !(batchOf === 'google' && bucket.startsWith('cacheRead'));

const empty: BillTotals = { calls: 0, incompleteCalls: 0, unpricedCalls: 0, buckets: {}, costNanoUsd: 0n };
const totalsOf = ({ complete, costNanoUsd, buckets }: BillEntry): BillTotals => ({
  calls: 1,
  incompleteCalls: complete ? 0 : 1,
  unpricedCalls: costNanoUsd === null ? 1 : 0,
  buckets: buckets as BillTotals['buckets'],
  costNanoUsd: costNanoUsd ?? 0n,
});

function plus(left: BillTotals, right: BillTotals): BillTotals {
  const buckets: { [B in Bucket]?: number } = { ...left.buckets };
  for (const [bucket, count] of Object.entries(right.buckets)) buckets[bucket as Bucket] = (buckets[bucket as Bucket] ?? 0) + count;
  return {
    calls: left.calls + right.calls,
    incompleteCalls: left.incompleteCalls + right.incompleteCalls,
    unpricedCalls: left.unpricedCalls + right.unpricedCalls,
    buckets,
    costNanoUsd: left.costNanoUsd + right.costNanoUsd,
  };
}

/** `namesTtl`: the API's usage tells written tokens by lifetime; where it does not, the bill does not either. */
export function bucketsOf(input: InputUsage, output: { readonly visible: number; readonly reasoning: number }, namesTtl: boolean): Buckets {
  const written = Object.entries(input.written).map(([ttl, tokens]) => [namesTtl ? `cacheWrite${ttl}` : 'cacheWrite', tokens] as const);
  const cacheWrites: Record<string, number> = {};
  for (const [bucket, tokens] of written) cacheWrites[bucket] = (cacheWrites[bucket] ?? 0) + tokens;
  const all: Record<string, number> = {
    input: input.fresh,
    cacheRead: input.read,
    ...cacheWrites,
    output: output.visible,
    reasoning: output.reasoning,
  };
  return Object.fromEntries(Object.entries(all).filter(([, tokens]) => tokens > 0));
}

/** The bill as JSON; amounts become strings. */
export const billJson = (bill: Bill): string =>
  JSON.stringify(bill, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
