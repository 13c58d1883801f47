import { readFileSync } from 'node:fs';
import type { Bucket } from '../core/usage.ts';
import type { ModelCapabilities } from './capabilities.ts';
import type { PicoUsd } from './decimal.ts';
import type { MatchRule } from './match.ts';

/** Pico-USD per token (per use for unit buckets), or a base rate with steps `[above, rate]`: `rate` holds for the whole request when its total input is larger than `above` tokens. */
export type TieredRate = PicoUsd | readonly [base: PicoUsd, ...steps: readonly (readonly [above: number, rate: PicoUsd])[]];
/** Rates by bucket; `request`: a fee for each request, whatever it holds. */
export type Rates = { readonly [B in Bucket | 'request']?: TieredRate };

/** Prices of a model under a condition. Of several, the last whose condition holds counts; the first has none. */
export interface PricePeriod {
  /** ISO date, UTC, from which it holds. */
  readonly from?: string;
  /** Seconds of the UTC day; may pass midnight. */
  readonly between?: readonly [startSeconds: number, endSeconds: number];
  readonly rates: Rates;
  /** Price keys of the source that no bucket stands for. */
  readonly unmapped?: readonly string[];
}

export interface ModelRow {
  readonly id: string;
  readonly name?: string;
  readonly match: MatchRule;
  readonly contextTokens?: number;
  readonly deprecated?: true;
  readonly prices: readonly PricePeriod[];
}

export interface ProviderRow {
  readonly id: string;
  readonly name: string;
  /** Regular expressions that match the start of a base URL. */
  readonly hosts: readonly string[];
  /** Bare model names that are this provider's own. */
  readonly ownModels?: MatchRule;
  /** Providers whose rows are tried when no own row matches. */
  readonly fallback?: readonly string[];
  readonly models: readonly ModelRow[];
}

/** `data/rates.json`, compiled by `scripts/prices.ts`. */
export interface RatesFile {
  readonly source: string;
  readonly licence: string;
  readonly version: string;
  /** ISO date of the source's release. */
  readonly asOf: string;
  readonly providers: readonly ProviderRow[];
}

/** How far a price can be trusted: read on the `vendor`'s page, at a `third-party`, from memory (`unverified`), or set by the `user`. */
export type Confidence = 'vendor' | 'third-party' | 'unverified' | 'user';
interface Sourced {
  readonly source: string;
  readonly confidence: Confidence;
}

/** A factor on the price that a word of the reply asks for. */
export interface ModifierRow extends Sourced {
  readonly provider: string;
  /** Which field of `ServedTier` the words belong to. */
  readonly by: 'serviceTier' | 'speed' | 'inferenceGeo';
  /** Lower case. */
  readonly words: readonly string[];
  /** Only these models; all of the provider's when absent. */
  readonly models?: MatchRule;
  readonly factor: readonly [numerator: number, denominator: number];
  /** Buckets the factor leaves alone. Unit buckets are always left alone. */
  readonly except?: readonly Bucket[];
  readonly from?: string;
  readonly flag?: string;
}

/** A model the base data lacks; rates in decimal USD per million tokens (units: per thousand uses). */
export interface ExtraModelRow extends Sourced {
  readonly provider: string;
  readonly id: string;
  readonly match: MatchRule;
  readonly contextTokens?: number;
  readonly from?: string;
  readonly rates: {
    readonly [B in Bucket]?: string | readonly [base: string, ...steps: readonly (readonly [above: number, rate: string])[]];
  };
}

/** What a vendor's prompt cache wants of a model. Of several rows that match, the first counts for each field. */
export interface LimitRow extends Sourced {
  readonly provider: string;
  readonly models: MatchRule;
  /** A shorter prefix is silently not cached. The highest of the sources: safe for deciding to mark. */
  readonly cachePrefixTokens?: number;
  /** Lifetimes of a prompt-cache entry, seconds; the first is the default. */
  readonly cacheTtlSeconds?: readonly number[];
}

/** What some models take. Of several rows that match, the first counts for each field. */
export interface CapabilityRow extends Sourced, ModelCapabilities {
  /** Ids of the catalog where it holds. */
  readonly providers: readonly string[];
  readonly models: MatchRule;
  /** ISO date on which the source was read. */
  readonly asOf: string;
}

/** `data/capabilities.json`, kept by hand. */
export interface CapabilitiesFile {
  readonly rows: readonly CapabilityRow[];
}

/** `data/modifiers.json`, kept by hand. */
export interface ModifiersFile {
  readonly asOf: string;
  /** Tier words that change no price, per field of `ServedTier`. */
  readonly neutral: Readonly<Record<ModifierRow['by'], readonly string[]>>;
  /** Other names of catalog providers. */
  readonly aliases: Readonly<Record<string, string>>;
  /** Bare model names the base data does not ascribe to a vendor, in order of trial. */
  readonly vendors: readonly { readonly provider: string; readonly match: MatchRule }[];
  readonly modifiers: readonly ModifierRow[];
  readonly models: readonly ExtraModelRow[];
  readonly limits: readonly LimitRow[];
}

const read = <T>(name: string): T => JSON.parse(readFileSync(new URL(`./data/${name}`, import.meta.url), 'utf8')) as T;

export const loadRates = (): RatesFile => read<RatesFile>('rates.json');
export const loadModifiers = (): ModifiersFile => read<ModifiersFile>('modifiers.json');
export const loadCapabilities = (): CapabilitiesFile => read<CapabilitiesFile>('capabilities.json');
