import { hash } from 'node:crypto';
import type { Call } from '../../core/call.ts';
import { isAlone, type Deployment, type Plan } from '../../core/deployment.ts';
import type { Scope, Stage } from '../../core/pipeline.ts';
import { promptBlocks } from './blocks.ts';
import { Lru } from './lru.ts';
import { sharedEnd } from './plan.ts';
import { boundariesOf, type Boundary } from './prefix.ts';

/** Beginnings of prompts whose place is remembered. */
export const holdersMax = 100_000;

interface Holder {
  readonly id: string;
  readonly expiresAt: number;
}

export interface HolderOptions {
  readonly isOn: (call: Call, scope: Scope) => boolean;
  readonly planOf: (call: Call, scope: Scope) => Plan;
  /** What a prompt of `total` tokens costs there when `read` of them are read from its cache; `undefined`: nobody knows. Any unit. */
  readonly costOf: (deployment: Deployment, total: number, read: number) => number | undefined;
  /** How long a place is taken to hold what it was sent, ms; 0 where it has no cache. */
  readonly lifetimeOf: (deployment: Deployment) => number;
  /** Epoch ms. */
  readonly now?: () => number;
}

export interface Holders {
  /** Stands right above the choice of a place: looks up who holds the prompt's beginning, and notes who answered. */
  readonly stage: Stage;
  /** The place that holds the call's beginning, where going there is cheaper than to the one that would be asked first. */
  readonly preferred: (call: Call, first: Deployment, targets: readonly Deployment[]) => Deployment | undefined;
}

interface Known {
  readonly total: number;
  readonly held: number;
  readonly id: string;
}

/** Remembers which place holds which beginning of a prompt. Calls with one place to go are not looked at. */
export function createHolders({ isOn, planOf, costOf, lifetimeOf, now = Date.now }: HolderOptions): Holders {
  const holders = new Lru<Holder>(holdersMax);
  const known = new WeakMap<Call, Known>();
  const note = (boundaries: readonly Boundary[], plan: Plan, provider: string, model: string): void => {
    const deployment = [...plan.targets, ...plan.fallbacks].find((each) => each.provider === provider && each.model === model);
    const lifetimeMs = deployment ? lifetimeOf(deployment) : 0;
    if (!deployment || lifetimeMs === 0) return;
    for (const end of [boundaries[sharedEnd(boundaries)], boundaries.at(-1)])
      if (end) holders.set(end.key, { id: deployment.id, expiresAt: now() + lifetimeMs });
  };
  const stage: Stage = {
    name: 'prompt-affinity',
    kind: 'saving',
    wrap: (next) => (call, scope) => {
      const plan = planOf(call, scope);
      if (isAlone(plan) || plan.targets.length === 1 || !isOn(call, scope)) return next(call, scope);
      const prompt = promptBlocks(call);
      if (!prompt || prompt.blocks.length === 0) return next(call, scope);
      const boundaries = boundariesOf(prompt, rootOf(scope));
      const found = lastHeld(boundaries, holders, now());
      if (found) known.set(call, found);
      return next(call, scope).then((reply) => {
        const { kind, name, model } = reply.servedBy;
        if (kind === 'provider' && reply.head.status < 400) note(boundaries, plan, name, model);
        return reply;
      });
    },
  };
  return {
    stage,
    preferred: (call, first, targets) => {
      const found = known.get(call);
      const holder = found && targets.find(({ id }) => id === found.id);
      if (!holder || holder === first) return undefined;
      const there = costOf(holder, found.total, found.held);
      const here = costOf(first, found.total, 0);
      return there !== undefined && here !== undefined && there < here ? holder : undefined;
    },
  };
}

const rootOf = ({ credentials, key }: Scope): string => hash('sha1', `${key ?? ''}\n${credentials.join('\n')}`, 'base64url');

function lastHeld(boundaries: readonly Boundary[], holders: Lru<Holder>, now: number): Known | undefined {
  for (let at = boundaries.length - 1; at >= 0; at -= 1) {
    const { key, tokens } = boundaries[at]!;
    const holder = holders.get(key);
    if (holder && holder.expiresAt > now) return { id: holder.id, held: tokens, total: boundaries.at(-1)!.tokens };
  }
  return undefined;
}
