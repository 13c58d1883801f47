import { apis, type Operation } from '../../core/api.ts';
import type { Call } from '../../core/call.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Handler, Scope, Stage } from '../../core/pipeline.ts';
import type { Annotations, CallRecord } from '../../core/record.ts';
import type { Reply } from '../../core/reply.ts';
import { noteSavings, type ModeOf } from '../../core/shaping.ts';
import type { NanoUsd } from '../../core/usage.ts';
import { routeDecider, type RouteDecision } from '../../routes/decide.ts';
import type { RouteFacts } from '../../routes/facts.ts';
import type { RouteRule } from '../../routes/rule.ts';
import type { SavingModes } from '../../savings/registry.ts';
import { unitOf } from '../../savings/unit.ts';

export interface RouteOptions {
  readonly rules: readonly RouteRule[];
  readonly factsOf: (call: Call, scope: Scope) => RouteFacts;
  readonly modeOf: ModeOf;
  /** Whether the call may go where its model leads: the key is for it, and no guard keeps it elsewhere. @throws {GatewayError} why not */
  readonly check: (call: Call, scope: Scope) => void;
  /** What the tokens of a record would have cost at the model of a call; `null`: unknown. */
  readonly costAt: (call: Call, scope: Scope, record: CallRecord) => NanoUsd | null;
}

export interface Routes {
  readonly stage: Stage;
  /** What the rules say of a call; worked out once a request. */
  readonly decisionOf: (call: Call, scope: Scope) => RouteDecision;
  /** Modes that the call's rule gives to savings; left out where no rule gives any. */
  readonly modesFor?: (call: Call, scope: Scope) => SavingModes | undefined;
}

export const stageName = 'routes';

/** Vectors of another model could not be compared with those that are there, so that embeddings are never routed. */
const routed: ReadonlySet<Operation> = new Set<Operation>(['chat', 'text_completion', 'generate_content', 'count_tokens']);
const none: RouteDecision = { rule: undefined, model: undefined, observed: [] };

/**
 * Chooses the model of calls by rules. A rule that cannot be followed is left out and recorded, and the client's own model serves,
 * unless the rule is `required`: then the call fails.
 */
export function createRoutes(options: RouteOptions): Routes {
  const { rules, factsOf } = options;
  const decider = routeDecider(rules);
  const mustJudge = rules.some(({ required, mode }) => required && mode === 'on');
  const known = new WeakMap<Annotations, RouteDecision>();
  const judged = (call: Call, scope: Scope): RouteDecision => {
    if (!routed.has(apis[call.api].operation)) return none;
    try {
      return decider.decide(factsOf(call, scope), () => unitOf(call, scope));
    } catch (error) {
      if (mustJudge) throw GatewayError.from(error);
      (scope.annotations.signals ??= []).push('route:unreadable');
      return none;
    }
  };
  const decisionOf: Routes['decisionOf'] = (call, scope) => {
    const found = known.get(scope.annotations) ?? judged(call, scope);
    known.set(scope.annotations, found);
    return found;
  };
  const modesFor = (call: Call, scope: Scope): SavingModes | undefined => {
    try {
      return decisionOf(call, scope).rule?.stages;
    } catch {
      return undefined; // the stage says it
    }
  };
  const givesModes = rules.some(({ stages }) => stages);
  return { decisionOf, stage: routeStage(options, decisionOf), ...(givesModes && { modesFor }) };
}

function routeStage(options: RouteOptions, decisionOf: Routes['decisionOf']): Stage {
  const { rules, modeOf } = options;
  return {
    name: stageName,
    kind: 'guard', // it skips itself what may be skipped, and costs no promise
    wrap: (next) =>
      rules.length === 0
        ? next
        : (call, scope) => {
            const mode = modeOf(stageName, call, scope);
            if (mode === 'off') return next(call, scope);
            let decision: RouteDecision;
            try {
              decision = decisionOf(call, scope);
            } catch (error) {
              return Promise.reject(error);
            }
            if (decision === none) return next(call, scope);
            return followed({ ...options, next, call, scope }, decision, mode);
          },
  };
}

interface Following extends RouteOptions {
  readonly next: Handler;
  readonly call: Call;
  readonly scope: Scope;
}

function followed(following: Following, { rule, model, observed }: RouteDecision, mode: 'observe' | 'on'): Promise<Reply> {
  const { next, call, scope } = following;
  for (const one of observed) signal(scope, `route:observed:${one.name}`);
  if (!rule) return next(call, scope);
  if (mode === 'observe') return tried(following, rule, model);
  if (model === undefined && rule.use && rule.required) return Promise.reject(noModel(rule));
  const changed = model === undefined || model === call.model ? call : call.with({ model });
  const refusal = changed === call ? undefined : refusalOf(following, changed);
  if (refusal && rule.required) return Promise.reject(refusal);
  if (refusal) {
    signal(scope, `route:refused:${rule.name}`);
    return next(call, scope);
  }
  scope.annotations.route = rule.name;
  if (changed !== call) account(following, rule, changed, 'on');
  return next(changed, scope);
}

function tried(following: Following, rule: RouteRule, model: string | undefined): Promise<Reply> {
  const { next, call, scope } = following;
  signal(scope, `route:observed:${rule.name}`);
  const changed = model === undefined || model === call.model ? undefined : call.with({ model });
  if (changed && !refusalOf(following, changed)) account(following, rule, changed, 'observe');
  return next(call, scope);
}

const signal = ({ annotations }: Scope, text: string): void => void (annotations.signals ??= []).push(text);

function refusalOf({ check, scope }: Following, changed: Call): GatewayError | undefined {
  try {
    check(changed, scope);
    return undefined;
  } catch (error) {
    return GatewayError.from(error);
  }
}

const noModel = ({ name }: RouteRule): GatewayError =>
  new GatewayError(
    'model_not_found',
    `the route "${name}" must be followed, and its table has no model that is good enough for this call`,
    {
      param: 'model',
    },
  );

/** The same tokens at the other model: an estimate, for models count the same text differently and answer at different length. */
function account({ call, scope, costAt }: Following, { name }: RouteRule, changed: Call, mode: 'observe' | 'on'): void {
  scope.atRecord.push((record) => {
    const other = costAt(mode === 'on' ? call : changed, scope, record);
    const paid = record.cost.total;
    const saved = other === null || paid === null ? null : ((mode === 'on' ? other - paid : paid - other) as NanoUsd);
    noteSavings(scope, stageName, mode, { savings: [{ rule: name, inputTokens: 0, outputTokens: 0, cost: saved, basis: 'estimated' }] });
  });
}
