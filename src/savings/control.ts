import type { Call } from '../core/call.ts';
import type { Scope, Stage } from '../core/pipeline.ts';
import type { ModeOf, SavingMode } from '../core/shaping.ts';
import { savings, type SavingModes } from './registry.ts';
import type { MeasuredCall } from './session.ts';
import { hashText, mixed, unitOf } from './unit.ts';

/** All that is written must hold; an entry ending in `*` stands for any rest. */
export interface SavingMatch {
  readonly app?: string | undefined;
  readonly feature?: string | undefined;
  readonly team?: string | undefined;
  readonly user?: string | undefined;
  readonly client?: string | undefined;
  /** Virtual key, by id. */
  readonly key?: string | undefined;
  /** As the client names it. */
  readonly model?: string | undefined;
}

export interface SavingPolicy {
  /** Share of sessions, 0 to 0.5, that run without any saving. */
  readonly holdout: number;
  /** Share of the other sessions that each saving leaves alone, drawn for each by itself. */
  readonly stageHoldout: number;
  /** Another one draws all sessions anew. */
  readonly seed: string;
  readonly stages: SavingModes;
  /** Later ones win. */
  readonly overrides: readonly { readonly match: SavingMatch; readonly stages: SavingModes }[];
}

export interface SavingControlOptions {
  /** Savings that lost money and turned themselves to `observe`, by stage. */
  readonly isSwitched?: (stage: string) => boolean;
  /** Modes that a rule gives this call, by option, over those of the policy. */
  readonly modesFor?: (call: Call, scope: Scope) => SavingModes | undefined;
  /** Gets each record of a call with a saving on, before it is written. */
  readonly measured?: (call: MeasuredCall) => void;
}

export interface SavingControl {
  readonly modeOf: ModeOf;
  /** Draws each call's side before any saving is asked. Stands before them all. */
  readonly stage: Stage;
}

type Modes = readonly SavingMode[];
interface Drawn {
  readonly modes: Modes;
  readonly arm?: 'treatment' | 'holdout';
}

const stageIndex: ReadonlyMap<string, number> = new Map(savings.map(({ stage }, index) => [stage, index]));
const isRule: readonly boolean[] = savings.map((entry) => 'isRule' in entry);
const routesAt = stageIndex.get('routes')!;
/** The modes of savings changed, those of rules kept. */
const changed = (modes: Modes, change: (mode: SavingMode, index: number) => SavingMode): Modes =>
  modes.map((mode, index) => (isRule[index] ? mode : change(mode, index)));
const range = 2 ** 32;

/** Tells the mode of each saving for a call: by policy, by the client's wish, by hold-out, and by what switched itself off. Drawn once a request. */
export function createSavingControl(policy: SavingPolicy, options: SavingControlOptions = {}): SavingControl {
  const { isSwitched = () => false, modesFor, measured } = options;
  const configured = compiled(policy);
  const draw = drawer(policy);
  const isIdle = !modesFor && configured.never;
  const drawn = (call: Call, scope: Scope): Drawn => {
    if (scope.drawn) return scope.drawn as Drawn;
    const own = configured.modesOf(call, scope);
    const wanted = withRule(own, own[routesAt] === 'on' ? modesFor?.(call, scope) : undefined); // rules on trial change nothing
    const isBarred = (mode: SavingMode, index: number): boolean => mode === 'on' && isSwitched(savings[index]!.stage);
    const allowed = wanted.some(isBarred) ? wanted.map((mode, index) => (isBarred(mode, index) ? 'observe' : mode)) : wanted;
    const made = scope.savings ? asked(scope.savings, allowed) : draw(allowed, call, scope);
    scope.drawn = made;
    return made;
  };
  return {
    modeOf(saving, call, scope) {
      const index = stageIndex.get(saving);
      return isIdle || index === undefined ? 'off' : drawn(call, scope).modes[index]!;
    },
    stage: {
      name: 'savings',
      kind: 'guard', // it cannot break a call, and a guard costs no promise
      wrap: (next) =>
        isIdle
          ? next
          : (call, scope) => {
              if (drawn(call, scope).arm && measured)
                scope.atRecord.push(({ at, outcome, finishReason, attempts, cost }) =>
                  measured({ at, outcome, finishReason, attempts, cost, annotations: scope.annotations }),
                );
              return next(call, scope);
            },
    },
  };
}

/** A call that its client took out is on no side: who asks for that is not like the others. */
const asked = (wish: 'off' | 'observe', modes: Modes): Drawn => ({
  modes: changed(modes, (mode) => (mode === 'on' ? wish : wish === 'off' ? 'off' : mode)),
});

