import type { CacheFactors, CacheRule } from '../../../catalog/cache-rules.ts';
import { nobody, unwritten } from '../../../core/bare-scope.ts';
import type { Call } from '../../../core/call.ts';
import type { Deployment } from '../../../core/deployment.ts';
import { newId } from '../../../core/id.ts';
import type { Handler, Scope, Stage } from '../../../core/pipeline.ts';
import type { CallRecord } from '../../../core/record.ts';
import type { Reply } from '../../../core/reply.ts';
import { noteSavings, type ModeOf } from '../../../core/shaping.ts';
import { totalInput, type NanoUsd } from '../../../core/usage.ts';
import { isMarkedCall, markedMembers } from '../../../prefix/marks.ts';
import { promptBlocks } from '../blocks.ts';
import { Lru } from '../lru.ts';
import { conversationsMax } from '../memory.ts';
import { boundariesOf, depthOf, rootOf, type Boundary } from '../prefix.ts';
import { sharedEnd } from '../plan.ts';
import { Reuse, type Kind } from '../reuse.ts';
import { usageAt } from '../settle.ts';
import { comesBack, keptWorth, refreshCost, type Held } from './chance.ts';

export interface KeepWarmOptions {
  readonly modeOf: ModeOf;
  readonly ruleOf: (call: Call, scope: Scope) => CacheRule | undefined;
  readonly factorsOf: (call: Call, scope: Scope, rule: CacheRule, inputTokens: number) => CacheFactors | undefined;
  readonly deploymentOf: (call: Call, scope: Scope) => Deployment;
  /** Gives calls of ours a record of their own. */
  readonly accounted: (handler: Handler) => Handler;
  /** Times that one pause of a conversation is bridged at most. */
  readonly maxRefreshes: number;
  /** What all of them may cost in an hour. */
  readonly maxCostPerHour: NanoUsd;
  /** Epoch ms. */
  readonly now?: () => number;
  readonly after?: (delayMs: number, then: () => void) => () => void;
}

export const stageName = 'keep-warm';
/** Bytes of calls that are held to be sent again; calls beyond are left to expire. */
export const maxHeldBytes = 64 * 1024 * 1024;
/** So long before the end of its life a prompt is read again. */
export const marginMs = 20_000;
const hourMs = 3_600_000;

/** A conversation that pauses. */
interface Pause {
  readonly kind: Kind;
  readonly depth: number;
  /** When the client was heard last. */
  readonly lastAt: number;
  readonly ttlMs: number;
  readonly held: Held;
  /** Of the prompt, what other conversations of its kind begin with too: from 0 to 1. */
  readonly sharedShare: number;
  readonly read: number;
  readonly write: number;
  readonly inputPico: number;
  refreshes: number;
  /** To be sent again; `undefined`: it is not held any more. */
  call: Call | undefined;
  readonly scope: Scope;
  readonly mode: 'observe' | 'on';
  /** Sends it again, with a record of its own. */
  readonly send: Handler;
  cancel: () => void;
}

interface State {
  readonly options: KeepWarmOptions;
  readonly now: () => number;
  readonly after: (delayMs: number, then: () => void) => () => void;
  readonly reuse: Reuse;
  readonly pauses: Lru<Pause>;
  heldBytes: number;
  hour: number;
  spent: number;
  /** What refreshes would have cost that were only observed, in nano-USD, and are in no record yet. */
  observedCost: number;
}

/**
 * Reads prompts of Anthropic's once more before they expire, when the conversation is likely enough to go on that this costs less than
 * writing them anew. Below the stage that marks: it sees the call as the provider does.
 */
export function keepWarm(options: KeepWarmOptions): Stage {
  const { now = Date.now, after = timer } = options;
  const fresh = {
    reuse: new Reuse(),
    pauses: new Lru<Pause>(conversationsMax),
    heldBytes: 0,
    hour: 0,
    spent: 0,
    observedCost: 0,
  };
  const state: State = { options, now, after, ...fresh };
  return {
    name: stageName,
    kind: 'saving',
    wrap: (next) => (call, scope) => {
      const mode = options.modeOf(stageName, call, scope);
      const rule = mode === 'off' ? undefined : options.ruleOf(call, scope);
      if (mode === 'off' || rule?.mode !== 'marks' || !canBeAskedAgain(call)) return next(call, scope);
      return followed(state, next, { call, scope, mode, rule });
    },
  };
}

