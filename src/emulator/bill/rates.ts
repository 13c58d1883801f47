import { readFileSync } from 'node:fs';
import type { Family } from '../../core/api.ts';
import type { Bucket } from '../../core/usage.ts';
import { picoPerToken, type PicoUsdExact } from './money.ts';

/** Rates of one model in decimal USD per million tokens, as price lists print them. */
export type RateStrings = { readonly [B in Bucket]?: string };
/** Where prices come from; `undefined` for a model nobody has a price for. `inputTokens`: all input of the call, which picks the context tier. */
export type RatesOf = (vendor: Family, model: string, at: number, inputTokens: number) => RateStrings | undefined;
/** The same in pico-USD per token. */
export type ExactRates = { readonly [B in Bucket]?: PicoUsdExact };
export type ExactRatesOf = (vendor: Family, model: string, at: number, inputTokens: number) => ExactRates | undefined;

export const exactRates =
  (ratesOf: RatesOf): ExactRatesOf =>
  (vendor, model, at, inputTokens) => {
    const rates = ratesOf(vendor, model, at, inputTokens);
    return rates && mapRates(rates, picoPerToken);
  };

const mapRates = <T>(rates: { readonly [B in Bucket]?: T }, change: (rate: T) => PicoUsdExact): ExactRates =>
  Object.fromEntries(Object.entries(rates).map(([bucket, rate]) => [bucket, change(rate)]));

// The catalog's data is shared with the gateway; the reading of it is not.
type Match = { readonly [K in 'equals' | 'starts_with' | 'ends_with' | 'contains' | 'regex']?: string } & {
  readonly or?: readonly Match[];
  readonly and?: readonly Match[];
};
type Tiered<T> = T | readonly [T, ...(readonly (readonly [above: number, rate: T])[])];
interface Period {
  readonly from?: string;
  readonly between?: readonly [number, number];
  readonly rates: { readonly [B in Bucket]?: Tiered<number> };
}
interface RatesData {
  readonly providers: readonly {
    readonly id: string;
    readonly models: readonly { readonly match: Match; readonly prices: readonly Period[] }[];
  }[];
}
interface ExtrasData {
  /** Whose model a bare name is, where its API is spoken by others. */
  readonly vendors: readonly { readonly provider: string; readonly match: Match }[];
  readonly models: readonly {
    readonly provider: string;
    readonly match: Match;
    readonly from?: string;
    readonly rates: { readonly [B in Bucket]?: Tiered<string> };
  }[];
}

function matches(rule: Match, name: string): boolean {
  if (rule.or) return rule.or.some((part) => matches(part, name));
  if (rule.and) return rule.and.every((part) => matches(part, name));
  if (rule.equals !== undefined) return name === rule.equals.toLowerCase();
  if (rule.starts_with !== undefined) return name.startsWith(rule.starts_with.toLowerCase());
  if (rule.ends_with !== undefined) return name.endsWith(rule.ends_with.toLowerCase());
  if (rule.contains !== undefined) return name.includes(rule.contains.toLowerCase());
  return rule.regex !== undefined && new RegExp(rule.regex).test(name);
}

function inForce(period: Period, at: number): boolean {
  const time = new Date(at).toISOString();
  if (period.from !== undefined && time.slice(0, period.from.length) < period.from) return false;
  if (!period.between) return true;
  const [start, end] = period.between;
  const second = Math.floor(at / 1000) % 86_400;
  return start <= end ? second >= start && second < end : second >= start || second < end;
}

function tiered<T>(rate: Tiered<T>, inputTokens: number): T {
  if (!Array.isArray(rate)) return rate as T;
  const [base, ...steps] = rate as readonly [T, ...(readonly (readonly [number, T])[])];
  return steps.findLast(([above]) => inputTokens > above)?.[1] ?? base;
}

const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(`../../catalog/data/${name}`, import.meta.url), 'utf8')) as T;

/** The rates the gateway's catalog ships, read by code of our own. Loads the files once, at the first price. */
export function catalogRates(): ExactRatesOf {
  let data: { readonly rates: RatesData; readonly extras: ExtrasData } | undefined;
  return (vendor, model, at, inputTokens) => {
    data ??= { rates: read<RatesData>('rates.json'), extras: read<ExtrasData>('modifiers.json') };
    const { rates, extras } = data;
    const name = model.replace(/^models\//, '').toLowerCase();
    const maker = extras.vendors.find(({ match }) => matches(match, name))?.provider ?? vendor;
    // Rows of our own first: the base data's prefixes (`claude-sonnet-5`) would take newer models (`claude-sonnet-5-5`) for their elders.
    const own = (provider: string): ExactRates | undefined =>
      fromExtras(extras, provider, name, inputTokens) ?? fromRates(rates, provider, name, at, inputTokens);
    return own(vendor === 'bedrock' ? 'aws' : vendor) ?? own(maker);
  };
}

function fromRates(data: RatesData, vendor: string, name: string, at: number, inputTokens: number): ExactRates | undefined {
  const models = data.providers.find(({ id }) => id === vendor)?.models ?? [];
  const period = models.find(({ match }) => matches(match, name))?.prices.findLast((candidate) => inForce(candidate, at));
  return period && mapRates(period.rates, (rate) => BigInt(tiered(rate, inputTokens)));
}

function fromExtras(data: ExtrasData, vendor: string, name: string, inputTokens: number): ExactRates | undefined {
  const row = data.models.find(({ provider, match }) => provider === vendor && matches(match, name));
  return row && mapRates(row.rates, (rate) => picoPerToken(tiered(rate, inputTokens)));
}