type Draw = (modes: Modes, call: Call, scope: Scope) => Drawn;

/** How a draw turned out: shared by all calls that it fits, for there are few of them. */
interface Outcome {
  readonly drawn: Drawn;
  readonly treated?: readonly string[] | undefined;
  readonly held?: readonly string[] | undefined;
}

/** The sides of a session. Its draws do not depend on each other, so that the effect of each saving can be told apart. */
function drawer({ holdout, stageHoldout, seed }: SavingPolicy): Draw {
  const salt = hashText(seed);
  const salts = savings.map(({ stage }) => hashText(stage, salt));
  const isDrawn = (unit: number, by: number, share: number): boolean => mixed((mixed(unit ^ by) + by) | 0) < share * range;
  const outcomes = new WeakMap<Modes, Map<number, Outcome>>();
  const outcomeOf = (modes: Modes, mask: number): Outcome => {
    const known = outcomes.get(modes) ?? new Map<number, Outcome>();
    outcomes.set(modes, known);
    const outcome = known.get(mask) ?? outcomeWith(modes, mask);
    known.set(mask, outcome);
    return outcome;
  };
  return (modes, call, scope) => {
    if (!modes.some((mode, index) => mode === 'on' && !isRule[index])) return { modes };
    const unit = unitOf(call, scope);
    let mask = 0;
    if (isDrawn(unit, salt, holdout)) mask = heldOut;
    else for (let index = 0; index < modes.length; index++) if (isDrawn(unit, salts[index]!, stageHoldout)) mask |= 1 << index;
    const { drawn, treated, held } = outcomeOf(modes, mask);
    const { annotations } = scope;
    annotations.unit = unit;
    annotations.arm = drawn.arm!;
    if (treated) annotations.treated = treated;
    if (held) annotations.held = held;
    return drawn;
  };
}

/** A mask of savings that are held out; this one says all, and more than each of them. */
const heldOut = -1;

function outcomeWith(modes: Modes, mask: number): Outcome {
  const isHeld = (index: number): boolean => (mask & (1 << index)) !== 0;
  const names = (isIn: (index: number) => boolean): readonly string[] | undefined => {
    const found = savings.flatMap(({ stage }, index) => (modes[index] === 'on' && !isRule[index] && isIn(index) ? [stage] : []));
    return found.length > 0 ? found : undefined;
  };
  if (mask === heldOut) return { drawn: { modes: changed(modes, () => 'off'), arm: 'holdout' }, held: names(isHeld) };
  const kept = changed(modes, (mode, index) => (mode === 'on' && isHeld(index) ? 'off' : mode));
  return { drawn: { modes: kept, arm: 'treatment' }, treated: names((index) => !isHeld(index)), held: names(isHeld) };
}

interface Configured {
  readonly modesOf: (call: Call, scope: Scope) => Modes;
  /** No call has a saving. */
  readonly never: boolean;
}

function compiled({ stages, overrides }: SavingPolicy): Configured {
  const base: Modes = savings.map(({ key, initial }) => stages[key] ?? initial);
  const rules = overrides.map(({ match, stages }) => ({ matches: matcherOf(match), stages }));
  const isOff = (modes: SavingModes): boolean => Object.values(modes).every((mode) => mode === undefined || mode === 'off');
  return {
    never: base.every((mode) => mode === 'off') && overrides.every((rule) => isOff(rule.stages)),
    modesOf: (call, scope) => {
      let modes = base;
      for (const rule of rules) if (rule.matches(call, scope)) modes = withRule(modes, rule.stages);
      return modes;
    },
  };
}

const withRule = (modes: Modes, over: SavingModes | undefined): Modes =>
  over ? modes.map((mode, index) => over[savings[index]!.key] ?? mode) : modes;

type Matches = (call: Call, scope: Scope) => boolean;

function matcherOf({ key, model, ...labels }: SavingMatch): Matches {
  const wanted = Object.entries(labels).filter((entry): entry is [keyof typeof labels, string] => entry[1] !== undefined);
  return (call, scope) =>
    wanted.every(([label, pattern]) => fits(pattern, scope.labels[label])) &&
    (key === undefined || fits(key, scope.key)) &&
    (model === undefined || fits(model, call.model));
}

const fits = (pattern: string, value: string | undefined): boolean =>
  value !== undefined && (pattern.endsWith('*') ? value.startsWith(pattern.slice(0, -1)) : value === pattern);
