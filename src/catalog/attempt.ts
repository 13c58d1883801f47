import type { Hosting } from '../core/api.ts';
import type { Cost } from '../core/record.ts';
import type { Buckets, ServedTier, UsageReport } from '../core/usage.ts';
import { addCosts } from './add.ts';
import type { RateCard } from './card.ts';
import type { Catalog } from './catalog.ts';
import { price } from './price.ts';

/** One request that left for a provider, as far as its price depends on it. */
export interface PricedAttempt {
  /** The user's name of the provider. */
  readonly provider: string;
  readonly hosting: Hosting;
  /** As asked of the provider. */
  readonly requestModel: string;
  /** As the reply names it. */
  readonly model: string;
  /** Left out: the reply's name of the model makes the price. */
  readonly priceBy?: 'told' | 'asked' | undefined;
  readonly usage: UsageReport;
  readonly served: ServedTier;
  /** Epoch ms. */
  readonly at: number;
  /** The tier the client asked for. */
  readonly requestTier?: string | undefined;
}

interface Found {
  readonly card: RateCard | undefined;
  readonly flag?: string;
}

/** What an attempt cost: by the model its reply names, other models' entries at their own rates. Never throws; unknown is null. */
export function priceAttempt(catalog: Catalog, attempt: PricedAttempt): Cost {
  const main = priceOf(catalog, attempt, attempt.model, attempt.usage.buckets);
  const others = attempt.usage.others?.map(({ model, buckets }) => priceOf(catalog, attempt, model, buckets)) ?? [];
  return others.length === 0 ? main : addCosts([main, ...others]);
}

function priceOf(catalog: Catalog, attempt: PricedAttempt, model: string, buckets: Buckets): Cost {
  const { at, served, requestTier } = attempt;
  const { card, flag } = cardFor(catalog, attempt, model);
  const cost = price(card, buckets, requestTier === undefined ? { at, served } : { at, served, requestTier });
  if (!flag || cost.total === null || cost.status === 'none') return cost;
  return { ...cost, status: 'fallback_rate', flags: [...cost.flags, flag] };
}

/** The reply's model decides; only a price of the user's own holds for the name asked for as well. A model nobody knows has no price. */
function cardFor(catalog: Catalog, { provider, hosting, requestModel, priceBy, at }: PricedAttempt, model: string): Found {
  const told = catalog.find(provider, model, at);
  if (told?.confidence === 'user' || model === requestModel) return told ? { card: told } : byName(catalog, hosting, model, at);
  const asked = catalog.find(provider, requestModel, at);
  if (asked?.confidence === 'user' || (asked && priceBy === 'asked')) return { card: asked };
  return told ? { card: told } : byName(catalog, hosting, model, at);
}

/** Models whose weights nobody can have: served under any name, they come from their vendor. Others may run on the user's own machine, where the vendor's price means nothing. */
const closedModels = /^(?:gpt-(?!oss)|o\d|chatgpt-|text-embedding-|claude-|gemini-)/;

/** A vendor's model served under a name the catalog does not know, such as a company's own relay: list price, marked. */
function byName(catalog: Catalog, hosting: Hosting, model: string, at: number): Found {
  const vendor = hosting === 'self-hosted' && !closedModels.test(model) ? undefined : catalog.vendorOf(model);
  const card = vendor === undefined ? undefined : catalog.find(vendor, model, at);
  return card ? { card, flag: 'priced_by_model_name' } : { card: undefined };
}