const timer = (delayMs: number, then: () => void): (() => void) => {
  const timeout = setTimeout(then, delayMs).unref();
  return () => clearTimeout(timeout);
};

/** It has marks, and takes an answer of one token: a budget for thinking must be below that limit. */
const canBeAskedAgain = (call: Call): boolean =>
  call.api === 'anthropic.messages' && call.json('thinking')?.includes('"budget_tokens"') !== true && isMarkedCall(call);

interface Asked {
  readonly call: Call;
  readonly scope: Scope;
  readonly mode: 'observe' | 'on';
  readonly rule: CacheRule;
}

async function followed(state: State, next: Handler, asked: Asked): Promise<Reply> {
  const { call, scope } = asked;
  const prompt = promptBlocks(call);
  if (!prompt || prompt.blocks.length === 0) return next(call, scope);
  const boundaries = boundariesOf(prompt, rootOf(scope, state.options.deploymentOf(call, scope)));
  const at = state.now();
  const depth = depthOf(boundaries);
  const [shared, whole] = [boundaries[sharedEnd(boundaries)], boundaries.at(-1)!];
  const kind = state.reuse.of(`${shared?.key ?? ''}\n${scope.labels.app ?? ''}`);
  const othersAt = kind.lastAt;
  kind.lastAt = at;
  kind.reached(depth);
  const before = resumed(state, boundaries);
  if (before) kind.continued(before.depth, at - before.lastAt);
  const reply = await next(call, scope);
  scope.atRecord.push((record) => {
    if (before) noteKept(state, before, { at, othersAt, record, scope });
    const sharedShare = shared && whole.tokens > 0 ? shared.tokens / whole.tokens : 0;
    pause(state, asked, { kind, depth, lastAt: at, sharedShare, send: state.options.accounted(next), key: whole.key }, record);
  });
  return reply;
}

/** The conversation's pause is over. */
function resumed(state: State, boundaries: readonly Boundary[]): Pause | undefined {
  for (let at = boundaries.length - 1; at >= 0; at -= 1) {
    const { key } = boundaries[at]!;
    const found = state.pauses.get(key);
    if (!found) continue;
    state.pauses.delete(key);
    release(state, found);
    return found;
  }
  return undefined;
}

function release(state: State, paused: Pause): void {
  paused.cancel();
  state.heldBytes -= paused.call?.sizeBytes ?? 0;
  paused.call = undefined;
}

const written = ['cacheWrite', 'cacheWrite5m', 'cacheWrite1h'] as const;

/** Its reply is out: when the cache would drop it, it is decided whether to read it again. */
function pause(
  state: State,
  { call, scope, mode, rule }: Asked,
  { key, ...standing }: Pick<Pause, 'kind' | 'depth' | 'lastAt' | 'sharedShare' | 'send'> & { readonly key: string },
  record: CallRecord,
): void {
  const usage = usageAt(record, state.options.deploymentOf(call, scope));
  const total = usage && totalInput(usage);
  if (!usage || !total) return;
  const kept = written.reduce((sum, bucket) => sum + (usage[bucket] ?? 0), usage.cacheRead ?? 0);
  const factors = state.options.factorsOf(call, scope, rule, total);
  const lifetime = rule.lifetimes.find(({ ttl }) => markedMembers.some((each) => call.json(each)?.includes(`"${ttl}"`) === true));
  const { ttl, ms: ttlMs } = lifetime ?? rule.lifetimes[0]!;
  const write = factors?.write[ttl];
  if (kept === 0 || !factors || write === undefined || state.heldBytes + call.sizeBytes > maxHeldBytes) return;
  const { read, inputPico } = factors;
  const held = { kept, fresh: total - kept };
  const paused: Pause = { ...standing, ttlMs, held, read, write, inputPico, refreshes: 0, call, scope, mode, cancel: () => {} };
  state.pauses.set(key, paused);
  state.heldBytes += call.sizeBytes;
  waitFor(state, paused);
}

