import type { Call } from '../../core/call.ts';
import type { Scope } from '../../core/pipeline.ts';
import type { Shaper } from '../../core/shaping.ts';
import type { NanoUsd } from '../../core/usage.ts';
import { Growth, type KeptPrompt, type Known, type RawPrompt } from '../../prefix/growth.ts';
import { createPlaces, PrefixMemory, type Conversation, type MemoryLimits } from '../../prefix/memory.ts';
import { isMarkedCall } from '../../prefix/marks.ts';
import { blocksOf, promptOf, type Prompt } from '../../prefix/prompt.ts';
import { promptOfKept, rawPromptOf } from '../../prefix/raw-prompt.ts';
import { asItCame, repairPrompt, type Repair } from '../../prefix/repair.ts';
import { breakers, type RepairRule } from '../../prefix/rules.ts';
import { createReadingAllowance } from './reading-allowance.ts';

export interface PromptRepairOptions {
  readonly limits: MemoryLimits;
  readonly rulesOf: (call: Call, scope: Scope) => ReadonlySet<RepairRule>;
  /** Whether wherever the call may go takes `allowed_tools`. */
  readonly takesAllowedTools: (call: Call, scope: Scope) => boolean;
  /** What it is worth that tokens are read from the cache again, at the price of others added to the prompt. `null`: unknown. */
  readonly worth?: (call: Call, scope: Scope, repaired: Repaired) => NanoUsd | null;
  /** Nothing is done about the call: then it is read only as far as that costs next to nothing. @default never */
  readonly isObserved?: (call: Call, scope: Scope) => boolean;
  /** Epoch ms. */
  readonly now?: () => number;
}

/** A repaired prompt in tokens, by estimate. */
export interface Repaired {
  /** Before the place where it would have broken. */
  readonly sharedTokens: number;
  /** Behind it, and the same as before. */
  readonly reusedTokens: number;
  readonly addedTokens: number;
  /** Since the call before, ms. */
  readonly gapMs: number;
  /** The client marks its prompt for the cache. */
  readonly isMarked: boolean;
}

export const stageName = 'prompt-repair';
/** Longer bodies go on unread. */
export const maxReadBytes = 8 * 1024 * 1024;
const charsPerToken = 4;

/** Finds what breaks the prompt cache of a conversation, and sends again what was sent before where it means the same. */
export function promptRepair({
  limits,
  rulesOf,
  takesAllowedTools,
  worth = () => null,
  isObserved = () => false,
  now = Date.now,
}: PromptRepairOptions): Shaper {
  const memory = new PrefixMemory({ ...limits, maxBytes: limits.maxBytes - grownBytes(limits) });
  const growth = new Growth({ ...limits, maxBytes: grownBytes(limits) });
  const placeOf = createPlaces();
  const lastAt = new WeakMap<Conversation, number>();
  const mayRead = createReadingAllowance(now);
  const dated = (conversation: Conversation, at: number): Conversation => {
    lastAt.set(conversation, at);
    return conversation;
  };
  /** It goes on byte for byte from what was seen. */
  const isRemembered = (raw: RawPrompt, owner: string): boolean => {
    const found = growth.goesOn(owner, raw, now());
    if (found?.place) memory.touch(found.place);
    return found !== undefined;
  };
  /** The first call of a conversation breaks nothing: what it says is looked at when a later call does. A session's second one may be the first again. */
  const isKeptUnread = (raw: RawPrompt, owner: string, isNamed: boolean): boolean => {
    if (!raw.isOpening || (isNamed && growth.knows(owner))) return false;
    growth.watch(owner, raw, now());
    return true;
  };
  const readIn = (kept: KeptPrompt, owner: string): Known | undefined => {
    const prompt = promptOfKept(kept);
    if (!prompt) return undefined;
    const place = placeOf(prompt, owner);
    return { place, conversation: dated(memory.put(place, asItCame(prompt)), kept.at) };
  };
  return {
    name: stageName,
    shape(call, scope) {
      const owner = ownerOf(scope);
      const raw = call.sizeBytes > maxReadBytes ? undefined : rawPromptOf(call);
      if (raw && (isRemembered(raw, owner) || isKeptUnread(raw, owner, scope.labels.session !== undefined))) return undefined;
      if (isObserved(call, scope) && !mayRead(call.sizeBytes)) return undefined;
      const prompt = call.sizeBytes > maxReadBytes ? undefined : promptOf(call.api, call.model, (key) => call.json(key));
      if (!prompt) return undefined;
      growth.readUnread(owner, (unread) => readIn(unread, owner));
      const place = placeOf(prompt, owner);
      for (const grown of growth.take(place)) dated(memory.put(place, grown.now, grown.before), grown.at);
      const before = memory.find(place, prompt);
      const repair = repairPrompt(before, prompt, {
        rules: rulesOf(call, scope),
        isSameSession: scope.labels.session !== undefined,
        takesAllowedTools: takesAllowedTools(call, scope),
        toolChoice: call.json('tool_choice')?.toString('utf8'),
      });
      const isAnother = scope.labels.session === undefined && isNotSurely(before, repair);
      const related = before || scope.labels.session === undefined ? undefined : memory.related(place);
      const kept = memory.put(place, repair.conversation, isAnother ? undefined : before);
      if (raw && wentAsItCame(repair)) growth.watch(owner, raw, now(), { place, conversation: kept });
      const gapMs = now() - ((before && lastAt.get(before)) ?? now());
      dated(kept, now());
      const isChanged = Object.keys(repair.members).length > 0;
      const cost = isChanged ? worth(call, scope, repairedBy(repair, gapMs, call)) : null;
      return shapedBy(call, repair, cost, signalsOf(repair, { isAnother, before, related, prompt }));
    },
  };
}

