import { replayApis } from '../../src/cli/replay/replay-apis.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { catalogRates } from '../../src/emulator/bill/rates.ts';
import { boundariesOf } from '../../src/emulator/cache/chain.ts';
import { PromptCache } from '../../src/emulator/cache/prompt-cache.ts';
import { cacheRule } from '../../src/emulator/cache/rules.ts';
import { generationApis } from '../../src/emulator/generate.ts';
import type { GenerationApiId } from '../../src/emulator/generation.ts';
import type { Prompt } from '../../src/emulator/prompt/prompt.ts';
import type { Scheduled } from './schedule.ts';
import type { Vendor } from './vendor.ts';

/** The least that any caching could make of the uncached bill, with the future known and nothing ever forgotten, as a share. */
export function leastShare(calls: readonly Scheduled[], vendor: Vendor): number {
  const prompts = calls.map(({ turn }) => promptOf(turn, vendor));
  const rates = catalogRates()(vendor.family, vendor.model, calls[0]!.at, 0)!;
  const factor = (rate: bigint | undefined): number => Number(rate ?? rates.input) / Number(rates.input);
  const rule = cacheRule(vendor.family, vendor.model, calls[0]!.at)!;
  const total = prompts.reduce((sum, { tokens }) => sum + tokens, 0);
  if (rule.mode === 'automatic') return (total - (1 - factor(rates.cacheRead)) * foundIn(prompts, vendor)) / total;
  const { read, written } = neededOf(prompts, rule.minimumTokens);
  const premium = factor(rates.cacheWrite5m ?? rates.cacheWrite30m ?? rates.cacheWrite) - 1;
  return (total - (1 - factor(rates.cacheRead)) * read + premium * written) / total;
}

function promptOf(turn: Scheduled['turn'], { api, model }: Vendor): Prompt {
  const replay = replayApis[api];
  const body = JSON.parse(JSON.stringify(replay.body(turn, { model, stream: false, cache: false }))) as JsonObject;
  return generationApis[replay.api as GenerationApiId].read(body, model, () => undefined).prompt;
}

/** Tokens found in a cache whose clock stands still. */
function foundIn(prompts: readonly Prompt[], { family, model }: Vendor): number {
  const cache = new PromptCache(Infinity, () => Date.UTC(2026, 10, 25));
  return prompts.reduce((found, prompt) => {
    const { usage, commit } = cache.account(family, model, 'key', prompt, {});
    commit();
    return found + usage.read;
  }, 0);
}

/** What was in an earlier prompt is read; what is ever read was written once. */
function neededOf(prompts: readonly Prompt[], minimumTokens: number): { readonly read: number; readonly written: number } {
  const known = new Set<string>();
  const needed = new Map<string, number>();
  let read = 0;
  for (const { segments } of prompts) {
    const boundaries = boundariesOf('', segments);
    const hit = boundaries.findLastIndex(({ key, tokens }) => tokens >= minimumTokens && known.has(key));
    read += boundaries[hit]?.tokens ?? 0;
    for (const [at, { key }] of boundaries.entries()) {
      if (at <= hit) needed.set(key, segments[at]!.tokens);
      known.add(key);
    }
  }
  return { read, written: [...needed.values()].reduce((sum, tokens) => sum + tokens, 0) };
}
