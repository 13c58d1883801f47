import type { CacheFactors, CacheRule } from '../../catalog/cache-rules.ts';
import type { Call } from '../../core/call.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { Handler, Scope, Stage } from '../../core/pipeline.ts';
import type { Reply } from '../../core/reply.ts';
import { noteSavings, type ModeOf } from '../../core/shaping.ts';
import { promptBlocks } from './blocks.ts';
import type { PromptBlocks } from './block.ts';
import { withMarks } from './edit.ts';
import { Flights } from './flights.ts';
import { Lru } from './lru.ts';
import { prefixesMax, PrefixMemory, type Account } from './memory.ts';
import { sharedEnd } from './plan.ts';
import { boundariesOf, depthOf, rootOf, type Boundary } from './prefix.ts';
import { Reuse, type Kind } from './reuse.ts';
import { costOf, savingOf, settledBy, usageAt } from './settle.ts';
import { treatmentOf, type Treatment } from './treatment.ts';

export interface PromptCacheOptions {
  readonly modeOf: ModeOf;
  /** How the prompt cache of the provider that was chosen works; `undefined`: it has none, or nobody knows. */
  readonly ruleOf: (call: Call, scope: Scope) => CacheRule | undefined;
  /** What its reads and writes cost; `undefined`: nobody knows, and nothing is done. */
  readonly factorsOf: (call: Call, scope: Scope, rule: CacheRule, inputTokens: number) => CacheFactors | undefined;
  readonly deploymentOf: (call: Call, scope: Scope) => Deployment;
  /** Whether calls to providers that cache by themselves get a key, and are looked at at all. */
  readonly keys: boolean;
  /** How much above what the client alone would have paid the input of one conversation may come, in percent. */
  readonly maxLossPercent: number;
  /** How long a call waits for another one that is having their common beginning written. 0: not at all. */
  readonly warmUpWaitMs: number;
  /** Epoch ms. */
  readonly now?: () => number;
  readonly after?: (delayMs: number, then: () => void) => () => void;
}

/** Calls of which the ratio of the provider's count to our estimate is remembered, by place. */
const scalesMax = 1000;

/**
 * Has providers keep prompts that come again: marks them where the provider wants marks, names a key where it takes one, and leaves alone what
 * is not worth its price. It learns from traffic how conversations go on, and never spends more on a conversation than that has saved and a set share.
 */
export function promptCache(options: PromptCacheOptions): Stage {
  const state: State = {
    options,
    now: options.now ?? Date.now,
    memory: new PrefixMemory(),
    reuse: new Reuse(),
    flights: new Flights(options.after ?? timer),
    scales: new Lru(scalesMax),
    counted: new Lru(prefixesMax),
  };
  return {
    name: 'prompt-cache',
    kind: 'saving',
    wrap: (next) => (call, scope) => {
      const mode = options.modeOf('prompt-cache', call, scope);
      const rule = mode === 'off' ? undefined : options.ruleOf(call, scope);
      if (mode === 'off' || !rule || call.sizeBytes < rule.minimumTokens) return next(call, scope); // a token is a byte at least
      if (rule.mode === 'automatic' && !options.keys) return next(call, scope);
      return treated(state, next, { call, scope, mode, rule });
    },
  };
}

const timer = (delayMs: number, then: () => void): (() => void) => {
  const timeout = setTimeout(then, delayMs);
  return () => clearTimeout(timeout);
};

interface State {
  readonly options: PromptCacheOptions;
  readonly now: () => number;
  readonly memory: PrefixMemory;
  readonly reuse: Reuse;
  readonly flights: Flights;
  readonly scales: Lru<number>;
  readonly counted: Lru<number>;
}

interface Asked {
  readonly call: Call;
  readonly scope: Scope;
  readonly mode: 'observe' | 'on';
  readonly rule: CacheRule;
}

/** A call as the stage sees it. */
interface Seen extends Asked {
  readonly prompt: PromptBlocks;
  readonly boundaries: readonly Boundary[];
  readonly root: string;
  readonly deployment: Deployment;
  readonly scale: number;
  readonly kind: Kind;
  readonly depth: number;
  readonly factors: CacheFactors;
  readonly account: Account | undefined;
}

async function treated(state: State, next: Handler, asked: Asked): Promise<Reply> {
  const seen = lookAt(state, asked);
  if (!seen) return next(asked.call, asked.scope);
  const warming = warmed(state, seen);
  if (warming) await warming; // else the next call is to see this one under way
  const at = state.now();
  const treatment = treatmentOf(seen, { ...state, keys: state.options.keys, maxLossShare: state.options.maxLossPercent / 100, at });
  learn(seen, at);
  const landed = state.flights.begin(treatment.written);
  seen.kind.inFlight += 1;
  try {
    const call = asked.mode === 'on' ? changed(seen, treatment) : asked.call;
    const reply = await next(call, asked.scope);
    if (reply.head.status < 400) commit(state, seen, treatment, at);
    return reply.watched({ write: landed, end: landed });
  } catch (error) {
    landed();
    throw error;
  } finally {
    seen.kind.inFlight -= 1;
  }
}

