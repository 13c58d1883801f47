import type { Labels } from '../core/record.ts';
import { conditionsOf, type Condition } from './conditions.ts';
import type { RouteFacts } from './facts.ts';
import type { RouteMatch } from './match.ts';
import type { RouteRule, RouteUse } from './rule.ts';

/** What is known of a call before any guard has looked into it. */
export interface Caller {
  readonly labels: Labels;
  readonly key: string | undefined;
  readonly model: string;
}

/** Conditions that hold or not by who calls, and by nothing that may still change. */
const certain = ['app', 'feature', 'key', 'team', 'user', 'client', 'model', 'tags'] as const satisfies readonly (keyof RouteMatch)[];

interface Reachable {
  readonly conditions: readonly Condition[];
  /** No rule behind it is asked, once these hold. */
  readonly isLast: boolean;
  readonly models: readonly string[];
}

/** Names the models that rules may send a call to, beside its own: before it is known what the call holds, so rather too many than too few. */
export function routeReach(rules: readonly RouteRule[]): (caller: Caller) => readonly string[] {
  const compiled = rules.filter(({ mode }) => mode === 'on').map(reachable);
  const none: readonly string[] = [];
  if (compiled.every(({ models }) => models.length === 0)) return () => none;
  return ({ labels, key, model }) => {
    const facts = { labels, key, model } as RouteFacts; // the certain conditions ask for no more
    let found = none;
    for (const { conditions, isLast, models } of compiled) {
      if (!conditions.every(({ holds }) => holds(facts))) continue;
      if (models.length > 0) found = found.length === 0 ? models : [...found, ...models];
      if (isLast) break;
    }
    return found;
  };
}

function reachable({ match, use }: RouteRule): Reachable {
  const known = Object.fromEntries(certain.map((kind) => [kind, match[kind]])) as RouteMatch;
  const rest = Object.keys(match).filter((kind) => match[kind as keyof RouteMatch] !== undefined && !certain.some((one) => one === kind));
  return { conditions: conditionsOf(known), isLast: rest.length === 0, models: modelsOf(use) };
}

function modelsOf({ model, split = [], fromTable }: RouteUse = {}): readonly string[] {
  const named = [...(model === undefined ? [] : [model]), ...split.map((share) => share.model)];
  const rows = fromTable?.rows.filter(({ task, quality }) => quality >= fromTable.minQuality && task === (fromTable.task ?? task)) ?? [];
  return [...new Set([...named, ...rows.map((row) => row.model)])];
}
