import { hash } from 'node:crypto';
import type { CacheFactors, CacheRule } from '../../catalog/cache-rules.ts';
import type { Call, Members } from '../../core/call.ts';
import type { Account, PrefixMemory } from './memory.ts';
import { bestLifetime } from './lifetime.ts';
import { planMarks, sharedEnd, type Placed, type Split } from './plan.ts';
import type { Boundary } from './prefix.ts';
import type { Kind } from './reuse.ts';

/** What is done for one call, and what the provider should have kept afterwards. */
export interface Treatment {
  readonly marks: readonly Placed[];
  /** Top-level members that are set beside. */
  readonly members: Members | undefined;
  /** Which of our rules was applied; `undefined`: none. */
  readonly rule: string | undefined;
  readonly ours: Split;
  readonly alone: Split;
  readonly kept: readonly { readonly key: string; readonly ttlMs: number; readonly byClient: boolean }[];
  readonly refreshed: readonly string[];
  /** Prefixes others may want to wait for. */
  readonly written: readonly string[];
  /** The prefix that is expected to be read by a mark of ours. */
  readonly hitKey: string | undefined;
}

export interface Case {
  readonly call: Call;
  readonly rule: CacheRule;
  readonly factors: CacheFactors;
  readonly boundaries: readonly Boundary[];
  readonly kind: Kind;
  readonly depth: number;
  readonly account: Account | undefined;
  readonly root: string;
}

export interface Means {
  readonly memory: PrefixMemory;
  readonly keys: boolean;
  readonly maxLossShare: number;
  /** Epoch ms. */
  readonly at: number;
}

const treatments: { readonly [M in CacheRule['mode']]: (given: Case, means: Means) => Treatment } = {
  marks: marked,
  options: optioned,
  automatic: automatic,
};

export const treatmentOf = (given: Case, means: Means): Treatment => treatments[given.rule.mode](given, means);

/** Anthropic, and Claude at Bedrock. */
function marked(given: Case, { memory, maxLossShare, at }: Means): Treatment {
  const { call, rule, boundaries } = given;
  if (call.json('cache_control')) return untouched(given, boundaries.at(-1)!.tokens); // the client leaves it to the provider
  const plan = planMarks({ ...given, memory, now: at, maxLossShare });
  const own = boundaries.flatMap(({ key, tokens, block }) =>
    block.mark === undefined || tokens < rule.minimumTokens ? [] : [{ key, ttlMs: lifetimeOf(rule, block.mark), byClient: true }],
  );
  const ours = plan.marks.flatMap(({ at: index, ttlMs }) => {
    const { key, tokens } = boundaries[index]!;
    return tokens < rule.minimumTokens ? [] : [{ key, ttlMs, byClient: false }];
  });
  const hitKey = boundaries[plan.hit]?.key;
  const isNew = ({ key }: { readonly key: string }): boolean => key !== hitKey && !memory.has(key, at);
  return {
    marks: plan.marks,
    members: undefined,
    rule: plan.marks.length > 0 ? 'marks' : undefined,
    ours: plan.ours,
    alone: plan.alone,
    kept: [...own, ...ours].filter((entry) => isNew(entry) || entry.byClient),
    refreshed: hitKey === undefined ? [] : [hitKey],
    written: [...own, ...ours].filter(isNew).map(({ key }) => key),
    hitKey: plan.marks.length > 0 ? hitKey : undefined,
  };
}

const lifetimeOf = ({ lifetimes }: CacheRule, ttl: string): number => (lifetimes.find((each) => each.ttl === ttl) ?? lifetimes[0]!).ms;

const none: Split = { read: 0, written: 0 };

function untouched({ boundaries, rule }: Case, tokens: number): Treatment {
  const tail = boundaries.at(-1)!;
  const kept = tokens >= rule.minimumTokens ? [{ key: tail.key, ttlMs: rule.lifetimes[0]!.ms, byClient: true }] : [];
  return { marks: [], members: undefined, rule: undefined, ours: none, alone: none, kept, refreshed: [], written: [], hitKey: undefined };
}

