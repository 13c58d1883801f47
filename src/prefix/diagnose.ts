import { compareBlocks } from './compare.ts';
import { blockOf } from './block.ts';
import { repairPrompt } from './repair.ts';
import { blocksOf, type Prompt } from './prompt.ts';
import type { Breaker } from './rules.ts';
import { hasMark } from './marks.ts';

/** Why the provider's cache cannot read on, and from where. */
export interface Diagnosis {
  /** Everything that differs, in the order of the prompt. */
  readonly breakers: readonly Breaker[];
  /** Where the first difference stands: -1 in the tools, else the number of its block, instructions first. */
  readonly block: number;
  /** Characters of that block's JSON that are the same. */
  readonly sameChars: number;
  /** Tokens behind it that could have been read, about. */
  readonly lostTokens: number;
}

const charsPerToken = 4;

/** How a call's prompt breaks with the one before it in the same conversation; `undefined` where it goes on cleanly. Pure. */
export function diagnose(before: Prompt, now: Prompt): Diagnosis | undefined {
  const nothing = { rules: new Set<never>(), isSameSession: true, takesAllowedTools: false, toolChoice: undefined };
  const { conversation } = repairPrompt(undefined, before, nothing);
  const { findings } = repairPrompt(conversation, now, nothing);
  if (findings.length === 0) return undefined;
  const breakers = [...new Set(findings.map(({ breaker }) => breaker))];
  // Another model has a cache of its own.
  return { breakers, ...brokenAt(before, breakers.includes('model_changed') ? { tools: '', head: undefined, items: [] } : now) };
}

/** The first difference of two prompts, and what of the earlier one stands behind it. */
function brokenAt(
  before: Pick<Prompt, 'tools' | 'head' | 'items'>,
  now: Pick<Prompt, 'tools' | 'head' | 'items'>,
): Omit<Diagnosis, 'breakers'> {
  const [old, blocks] = [blocksOf(before), blocksOf(now)];
  const isInTools = before.tools !== now.tools;
  const differing = old.findIndex((json, index) => json !== blocks[index] && !isMarkOnly(json, blocks[index]));
  const block = isInTools ? -1 : differing < 0 ? old.length : differing;
  const sameChars = isInTools ? common(before.tools ?? '', now.tools ?? '') : common(old[block] ?? '', blocks[block] ?? '');
  const lost =
    old.slice(Math.max(0, block)).reduce((sum, json) => sum + json.length, isInTools ? (before.tools?.length ?? 0) : 0) - sameChars;
  return { block, sameChars, lostTokens: Math.max(0, Math.round(lost / charsPerToken)) };
}

const isMarkOnly = (json: string, now: string | undefined): boolean =>
  now !== undefined && hasMark(json) !== hasMark(now) && compareBlocks(blockOf(json), blockOf(now), () => false)?.writing.length === 0;

function common(left: string, right: string): number {
  let at = 0;
  while (at < left.length && left[at] === right[at]) at += 1;
  return at;
}
