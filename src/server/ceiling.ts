import type { Scope } from '../core/pipeline.ts';

const start = 'x-modicum-budget-';

/** What the client lets its task or session use in all, as it wrote it. */
export function ceilingIn(hints: readonly string[]): Scope['ceiling'] {
  let usd: string | undefined;
  let tokens: string | undefined;
  for (let at = 0; at < hints.length; at += 2) {
    if (!hints[at]!.startsWith(start)) continue;
    if (hints[at] === `${start}usd`) usd = hints[at + 1]!;
    else if (hints[at] === `${start}tokens`) tokens = hints[at + 1]!;
  }
  if (usd === undefined && tokens === undefined) return undefined;
  return { ...(usd !== undefined && { usd }), ...(tokens !== undefined && { tokens }) };
}