/** OpenAI up to 5.5, Mistral, Gemini and others: nothing to decide but where calls of one conversation meet. */
function automatic(given: Case, { memory, keys, at }: Means): Treatment {
  const { boundaries, rule } = given;
  const hit = boundaries.findLast(({ key }) => memory.has(key, at));
  const split: Split = { read: hit?.tokens ?? 0, written: 0 };
  const ends = [boundaries[sharedEnd(boundaries)], boundaries.at(-1)].flatMap((end) =>
    end && end.tokens >= rule.minimumTokens ? [end.key] : [],
  );
  const kept = ends.map((key) => ({ key, ttlMs: rule.lifetimes[0]!.ms, byClient: true }));
  return {
    marks: [],
    members: keys ? keyFor(given) : undefined,
    rule: undefined,
    ours: split,
    alone: split,
    kept,
    refreshed: [],
    written: ends.filter((key) => !memory.has(key, at)),
    hitKey: undefined,
  };
}

/** Conversations seen before a kind is taken for one that does not go on. */
export const singleSamples = 20;
/** At most this share of them went on. */
const singleShare = 0.02;

/** OpenAI from 5.6: left as it is, the end of every prompt is written and paid for; calls that nobody goes on from are spared that. */
function optioned(given: Case, means: Means): Treatment {
  const { call, kind, depth, boundaries, rule } = given;
  const base = automatic(given, means);
  const total = boundaries.at(-1)!.tokens;
  const alone: Split = { read: base.alone.read, written: total >= rule.minimumTokens ? total - base.alone.read : 0 };
  const treatment = { ...base, alone, ours: alone };
  const isOwn = call.json('prompt_cache_options') !== undefined || boundaries.some(({ block }) => block.mark !== undefined);
  const isSingle = depth === 1 && kind.samples(1) >= singleSamples && kind.goesOn(1, 0) <= singleShare;
  return isOwn || !isSingle || total < rule.minimumTokens ? treatment : single(given, means, treatment);
}

const explicit = Buffer.from('{"mode":"explicit"}');

/** Only what all calls of the kind begin with is kept, where that pays. */
function single(given: Case, { memory, at }: Means, treatment: Treatment): Treatment {
  const { kind, boundaries, rule, factors } = given;
  const index = sharedEnd(boundaries);
  const shared = boundaries[index];
  const isLong = shared !== undefined && shared.tokens >= rule.minimumTokens;
  const read = isLong && memory.has(shared.key, at) ? shared.tokens : 0;
  const choice = isLong && bestLifetime(rule, factors, { prefix: shared.tokens, read: 0, again: 0.95, gaps: kind.sharedGaps });
  if (isLong && choice && !shared.block.isMarkable) return treatment; // what all share could not be kept any more
  const mark = isLong && choice ? [{ at: index, ttl: choice.ttl, ttlMs: choice.ttlMs }] : [];
  return {
    ...treatment,
    marks: mark,
    members: { ...treatment.members, prompt_cache_options: explicit },
    rule: 'single',
    ours: { read, written: mark.length > 0 ? shared!.tokens - read : 0 },
    kept: mark.map(({ ttlMs }) => ({ key: shared!.key, ttlMs, byClient: false })),
    written: mark.length > 0 && read === 0 ? [shared!.key] : [],
  };
}

/** Calls that begin alike should meet at one machine: a key of the client's own is left, and short prompts need none. */
function keyFor({ call, rule, boundaries, root }: Case): Members | undefined {
  if (!rule.takesKey || call.json('prompt_cache_key') || boundaries.at(-1)!.tokens < rule.minimumTokens) return undefined;
  const start = boundaries.find(({ block, tokens }) => block.part === 'messages' || tokens >= rule.minimumTokens)!;
  return { prompt_cache_key: Buffer.from(`"m-${hash('sha1', `${root}\n${start.key}`, 'base64url').slice(0, 20)}"`) };
}
