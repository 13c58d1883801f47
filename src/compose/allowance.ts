import { bounder, type Bounded, type Place } from '../allowance/bound.ts';
import { ruleOf } from '../allowance/rule.ts';
import { isShared } from '../stores/open.ts';
import { Spender } from '../allowance/spender.ts';
import { subjectFinder, type Match } from '../allowance/subject.ts';
import { WaitingRoom } from '../allowance/waiting-room.ts';
import type { WindowName } from '../allowance/window.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { scaledInteger } from '../catalog/decimal.ts';
import type { Config } from '../config/schema.ts';
import { isAlone, type Plan } from '../core/deployment.ts';
import { GatewayError } from '../core/errors.ts';
import type { Call } from '../core/call.ts';
import type { Log } from '../core/log.ts';
import type { Scope, Stage } from '../core/pipeline.ts';
import type { Lender, VirtualKey } from '../core/stores.ts';
import { routeReach } from '../routes/reach.ts';
import { budget } from '../stages/budget/index.ts';
import type { BudgetEvent, BudgetRule } from '../stages/budget/options.ts';
import { eventText } from '../stages/budget/event-text.ts';
import { pace } from '../stages/pace/index.ts';
import { rateLimit } from '../stages/rate-limit/index.ts';
import type { RateRule } from '../stages/rate-limit/options.ts';
import { budgetMarks } from './alert-rules.ts';
import type { Routing } from './routing.ts';
import { merged, type RuleBooks } from './rules.ts';

/** What spends budgets and limits; it outlives a reload. */
export interface Allowances {
  readonly owner: string;
  readonly budgets: Spender;
  readonly limits: Spender;
  readonly waiting: WaitingRoom;
  /** A virtual key by its id. */
  readonly keyOf: (id: string) => VirtualKey | undefined;
  readonly notify: (event: BudgetEvent) => void;
  /** Gives back what is leased and not needed. */
  readonly flush: () => Promise<void>;
  close(): Promise<void>;
}

export interface AllowanceParts {
  readonly config: Config;
  readonly stores: { readonly budgets: Lender; readonly limits: Lender };
  readonly owner: string;
  /** Processes that share the stores; 0: this is the only one, and need not leave anything to itself after a crash. Left out: as configured. */
  readonly instances?: () => number;
  readonly log: Log;
  readonly keyOf?: Allowances['keyOf'];
  /** Hears of budgets, beside the log. */
  readonly notify?: (event: BudgetEvent) => void;
}

export function openAllowances({
  config,
  stores,
  owner,
  instances = instancesOf(config),
  log,
  keyOf = () => undefined,
  notify,
}: AllowanceParts): Allowances {
  const { leaseTtlMs: ttlMs, statementMs, onUnavailable } = config.allowances;
  const spenderOf = (lender: Lender, what: string): Spender =>
    new Spender({
      lender,
      owner,
      instances,
      ttlMs,
      statementMs,
      onUnavailable,
      away: (error) =>
        error
          ? log.error(`the store of ${what} is away`, { error: error instanceof Error ? error.message : error })
          : log.info(`the store of ${what} is back`),
    });
  const budgets = spenderOf(stores.budgets, 'budgets');
  const limits = spenderOf(stores.limits, 'limits');
  return {
    owner,
    budgets,
    limits,
    waiting: new WaitingRoom(),
    keyOf,
    notify: (event) => {
      log.warn(eventText(event));
      notify?.(event);
    },
    flush: async () => void (await Promise.all([budgets.flush(), limits.flush()])),
    close: async () => void (await Promise.all([budgets.close(), limits.close()])),
  };
}

/** Of what a process on this machine leases, half stays for its next life, should it crash. */
const instancesOf = ({ server: { workers }, state: { engine }, allowances: { processes } }: Config): (() => number) => {
  const here = workers > 1 ? workers : engine === 'memory' ? 0 : 1;
  const count = isShared(engine) ? Math.max(processes, here) : here;
  return () => count;
};

