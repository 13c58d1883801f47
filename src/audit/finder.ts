import type { Term } from './finding.ts';
import type { CallRates } from './pricing.ts';
import type { TokenKinds } from './tokens.ts';
import { paidFor, type Stretch, type Turn } from './turn.ts';

/** Looks at calls one by one for one kind of waste. */
export interface Finder {
  /** Returns whether all of the call is waste, so that nothing in it is looked at again. */
  see(turn: Turn): boolean;
  /** After the last call: what only the whole shows. */
  end(): void;
}

/** What leaving a stretch out of a prompt saves, at the rates it was paid at. `share`: how much of it. */
export function stretchTerms(
  stretch: Stretch,
  {
    kinds,
    rates,
    model,
    share = 1,
  }: { readonly kinds: TokenKinds; readonly rates: CallRates; readonly model: string; readonly share?: number },
): readonly Term[] {
  const { read, written, fresh } = paidFor(stretch, kinds);
  const terms = [
    { what: 'read from the cache', model, tokens: read * share, rate: rates.cacheRead },
    { what: 'written to the cache', model, tokens: written * share, rate: rates.cacheWrite },
    { what: 'fresh input', model, tokens: fresh * share, rate: rates.input },
  ];
  return terms.filter(({ tokens }) => tokens >= 0.5);
}
