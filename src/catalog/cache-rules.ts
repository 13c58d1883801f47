import { readFileSync } from 'node:fs';
import type { InputBucket } from '../core/usage.ts';
import type { RateCard } from './card.ts';
import type { Catalog } from './catalog.ts';
import type { Confidence } from './data.ts';
import { matcherOf, type MatchRule } from './match.ts';

/** How long a provider keeps a prefix after its last use. */
export interface CacheLifetimeRow {
  /** As requests write it. */
  readonly ttl: string;
  readonly ms: number;
  /** Where writing it is counted; `input`: it costs nothing more. */
  readonly bucket: InputBucket;
}

/** How a vendor's prompt cache works for a group of models. */
export interface CacheRule {
  /**
   * `marks`: only marked prefixes are kept, and writing them costs more than input. `options`: the end of the prompt is kept and paid for,
   * unless the call says otherwise. `automatic`: what was seen is found again, for nothing.
   */
  readonly mode: 'marks' | 'options' | 'automatic';
  readonly marksMax: number;
  /** How far before a mark an older prefix is found, in blocks, the marked one included. */
  readonly lookBackBlocks: number;
  /** The first is the default. */
  readonly lifetimes: readonly CacheLifetimeRow[];
  /** A shorter prefix is silently not kept. */
  readonly minimumTokens: number;
  /** Whether calls may name a key by which they are kept together. */
  readonly takesKey?: boolean;
}

interface CacheRuleRow extends CacheRule {
  readonly providers: readonly string[];
  readonly models: MatchRule;
  readonly asOf: string;
  readonly source: string;
  readonly confidence: Confidence;
}

/** What reading and writing costs, as a factor of plain input. */
export interface CacheFactors {
  readonly read: number;
  /** By lifetime; only where the price list has a price for it. */
  readonly write: Readonly<Record<string, number>>;
  /** Plain input, pico-USD a token. */
  readonly inputPico: number;
}

/** `data/cache-rules.json`, kept by hand; the first row that matches counts. */
export const loadCacheRules = (): readonly CacheRuleRow[] =>
  (JSON.parse(readFileSync(new URL('./data/cache-rules.json', import.meta.url), 'utf8')) as { readonly rows: readonly CacheRuleRow[] })
    .rows;

/** Tells the rule of a model, by the ids of the catalog; models without one are left alone. The minimum is the model's own where it is known. */
export function cacheRuleFinder(catalog: Pick<Catalog, 'limits'>): (provider: string, model: string) => CacheRule | undefined {
  const rows = loadCacheRules().map((row) => ({ row, matches: matcherOf(row.models) }));
  return (provider, model) => {
    const name = model.toLowerCase();
    const found = rows.find(({ row, matches }) => row.providers.includes(provider) && matches(name))?.row;
    return found && { ...found, minimumTokens: catalog.limits(provider, name).cachePrefixTokens ?? found.minimumTokens };
  };
}

/** The factors for a prompt of `inputTokens`; `undefined` where the price list does not tell what a read costs. */
export function cacheFactors(card: RateCard | undefined, rule: CacheRule, inputTokens: number): CacheFactors | undefined {
  const rates = card?.tiers.findLast(({ above }) => inputTokens > above)?.rates;
  const input = rates?.input?.pico;
  const read = rates?.cacheRead;
  if (!input || !read || read.of === 'input') return undefined;
  const write: Record<string, number> = {};
  for (const { ttl, bucket } of rule.lifetimes) {
    const rate = rates[bucket];
    if (rate && (bucket === 'input' || isKnown(rate))) write[ttl] = rate.pico / input;
  }
  return { read: read.pico / input, write, inputPico: input };
}

/** The price of another lifetime is no price: it may be any. */
const isKnown = ({ of, flag }: { readonly of: string; readonly flag: string | undefined }): boolean => of !== 'input' && flag === undefined;