/** The stages of rates and budgets, outermost first, as far as anything is configured for them. */
export function allowanceStages(
  config: Config,
  catalog: Catalog,
  { planOf }: Pick<Routing, 'planOf'>,
  { owner, budgets, limits, waiting, keyOf, notify }: Allowances,
  books: Pick<RuleBooks, 'budgets' | 'limits'>,
): readonly Stage[] {
  const { inputMargin, outputTokens, capOutput, unpricedUsdPerMillionTokens, runs } = config.allowances;
  const reachable = reachablePlans(config, planOf);
  const placesOf = placesFinder(config);
  const routedTo = placesFinder(config, { mayBeUnpriced: true });
  const boundOf = bounder({
    catalog,
    placesOf: (call, scope) => {
      const [own, routed] = [placesOf(planOf(call)), reachable(call, scope)];
      return routed.length === 0 ? own : [...own, ...routed.flatMap(routedTo)];
    },
    paidAttempts: (call, scope) => (isAlone(planOf(call)) && reachable(call, scope).every(isAlone) ? 1 : config.resilience.maxPaidAttempts),
    inputMargin,
    outputTokens,
  });
  return [
    rateLimit({
      rules: merged(config.limits, books.limits, rateRules),
      rulesOfKey: byKey(keyOf, rateRulesOfKey),
      spender: limits,
      waiting,
      boundOf,
    }),
    budget({
      rules: merged(config.budgets, books.budgets, budgetRules),
      contexts: config.contextBudgets.map(({ name, match, maxInputTokens }) => {
        const subjectOf = subjectFinder(match);
        return { name, maxInputTokens, matches: (who) => subjectOf(who) !== undefined };
      }),
      runs: { isEnabled: runs.enabled, maxNanoUsd: nanoOf(runs.maxUsd), maxTokens: runs.maxTokens },
      rulesOfKey: byKey(keyOf, budgetRulesOfKey),
      spender: budgets,
      owner,
      waiting,
      boundOf,
      capsOutput: capOutput,
      unpricedRate: unpricedUsdPerMillionTokens === undefined ? undefined : nanoOf(unpricedUsdPerMillionTokens)! / 1e6,
      notify,
      thresholds: budgetMarks(config),
    }),
  ];
}

/** Keeps the pace of each deployment; inside the fallbacks. */
export function paceStages({ allowances: { adaptive } }: Config, { deploymentOf }: Pick<Routing, 'deploymentOf'>): readonly Stage[] {
  return adaptive.enabled ? [pace({ deploymentOf, maxQueued: adaptive.maxQueued, maxWaitMs: adaptive.maxWaitMs })] : [];
}

/** The plans of models that routes may choose for a call. What nobody serves is not chosen. */
function reachablePlans({ routes }: Config, planOf: Routing['planOf']): (call: Call, scope: Bounded) => readonly Plan[] {
  const reach = routeReach(routes);
  const planned = (call: Call): readonly Plan[] => {
    try {
      return [planOf(call)];
    } catch {
      return [];
    }
  };
  return (call, { labels, key }) => reach({ labels, key, model: call.model }).flatMap((model) => planned(call.with({ model })));
}

/** Everywhere a plan may lead, fallbacks too. */
function placesFinder({ providers }: Config, more: Pick<Place, 'mayBeUnpriced'> = {}): (plan: Plan) => readonly Place[] {
  const known = new WeakMap<Plan, readonly Place[]>();
  return (plan) => {
    const found = known.get(plan);
    if (found) return found;
    const all = [...plan.targets, ...plan.fallbacks, ...plan.onContextOverflow, ...plan.onContentFilter];
    const places = all.map(({ provider, model }) => ({ provider, model, hosting: providers[provider]!.hosting, ...more }));
    known.set(plan, places);
    return places;
  };
}

const nanoOf = (usd: string | undefined): number | undefined => (usd === undefined ? undefined : scaledInteger(usd, 9));

/** Budgets as the schema made them, as rules. */
export function budgetRules(budgets: Config['budgets']): readonly BudgetRule[] {
  return budgets.map(({ name, match, limit: { usd, tokens }, window, timeZone, action, downgradeTo, queue }) => {
    const unit = usd === undefined ? 'tokens' : 'usd';
    const limit = usd === undefined ? tokens! : nanoOf(usd)!;
    return {
      name,
      unit,
      limit,
      match,
      isPerCall: window === 'call',
      counters: ruleOf({ prefix: `budget/${name}`, match, limit, window, timeZone, isSoft: action === 'notify' }),
      action:
        action === 'downgrade'
          ? { kind: action, model: downgradeTo! }
          : action === 'defer'
            ? { kind: action, patience: queue }
            : { kind: action },
    };
  });
}