function waitFor(state: State, paused: Pause): void {
  paused.cancel = state.after(paused.ttlMs - marginMs, () => {
    if (!pays(state, paused)) return release(state, paused);
    if (paused.mode === 'observe') return observed(state, paused);
    void refresh(state, paused);
  });
}

const inNanoUsd = (tokens: number, { inputPico }: Pause): number => Math.round((tokens * inputPico) / 1000);

/** The chance that it goes on is worth more than one more reading, and that is within both bounds. */
function pays(state: State, paused: Pause): boolean {
  const { kind, depth, lastAt, ttlMs, held, read, write, refreshes } = paused;
  const cost = refreshCost(held, read);
  const chance = comesBack(kind, depth, state.now() - lastAt, ttlMs);
  if (refreshes >= state.options.maxRefreshes || chance * keptWorth(held, read, write) <= cost) return false;
  const hour = Math.floor(state.now() / hourMs);
  if (hour !== state.hour) [state.hour, state.spent] = [hour, 0];
  return state.spent + inNanoUsd(cost, paused) <= state.options.maxCostPerHour;
}

function observed(state: State, paused: Pause): void {
  const cost = inNanoUsd(refreshCost(paused.held, paused.read), paused);
  state.spent += cost;
  state.observedCost += cost;
  paused.refreshes += 1;
  waitFor(state, paused);
}

const one = Buffer.from('1');

/** A call of our own: the same prompt, an answer of one token, a record of its own. */
async function refresh(state: State, paused: Pause): Promise<void> {
  const { call, scope } = paused;
  if (!call) return;
  const { arm } = scope.annotations;
  const now = state.now();
  const own: Scope = {
    ...scope,
    requestId: newId(now),
    startedAt: now,
    startedMonotonicMs: performance.now(),
    client: nobody,
    onClientAbort: 'drain',
    ...unwritten(),
    atRecord: [(record) => refreshed(state, paused, record, own)],
    annotations: { ...(arm && { arm }), signals: [stageName] },
  };
  try {
    const reply = await paused.send(call.with({ stream: false }).withJson({ max_tokens: one }), own);
    reply.bytes.to({ open() {}, write() {}, end() {} });
  } catch {
    release(state, paused); // its record says why
  }
}

/** What it cost is a loss until the conversation goes on. */
function refreshed(state: State, paused: Pause, record: CallRecord, own: Scope): void {
  const cost = record.cost.total;
  const loss = cost === null ? null : ((0 - cost) as NanoUsd);
  noteSavings(own, stageName, 'on', { savings: [{ rule: 'refresh', inputTokens: 0, outputTokens: 0, cost: loss, basis: 'measured' }] });
  state.spent += cost ?? inNanoUsd(refreshCost(paused.held, paused.read), paused);
  if (paused.call === undefined) return; // it went on meanwhile
  if (record.outcome !== 'ok' || !record.buckets.cacheRead) return release(state, paused); // it was gone already
  paused.refreshes += 1;
  waitFor(state, paused);
}

interface Resumption {
  /** Epoch ms: of this call, and of the last one of its kind before it. */
  readonly at: number;
  readonly othersAt: number | undefined;
  readonly record: CallRecord;
  readonly scope: Scope;
}

/** It went on after its prompt would have expired, and reads it. What a call of another conversation had just read or written is not its doing. */
function noteKept(state: State, before: Pause, { at, othersAt, record, scope }: Resumption): void {
  const { refreshes, lastAt, ttlMs, held, sharedShare, read, write, mode } = before;
  if (refreshes === 0 || at - lastAt <= ttlMs) return;
  const found = mode === 'on' ? Math.min(held.kept, record.buckets.cacheRead ?? 0) : held.kept;
  const isHeldByOthers = othersAt !== undefined && at - othersAt <= ttlMs;
  const kept = isHeldByOthers ? Math.round(found * (1 - sharedShare)) : found;
  const debt = mode === 'on' ? 0 : state.observedCost;
  if (mode === 'observe') state.observedCost = 0;
  const cost = (inNanoUsd(keptWorth({ ...held, kept }, read, write), before) - debt) as NanoUsd;
  noteSavings(scope, stageName, mode, { savings: [{ rule: 'kept', inputTokens: 0, outputTokens: 0, cost, basis: 'estimated' }] });
}
