import type { Bucket } from '../core/usage.ts';
import { inputBuckets, outputBuckets, unitBuckets } from '../core/usage.ts';
import type { PricePeriod } from './data.ts';
import { picoPerToken, picoPerUse, type PicoUsd } from './decimal.ts';

/** USD per million tokens, for units (`webSearch` ...) USD per thousand uses; a number or a decimal string. 0 is a price. */
export type OverridePrices = { readonly [B in Bucket]?: number | string };

/** A price of the user's own; it replaces the whole row of the catalog and wins over everything. */
export interface PriceOverride {
  /** Public name or the provider's, any letter case. Also holds for dated releases of the name. */
  readonly model: string;
  /** Any provider when absent. */
  readonly provider?: string;
  readonly prices: OverridePrices;
  /** ISO date, UTC; from the beginning of time when absent. */
  readonly from?: string;
}

export interface OverridePeriod extends PricePeriod {
  readonly provider: string | undefined;
  /** Epoch ms. */
  readonly since: number;
}

/** By lower-case model name, earliest first. */
export type Overrides = ReadonlyMap<string, readonly OverridePeriod[]>;

/** `aliases`: other names of catalog providers. @throws {RangeError} naming the model and what is wrong. */
export function compileOverrides(overrides: readonly PriceOverride[], aliases: Readonly<Record<string, string>> = {}): Overrides {
  const byModel = new Map<string, OverridePeriod[]>();
  for (const override of overrides) {
    const name = override.model.toLowerCase();
    byModel.set(
      name,
      [...(byModel.get(name) ?? []), periodOf(override, aliases)].sort((a, b) => a.since - b.since),
    );
  }
  return byModel;
}

function periodOf(override: PriceOverride, aliases: Readonly<Record<string, string>>): OverridePeriod {
  const rates: { [B in Bucket]?: PicoUsd } = {};
  for (const [bucket, value] of Object.entries(override.prices) as [Bucket, number | string | undefined][])
    if (value !== undefined) rates[bucket] = rateOf(override.model, bucket, value);
  const provider = override.provider === undefined ? undefined : (aliases[override.provider] ?? override.provider);
  const period = { provider, since: sinceOf(override), rates };
  return override.from === undefined ? period : { ...period, from: override.from };
}

function rateOf(model: string, bucket: Bucket, value: number | string): PicoUsd {
  try {
    if (tokenBuckets.has(bucket)) return picoPerToken(value);
    if (useBuckets.has(bucket)) return picoPerUse(value);
  } catch (error) {
    throw new RangeError(`price of ${model}, ${bucket}: ${(error as Error).message}`, { cause: error });
  }
  throw new RangeError(`price of ${model}: there is no bucket ${bucket}`);
}

const tokenBuckets: ReadonlySet<string> = new Set([...inputBuckets, ...outputBuckets]);
const useBuckets: ReadonlySet<string> = new Set(unitBuckets);

function sinceOf({ model, from }: PriceOverride): number {
  if (from === undefined) return -Infinity;
  const since = /^\d{4}-\d\d-\d\d(T.*)?$/.test(from) ? Date.parse(from) : Number.NaN;
  if (Number.isNaN(since)) throw new RangeError(`price of ${model}: \`from\` is no ISO date: ${from}`);
  return since;
}

/** The overrides for `model` (lower case) at `provider`, the ones that count most last: a named provider over any, then the later. */
export function overridesFor(overrides: Overrides, provider: string, model: string): readonly OverridePeriod[] {
  if (overrides.size === 0) return [];
  const periods = overrides.get(model) ?? overrides.get(undated(model)) ?? [];
  return [...periods.filter((period) => period.provider === undefined), ...periods.filter((period) => period.provider === provider)];
}

/** `gpt-5-2025-08-07`, `claude-opus-4-1@20250805`, `mistral-small-latest` -> the name without its release. */
const undated = (model: string): string => model.replace(/[-@](20\d\d-?[01]\d-?[0-3]\d|latest)$/, '');
