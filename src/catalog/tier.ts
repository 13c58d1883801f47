import type { ServedTier } from '../core/usage.ts';
import type { Modifier, RateCard, TierRules } from './card.ts';

export interface PriceContext {
  /** Epoch ms at which the request began. */
  readonly at: number;
  readonly served: ServedTier;
  /** The tier the client asked for: counts only where the reply names none. */
  readonly requestTier?: string;
  /** The call was a line of a batch job, whatever tier its reply names. */
  readonly batch?: boolean;
}

/** What the tier does to a price. */
export interface TierEffect {
  readonly modifiers: readonly Modifier[];
  readonly flags: readonly string[];
  /** The reply names a tier nobody has a price for: then the price is unknown too. */
  readonly unknown: boolean;
}

/** A flag shows this many characters of a tier word; the word comes from outside. */
export const tierWordLimit = 40;

const noEffect: TierEffect = { modifiers: [], flags: [], unknown: false };

/** The tier of the reply decides, never the one asked for, except where the reply is silent. */
export function tierEffect(card: RateCard, context: PriceContext): TierEffect {
  const { served, at } = context;
  if (!context.batch && !context.requestTier && !served.serviceTier && !served.speed && !served.inferenceGeo) return noEffect; // as most are
  const words: readonly (readonly [keyof TierRules, string | undefined])[] = [
    ['serviceTier', context.batch ? 'batch' : served.serviceTier],
    ['speed', served.speed],
    ['inferenceGeo', served.inferenceGeo],
  ];
  const effects = words.map(([field, word]) => effectOf(card.tierRules[field], word, at));
  if (!context.batch && served.serviceTier === undefined) effects.push(effectOfRequest(card, context.requestTier, at));
  const changing = effects.filter((effect) => effect !== noEffect);
  if (changing.length < 2) return changing[0] ?? noEffect;
  return {
    modifiers: changing.flatMap(({ modifiers }) => modifiers),
    flags: changing.flatMap(({ flags }) => flags),
    unknown: changing.some(({ unknown }) => unknown),
  };
}

function effectOf(rules: TierRules[keyof TierRules], word: string | undefined, at: number): TierEffect {
  if (!word || !rules) return noEffect;
  const modifiers = rules.get(word) ?? rules.get(word.toLowerCase());
  if (modifiers?.length === 0) return noEffect;
  const modifier = modifiers?.findLast(({ from }) => from <= at);
  if (!modifier) return { modifiers: [], flags: [`tier_unknown:${word.slice(0, tierWordLimit)}`], unknown: true };
  return { modifiers: [modifier], flags: modifier.flag === undefined ? [] : [modifier.flag], unknown: false };
}

/** A reply that names no tier: the one asked for is the best guess, and marked as a guess. A word without a price is taken for ignored by the provider. */
function effectOfRequest(card: RateCard, word: string | undefined, at: number): TierEffect {
  const effect = effectOf(card.tierRules.serviceTier, word, at);
  if (effect === noEffect) return noEffect;
  if (effect.unknown) return { modifiers: [], flags: [`tier_unconfirmed:${word!.slice(0, tierWordLimit)}`], unknown: false };
  return { ...effect, flags: [...effect.flags, 'tier_from_request'] };
}
