import type { CacheFactors, CacheRule } from '../../catalog/cache-rules.ts';
import { bestLifetime, type Choice } from './lifetime.ts';
import type { Account, PrefixMemory } from './memory.ts';
import type { Boundary } from './prefix.ts';
import type { Kind } from './reuse.ts';

/** All that decides about the marks of one call. */
export interface Planning {
  readonly rule: CacheRule;
  readonly factors: CacheFactors;
  readonly boundaries: readonly Boundary[];
  readonly memory: PrefixMemory;
  readonly kind: Kind;
  /** How its conversation stands; `undefined`: it begins with this call. */
  readonly account: Account | undefined;
  /** Number of the call in its conversation, from 1. */
  readonly depth: number;
  readonly now: number;
  /** How much above what the client alone would have paid a conversation may come, as a share. */
  readonly maxLossShare: number;
}

export interface Placed {
  /** Index of the block whose end is marked. */
  readonly at: number;
  readonly ttl: string;
  readonly ttlMs: number;
}

/** Tokens of a call by what becomes of them. */
export interface Split {
  readonly read: number;
  readonly written: number;
}

export interface MarkPlan {
  /** Ours, beside the client's; empty: the call goes on as it is. */
  readonly marks: readonly Placed[];
  /** Last block of the prefix that is read; -1: none. */
  readonly hit: number;
  readonly ours: Split;
  /** The same with the client's own marks only. */
  readonly alone: Split;
}

/** Marks where they are worth their price: on what is kept already, to read it, and on what will be asked for again, to write it. */
export function planMarks(planning: Planning): MarkPlan {
  const { boundaries, rule } = planning;
  const own = clientMarks(boundaries);
  const alone = splitBy(planning, own, true);
  const byClient = splitBy(planning, own, false);
  const room = rule.marksMax - own.length;
  const idle: MarkPlan = { marks: [], hit: byClient.hit, ours: byClient, alone };
  // A client that marks its conversation knows what it does.
  if (room <= 0 || own.some((at) => boundaries[at]!.block.part === 'messages')) return idle;
  const hit = lastKept(planning);
  const from = Math.max(hit, own.at(-1) ?? -1);
  const target = targetOf(planning, { hit, from, alone });
  const marks = placed(planning, { hit, own, target, room });
  if (marks.length === 0) return idle;
  const read = hit < 0 ? 0 : boundaries[hit]!.tokens;
  const last = Math.max(boundaries[marks.at(-1)!.at]!.tokens, boundaries[own.at(-1) ?? 0]?.tokens ?? 0);
  return { marks, hit, ours: { read, written: Math.max(0, last - read) }, alone };
}

const clientMarks = (boundaries: readonly Boundary[]): readonly number[] =>
  boundaries.flatMap(({ block }, at) => (block.mark === undefined ? [] : [at]));

/** What is read and written by these marks. */
function splitBy({ boundaries, memory, now, rule }: Planning, marks: readonly number[], alone: boolean): Split & { readonly hit: number } {
  const effective = marks.filter((at) => boundaries[at]!.tokens >= rule.minimumTokens);
  const hit = boundaries.findLastIndex(
    ({ key }, at) => marks.some((mark) => mark >= at && mark - at < rule.lookBackBlocks) && memory.has(key, now, alone),
  );
  const read = hit < 0 ? 0 : boundaries[hit]!.tokens;
  const last = effective.at(-1);
  return { hit, read, written: last === undefined ? 0 : Math.max(0, boundaries[last]!.tokens - read) };
}

/** The longest prefix the provider should still have that can be marked. */
const lastKept = ({ boundaries, memory, now }: Planning): number =>
  boundaries.findLastIndex(({ key, block }) => block.isMarkable && memory.has(key, now));

interface Target extends Choice {
  readonly at: number;
}

interface Standing {
  readonly hit: number;
  /** Our marks stand behind this block: long marks come before short ones, and the client's order is its own. */
  readonly from: number;
  readonly alone: Split;
}

/** The longest prefix worth writing: as far as the conversation can bear the price if this call turns out to be its last. */
function targetOf(planning: Planning, standing: Standing): Target | undefined {
  const { kind, depth } = planning;
  const again = kind.goesOn(depth, priorOf(planning));
  const whole = longest(planning, standing, { again, gaps: kind.gaps, isFree: false });
  return whole ?? sharedTarget(planning, standing);
}

interface Belief {
  readonly again: number;
  readonly gaps: Kind['gaps'];
  /** Not bound by what this one conversation has saved: others will read it. */
  readonly isFree: boolean;
  /** Not beyond this block. */
  readonly to?: number;
}