/** Of the memory for conversations, what those may have that only grow. */
const grownBytes = ({ maxBytes }: MemoryLimits): number => Math.floor(maxBytes / 4);

/** Nothing of it was repaired, in this call or one before. */
const wentAsItCame = ({ members, conversation: { toolsOut, blocks } }: Repair): boolean =>
  Object.keys(members).length === 0 &&
  toolsOut.json === undefined &&
  blocks.every(({ block, base, plain, told }) => base === block && plain === block.json && told.length === 0);

const ownerOf = ({ key, labels: { app, user, session } }: Scope): string => JSON.stringify([key, app, user, session]);

/** Two conversations may begin alike; without a session nobody says that they are one. */
const isNotSurely = (before: Conversation | undefined, { isOther, conversation: { blocks } }: Repair): boolean =>
  before !== undefined && (isOther || blocks.length <= before.blocks.length);

const tokensIn = (chars: number): number => Math.round(chars / charsPerToken);

function repairedBy({ sharedChars, sparedChars, addedChars }: Repair, gapMs: number, call: Call): Repaired {
  return {
    sharedTokens: tokensIn(sharedChars),
    reusedTokens: tokensIn(sparedChars),
    addedTokens: tokensIn(addedChars),
    gapMs,
    isMarked: isMarkedCall(call),
  };
}

function shapedBy(
  call: Call,
  { members, findings, addedChars }: Repair,
  cost: NanoUsd | null,
  signals: readonly string[],
): ReturnType<Shaper['shape']> {
  const isChanged = Object.keys(members).length > 0;
  if (!isChanged && signals.length === 0) return undefined;
  const repaired = findings.find(({ isRepaired }) => isRepaired);
  const rule = repaired && breakers[repaired.breaker];
  const inputTokens = 0 - tokensIn(addedChars); // not -0
  const saving = { ...(rule && { rule }), inputTokens, outputTokens: 0, cost, basis: 'estimated' } as const;
  return { call: isChanged ? call.withJson(members) : call, savings: isChanged ? [saving] : [], signals };
}

interface Seen {
  readonly isAnother: boolean;
  readonly before: Conversation | undefined;
  /** One of the session that began with the same words, under other instructions. */
  readonly related: Conversation | undefined;
  readonly prompt: Prompt;
}

/** `prefix:<breaker>` for each thing that differs for no reason. */
function signalsOf({ findings }: Repair, { isAnother, before, related, prompt }: Seen): readonly string[] {
  if (related && related.blocks.length < blocksOf(prompt).length) return ['prefix:system_changed'];
  if (isAnother || !before) return [];
  return [...new Set(findings.map(({ breaker }) => `prefix:${breaker}`))];
}