function lookAt(state: State, asked: Asked): Seen | undefined {
  const { call, scope, rule } = asked;
  const prompt = promptBlocks(call);
  if (!prompt || prompt.blocks.length === 0) return undefined;
  const deployment = state.options.deploymentOf(call, scope);
  const root = rootOf(scope, deployment);
  const scale = state.scales.get(root) ?? 1;
  const boundaries = boundariesOf(prompt, root, { scale, counted: state.counted });
  const factors = state.options.factorsOf(call, scope, rule, boundaries.at(-1)!.tokens);
  if (!factors) return undefined;
  const shared = boundaries[sharedEnd(boundaries)];
  return {
    ...asked,
    prompt,
    boundaries,
    root,
    deployment,
    scale,
    kind: state.reuse.of(`${shared?.key ?? root}\n${scope.labels.app ?? ''}`),
    depth: depthOf(boundaries),
    factors,
    account: lastAccount(state.memory, boundaries),
  };
}

function lastAccount(memory: PrefixMemory, boundaries: readonly Boundary[]): Account | undefined {
  for (let at = boundaries.length - 1; at >= 0; at -= 1) {
    const account = memory.account(boundaries[at]!.key);
    if (account) return account;
  }
  return undefined;
}

/** Lets a call that is having a common beginning written go first. */
function warmed({ flights, memory, options, now }: State, { boundaries, scope, rule }: Seen): Promise<void> | undefined {
  if (options.warmUpWaitMs === 0 || flights.size === 0) return undefined;
  const at = boundaries.findLastIndex(({ key }) => flights.has(key));
  if (at < 0 || boundaries[at]!.tokens < rule.minimumTokens) return undefined;
  const { key } = boundaries[at]!;
  return memory.has(key, now()) ? undefined : flights.wait(key, options.warmUpWaitMs, scope.client);
}

function learn({ kind, depth, account }: Seen, at: number): void {
  kind.reached(depth);
  if (account) kind.continued(account.depth, at - account.lastAt);
  else kind.began(at);
}

function changed({ call, prompt, boundaries, rule }: Seen, { marks, members }: Treatment): Call {
  const marked = marks.map(({ at, ttl }) => ({
    block: boundaries[at]!.block,
    ttl: ttl === rule.lifetimes[0]!.ttl ? undefined : ttl,
  }));
  const edited = marked.length === 0 ? call : withMarks(call, prompt, marked);
  return members ? edited.withJson(members) : edited;
}

/** The reply has begun: what was written can be read from now on. */
function commit(state: State, seen: Seen, treatment: Treatment, at: number): void {
  const { memory } = state;
  const { boundaries, account, depth, factors, scope } = seen;
  for (const { key, ttlMs, byClient } of treatment.kept) memory.keep(key, at, ttlMs, byClient);
  for (const key of treatment.refreshed) memory.refresh(key, at);
  const tail = boundaries.at(-1)!;
  const write = Object.values(factors.write)[0] ?? 1;
  const before = { paid: account?.paid ?? 0, alone: account?.alone ?? 0 };
  const standing = (paid: number, alone: number): void =>
    memory.setAccount(tail.key, { depth, lastAt: at, paid: before.paid + paid, alone: before.alone + alone });
  standing(costOf(tail.tokens, treatment.ours, factors, write), costOf(tail.tokens, treatment.alone, factors, write));
  scope.atRecord.push((record) => {
    const usage = usageAt(record, seen.deployment);
    if (usage) settle(state, seen, treatment, usage, standing);
  });
}

function settle(
  { scales, memory }: State,
  { mode, boundaries, root, scale, factors, scope }: Seen,
  { alone, ours, rule, hitKey, kept }: Treatment,
  usage: NonNullable<ReturnType<typeof usageAt>>,
  standing: (paid: number, alone: number) => void,
): void {
  const told = settledBy(usage, factors, alone, 1);
  if (!told) return;
  const estimate = boundaries.at(-1)!.tokens;
  const total = (usage.input ?? 0) + (usage.cacheRead ?? 0) + writtenIn(usage);
  scales.set(root, scale * (1 + (total / estimate - 1) / 4));
  if (mode === 'observe') {
    const write = Object.values(factors.write)[0] ?? 1;
    const estimated = { paid: costOf(estimate, ours, factors, write), alone: costOf(estimate, alone, factors, write) };
    if (rule) noteSavings(scope, 'prompt-cache', mode, { savings: [savingOf(rule, estimated, factors, 'estimated')] });
    return;
  }
  standing(told.paid, told.alone);
  if (hitKey !== undefined && !usage.cacheRead) memory.forget(hitKey); // it was gone before its time
  if (ours.written > 0 && writtenIn(usage) === 0) for (const { key } of kept) memory.forget(key); // too short, by the provider's own count
  if (rule) noteSavings(scope, 'prompt-cache', mode, { savings: [savingOf(rule, told, factors, alone.read + alone.written === 0 ? 'measured' : 'estimated')] }); // prettier-ignore
}

const writtenIn = (usage: NonNullable<ReturnType<typeof usageAt>>): number =>
  (usage.cacheWrite ?? 0) + (usage.cacheWrite5m ?? 0) + (usage.cacheWrite30m ?? 0) + (usage.cacheWrite1h ?? 0) + (usage.cacheWrite12h ?? 0);