function longest(planning: Planning, { hit, from, alone }: Standing, { again, gaps, isFree, to = Infinity }: Belief): Target | undefined {
  const { boundaries, rule, factors } = planning;
  const read = hit < 0 ? 0 : boundaries[hit]!.tokens;
  const lifetimes = lifetimesFor(planning);
  const budget = isFree ? Infinity : budgetOf(planning, read, alone);
  for (let at = Math.min(boundaries.length - 1, to); at > from; at -= 1) {
    const { tokens, block } = boundaries[at]!;
    if (tokens < rule.minimumTokens) return undefined;
    if (!block.isMarkable) continue;
    const choice = bestLifetime(lifetimes, factors, { prefix: tokens, read, again, gaps });
    if (!choice) return undefined; // shorter ones are worth no more
    if ((factors.write[choice.ttl]! - 1) * (tokens - read) <= budget) return { ...choice, at };
  }
  return undefined;
}

/** Behind a short mark of the client's only short ones may stand. */
function lifetimesFor({ rule, boundaries }: Planning): CacheRule {
  const last = boundaries.findLast(({ block }) => block.mark !== undefined);
  const isShort = last && last.block.mark !== rule.lifetimes.at(-1)!.ttl;
  return isShort ? { ...rule, lifetimes: rule.lifetimes.slice(0, 1) } : rule;
}

/** What may be lost if nobody asks again: what was saved so far, with this call's reads, and a share of what the client alone would have paid. */
function budgetOf({ boundaries, factors, account, maxLossShare }: Planning, read: number, alone: Split): number {
  const write = Object.values(factors.write)[0] ?? 1;
  const total = boundaries.at(-1)!.tokens;
  const costAlone = total - (1 - factors.read) * alone.read + (write - 1) * alone.written;
  const saved = (account?.alone ?? 0) - (account?.paid ?? 0) + costAlone - (total - (1 - factors.read) * read);
  return saved + maxLossShare * ((account?.alone ?? 0) + costAlone);
}

/** Before anything is known: what was seen once is not marked; an agent in the middle of its work goes on. */
function priorOf({ boundaries, depth }: Planning): number {
  const isAgent = boundaries.at(-1)!.block.isToolResult || depth > 2;
  if (isAgent) return 0.9;
  return depth === 1 ? 0 : 0.5;
}

/** Calls that share what they begin with, whether or not they go on. */
const sharedSamples = 8;
/** So many of them under way at once show the same. */
const burstCalls = 2;

/** The part that all conversations of the kind begin with, where they follow each other closely enough. */
function sharedTarget(planning: Planning, standing: Standing): Target | undefined {
  const { kind, boundaries, depth, maxLossShare } = planning;
  if (kind.sharedGaps.total < sharedSamples && kind.inFlight < burstCalls) return undefined;
  const to = sharedEnd(boundaries);
  // Whoever writes it pays for all; where nothing may be lost, only one that is as good as sure to go on and to read it itself.
  const isFree = maxLossShare > 0 || kind.surelyGoesOn(depth);
  return longest(planning, standing, { again: sharedAgain, gaps: kind.sharedGaps, isFree, to });
}
const sharedAgain = 0.95;

/** Last block of what stands before the conversation: tools and system. -1: none. */
export const sharedEnd = (boundaries: readonly Boundary[]): number => boundaries.findLastIndex(({ block }) => block.part !== 'messages');

interface Placing {
  readonly hit: number;
  readonly own: readonly number[];
  readonly target: Target | undefined;
  readonly room: number;
}

/** The target; what is read, where it lies too far before another mark; what others share, so that they can read it. */
function placed(planning: Planning, { hit, own, target, room }: Placing): readonly Placed[] {
  const { boundaries, rule, memory, now } = planning;
  const shortest = rule.lifetimes[0]!;
  const { ttl, ttlMs } = target ?? { ttl: shortest.ttl, ttlMs: shortest.ms };
  const wanted = new Set<number>();
  if (target) wanted.add(target.at);
  const isSeen = [...own, ...wanted].some((at) => at >= hit && at - hit < rule.lookBackBlocks);
  if (hit > (own.at(-1) ?? -1) && !isSeen) wanted.add(hit);
  const shared = sharedEnd(boundaries);
  const mayShare = own.length === 0 && target && shared >= 0 && shared < target.at && boundaries[shared]!.block.isMarkable;
  if (mayShare && boundaries[shared]!.tokens >= rule.minimumTokens && !memory.has(boundaries[shared]!.key, now)) wanted.add(shared);
  return [...wanted]
    .sort((a, b) => a - b)
    .slice(-room)
    .map((at) => ({ at, ttl, ttlMs }));
}
