import { hashText, mixed } from '../savings/unit.ts';
import { conditionsOf, type Condition } from './conditions.ts';
import type { RouteFacts } from './facts.ts';
import type { RouteRule, RouteUse, Share, TableUse } from './rule.ts';
import { cheapestAbove } from './table.ts';

/** What the rules say of one call. */
export interface RouteDecision {
  /** The first that is for it; `undefined`: none is. */
  readonly rule: RouteRule | undefined;
  /** The rule's model; `undefined`: the client's own stays. */
  readonly model: string | undefined;
  /** Rules on trial that would have fired before it. */
  readonly observed: readonly RouteRule[];
}

/** Draws a number of 0 to 2^32 - 1 that stays the same within a session. */
export type Unit = () => number;

export interface RouteDecider {
  readonly decide: (facts: RouteFacts, unit: Unit) => RouteDecision;
  readonly explain: (facts: RouteFacts, unit: Unit) => readonly RuleVerdict[];
}

/** How one rule was judged, for people. */
export interface RuleVerdict {
  readonly rule: RouteRule;
  /** `fires`; `would fire` on trial; `no`: a condition does not hold; `behind`: an earlier rule fired. */
  readonly verdict: 'fires' | 'would fire' | 'no' | 'behind';
  readonly conditions: readonly ConditionVerdict[];
  /** Which it chooses, where it fires or would. */
  readonly model?: string | undefined;
}

export interface ConditionVerdict {
  readonly condition: string;
  readonly wanted: string;
  readonly found: string;
  readonly holds: boolean;
}

interface Compiled {
  readonly rule: RouteRule;
  readonly conditions: readonly Condition[];
  readonly choose: (facts: RouteFacts, unit: Unit) => string | undefined;
}

/** Makes rules ready to be asked for every call. */
export function routeDecider(rules: readonly RouteRule[]): RouteDecider {
  const compiled = rules.map((rule): Compiled => ({ rule, conditions: conditionsOf(rule.match), choose: chooserOf(rule) }));
  return {
    decide: (facts, unit) => decided(compiled, facts, unit),
    explain(facts, unit) {
      const { rule: winner, observed } = decided(compiled, facts, unit);
      const at = compiled.findIndex(({ rule }) => rule === winner);
      return compiled.map((one, index) => verdictOf(one, facts, unit, { winner, observed, isBehind: at !== -1 && index > at }));
    },
  };
}

function decided(compiled: readonly Compiled[], facts: RouteFacts, unit: Unit): RouteDecision {
  const observed: RouteRule[] = [];
  for (const { rule, conditions, choose } of compiled) {
    if (!conditions.every(({ holds }) => holds(facts))) continue;
    if (rule.mode === 'on') return { rule, model: choose(facts, unit), observed };
    observed.push(rule);
  }
  return { rule: undefined, model: undefined, observed };
}

interface Standing {
  readonly winner: RouteRule | undefined;
  readonly observed: readonly RouteRule[];
  readonly isBehind: boolean;
}

function verdictOf({ rule, conditions, choose }: Compiled, facts: RouteFacts, unit: Unit, standing: Standing): RuleVerdict {
  const fires = rule === standing.winner || standing.observed.includes(rule);
  const verdict = rule === standing.winner ? 'fires' : fires ? 'would fire' : standing.isBehind ? 'behind' : 'no';
  return {
    rule,
    verdict,
    conditions: conditions.map(({ name, wanted, found, holds }) => ({
      condition: name,
      wanted,
      found: found(facts),
      holds: holds(facts),
    })),
    ...(fires && { model: choose(facts, unit) }),
  };
}

function chooserOf({ name, use }: RouteRule): Compiled['choose'] {
  if (!use) return () => undefined;
  if (use.split) return splitOf(use.split, name);
  if (use.fromTable) return fromTable(use.fromTable);
  return modelOf(use);
}

const modelOf =
  ({ model }: RouteUse): Compiled['choose'] =>
  () =>
    model;

/** Each rule draws for itself, so that two splits of the same sessions do not go together. */
function splitOf(split: readonly Share[], name: string): Compiled['choose'] {
  const total = split.reduce((sum, { weight }) => sum + weight, 0);
  const salt = hashText(name);
  return (_, unit) => {
    const drawn = (mixed((mixed(unit() ^ salt) + salt) | 0) / 2 ** 32) * total;
    let upTo = 0;
    return (split.find(({ weight }) => drawn < (upTo += weight)) ?? split.at(-1))?.model;
  };
}

function fromTable({ task, rows, minQuality }: TableUse): Compiled['choose'] {
  if (task !== undefined) {
    const model = cheapestAbove(rows, task, minQuality)?.model;
    return () => model;
  }
  const tasks = new Set(rows.map((row) => row.task));
  const byTask = new Map([...tasks].map((one) => [one, cheapestAbove(rows, one, minQuality)?.model] as const));
  return ({ labels: { feature } }) => (feature === undefined ? undefined : byTask.get(feature));
}