const rateUnits = ['requests', 'tokens', 'inputTokens', 'outputTokens', 'concurrency'] as const;

function rateRules(limits: Config['limits']): readonly RateRule[] {
  return limits.flatMap((rule) =>
    rateUnits.flatMap((unit) =>
      rule[unit] === undefined ? [] : [rateRule(rule.name, rule.match, unit, rule[unit], rule.per, rule.queue)],
    ),
  );
}

function rateRule(name: string, match: Match, unit: RateRule['unit'], limit: number, per: WindowName, queue?: RateRule['queue']): RateRule {
  const window = unit === 'concurrency' ? 'total' : per;
  return { name, unit, limit, queue, counters: ruleOf({ prefix: `limit/${name}/${unit}`, match, limit, window }) };
}

/** Rules made of a key, once for each version of it. */
function byKey<T>(keyOf: Allowances['keyOf'], make: (key: VirtualKey) => readonly T[]): (id: string) => readonly T[] {
  const known = new WeakMap<VirtualKey, readonly T[]>();
  return (id) => {
    const key = keyOf(id);
    if (!key) return [];
    const found = known.get(key) ?? make(key);
    known.set(key, found);
    return found;
  };
}

/** The budget that a key brings along; its counters are its own whatever it is called. */
export function budgetRulesOfKey({ id, name, budget: own }: VirtualKey): readonly BudgetRule[] {
  if (!own) return [];
  const match: Match = { key: id };
  const window = own.window as WindowName;
  const ruleFor = (unit: BudgetRule['unit'], limit: number): BudgetRule => ({
    name: `key-${name}`,
    unit,
    limit,
    match,
    isPerCall: window === 'call',
    action: { kind: 'refuse' },
    counters: ruleOf({ prefix: `budget/key-${id}-${unit}`, match, limit, window }),
  });
  return [
    ...(own.usd === undefined ? [] : [ruleFor('usd', nanoOf(own.usd)!)]),
    ...(own.tokens === undefined ? [] : [ruleFor('tokens', own.tokens)]),
  ];
}

function rateRulesOfKey({ id, name, rateLimit: own }: VirtualKey): readonly RateRule[] {
  if (!own) return [];
  const { requestsPerMinute, tokensPerMinute, concurrency } = own;
  const counts = [
    ['requests', requestsPerMinute],
    ['tokens', tokensPerMinute],
    ['concurrency', concurrency],
  ] as const;
  return counts.flatMap(([unit, limit]) =>
    limit === undefined ? [] : [{ ...rateRule(`key-${id}`, { key: id }, unit, limit, 'minute'), name: `key-${name}` }],
  );
}

type Raw = (provider: string, request: never, scope: Scope) => Promise<unknown>;

/** Calls nobody meters would go past the budgets that refuse: they are refused instead, unless the configuration allows them. */
export function keptFromPassthrough<R extends Raw>(config: Config, books: Pick<RuleBooks, 'budgets'>, raw: R): R {
  if (config.allowances.passthrough === 'allow') return raw;
  // The model is not known, so that a budget for some model may be for this call.
  const rules = merged(config.budgets, books.budgets, (budgets) =>
    budgets
      .filter(({ action }) => action !== 'notify')
      .map(({ name, match }) => ({ name, subjectOf: subjectFinder({ ...match, model: '*' }) })),
  );
  const guarded: Raw = async (provider, request, scope) => {
    const broken = rules().find(({ subjectOf }) => subjectOf({ labels: scope.labels, key: scope.key, model: 'unknown' }) !== undefined);
    if (!broken) return raw(provider, request, scope);
    throw new GatewayError(
      'forbidden',
      `what passes through is not metered, so that the budget "${broken.name}" cannot be kept; allowances.passthrough: allow lets it go past`,
    );
  };
  return guarded as R;
}
