import type { Kind } from '../reuse.ts';

/** Gaps between calls that must have been seen before anything is concluded from them. */
export const minGaps = 20;

/** The chance that a conversation which has been silent for `silentMs` goes on within `moreMs`; 0 while too little is known. */
export function comesBack(kind: Kind, depth: number, silentMs: number, moreMs: number): number {
  if (kind.gaps.total < minGaps) return 0;
  const goesOn = kind.goesOn(depth, 0);
  const [until, then] = [kind.gaps.within(silentMs, 0), kind.gaps.within(silentMs + moreMs, 0)];
  const stillOut = 1 - goesOn * until;
  return stillOut <= 0 ? 0 : (goesOn * (then - until)) / stillOut;
}

/** What a call has in the cache, and what it has not; tokens. */
export interface Held {
  readonly kept: number;
  readonly fresh: number;
}

/** One token is all that is asked for; its price, in tokens of plain input, at most. */
const answerTokens = 10;

/** What reading the prompt once more costs, in tokens of plain input. */
export const refreshCost = ({ kept, fresh }: Held, read: number): number => read * kept + fresh + answerTokens;

/** What it saves when the conversation goes on: what was kept need not be written again. */
export const keptWorth = ({ kept }: Held, read: number, write: number): number => (write - read) * kept;
