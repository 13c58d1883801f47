import * as z from 'zod';
import type { Unit } from '../allowance/amounts.ts';
import type { Window } from '../allowance/window.ts';
import { scaledInteger } from '../catalog/decimal.ts';
import type { Config } from '../config/schema.ts';
import { GatewayError } from '../core/errors.ts';
import type { CounterState, Lender } from '../core/stores.ts';
import type { AdminRoute } from '../server/admin/route.ts';
import { exhaustsAt } from '../stages/budget/watch.ts';
import { budgetRules, type Allowances } from './allowance.ts';
import { byConfig } from './by-config.ts';
import type { RuleBook } from './rule-book.ts';
import { merged, type BudgetDraft } from './rules.ts';

/** One counter of a budget, as it stands. Money in nano-USD; times as ISO text. */
export interface BudgetView {
  readonly name: string;
  /** `team=a`; `all` for a budget without `*`. */
  readonly subject: string;
  readonly unit: Unit;
  readonly window: string;
  readonly action: string;
  /** `call`: the client sets it with its calls. */
  readonly source: 'config' | 'command' | 'call';
  /** `null`: the client sets it with each call. */
  readonly limit: number | null;
  readonly spent: number;
  /** Reserved by calls under way, or leased to a process. */
  readonly held: number;
  readonly left: number | null;
  readonly resetsAt: string | null;
  /** When it will be spent if this goes on; `null`: not within its window, or not known. */
  readonly exhaustsAt: string | null;
}

/** Counters shown of one budget at most. */
const maxShown = 10_000;

const change = z.strictObject({
  name: z.string().min(1).max(200),
  subject: z.string().min(1).max(1000).optional(),
  /** Decimal USD, or tokens; left out: 0. */
  spent: z
    .string()
    .regex(/^\d{1,15}(\.\d{1,9})?$/)
    .default('0'),
});

export interface BudgetAdmin {
  list(): Promise<{ readonly budgets: readonly BudgetView[] }>;
  /** Sets what was spent in the windows of now. @throws {GatewayError} `invalid_request`, `not_found` */
  change(body: unknown): Promise<{ readonly changed: readonly string[] }>;
}

/** The paths of the admin API that are for budgets. */
export function budgetRoutes(admin: BudgetAdmin): readonly AdminRoute[] {
  return [
    { method: 'GET', path: '/api/budgets', handle: () => admin.list() },
    { method: 'POST', path: '/api/budgets', handle: ({ body }) => admin.change(body) },
  ];
}

/** A budget as far as listing it goes. */
interface Listed {
  readonly name: string;
  readonly unit: BudgetView['unit'];
  readonly window: string;
  readonly action: string;
  readonly source: BudgetView['source'];
  readonly limit: number | null;
  readonly windowAt: (nowMs: number) => Window;
  readonly hasOne: boolean;
}

export function budgetAdmin(
  config: () => Config,
  book: Pick<RuleBook<BudgetDraft>, 'rules'>,
  { budgets }: Allowances,
  lender: Lender,
  now = Date.now,
): BudgetAdmin {
  const rulesOf = byConfig((one) => merged(one.budgets, book, (rules) => listed(one, rules)));
  const all = (): readonly Listed[] => [...rulesOf(config())(), ...runs];
  /** Leases that nobody needs go back first, so that `held` is what is held. */
  const statesOf = async (name: string): Promise<readonly CounterState[]> => lender.list(`budget/${name}/`, maxShown);
  return {
    async list() {
      await budgets.flush();
      const views = await Promise.all(all().map(async (rule) => viewsOf(rule, await statesOf(rule.name), now())));
      return { budgets: views.flat() };
    },
    async change(body) {
      const { name, subject, spent } = checked(body);
      const rule = all().find((one) => one.name === name);
      if (!rule) throw new GatewayError('not_found', `no budget "${name}"; there are: ${names(all())}`);
      await budgets.flush();
      const window = rule.windowAt(now());
      const counted = grouped(await statesOf(name), window);
      const chosen = [...counted].filter(([of]) => subject === undefined || of === subject);
      if (chosen.length === 0)
        throw new GatewayError('not_found', `the budget "${name}" has counted nothing${subject ? ` for ${subject}` : ''} yet`);
      const amount = scaledInteger(spent, rule.unit === 'usd' ? 9 : 0);
      if (amount > 0 && chosen.length > 1)
        throw new GatewayError('invalid_request', `"${name}" has ${chosen.length} counters; name one of them`);
      for (const [, states] of chosen) await setTo(lender, states, amount, window);
      return { changed: chosen.map(([of]) => of) };
    },
  };
}

function checked(body: unknown): z.output<typeof change> {
  const { success, data, error } = change.safeParse(body);
  if (success) return data;
  throw new GatewayError('invalid_request', z.prettifyError(error).replaceAll('\n', ' '));
}

const names = (rules: readonly Listed[]): string => rules.map(({ name }) => name).join(', ');

/** Those that count: a budget for each call by itself has nothing to show. */
function listed({ budgets }: Config, rules: readonly BudgetDraft[]): readonly Listed[] {
  const own = new Set(budgets);
  const views = budgetRules(rules).map(({ name, unit, limit, action, counters, match }, index): Listed => ({
    name,
    unit,
    limit,
    action: action.kind,
    source: own.has(rules[index]!) ? 'config' : 'command',
    window: rules[index]!.window,
    windowAt: counters.windowAt,
    hasOne: !Object.values(match).includes('*'),
  }));
  return views.filter(({ window }) => window !== 'call');
}

const forEver: Window = { key: 'total', startsAt: undefined, turnsAt: undefined, endsAt: undefined, before: [] };
const runs: readonly Listed[] = (['usd', 'tokens'] as const).map((unit) => ({
  name: `run-${unit}`,
  unit,
  limit: null,
  action: 'refuse',
  source: 'call',
  window: 'total',
  windowAt: () => forEver,
  hasOne: false,
}));

/** Counters of now by their subject; of a rolling window all that still count, the newest first. */
function grouped(states: readonly CounterState[], { key, before }: Window): ReadonlyMap<string, readonly CounterState[]> {
  const keys = [key, ...before];
  const groups = new Map<string, CounterState[]>();
  for (const state of states) {
    const [, , subject = '', of = ''] = state.id.split('/');
    if (!keys.includes(of)) continue;
    const group = groups.get(subject) ?? [];
    groups.set(subject, group);
    group.push(state);
  }
  for (const group of groups.values()) group.sort((a, b) => place(keys, a) - place(keys, b));
  return groups;
}

const place = (keys: readonly string[], { id }: CounterState): number => keys.indexOf(id.slice(id.lastIndexOf('/') + 1));

function viewsOf(rule: Listed, states: readonly CounterState[], nowMs: number): readonly BudgetView[] {
  const window = rule.windowAt(nowMs);
  const groups = new Map(grouped(states, window));
  if (rule.hasOne && groups.size === 0) groups.set('all', []);
  return [...groups].map(([subject, group]) => viewOf(rule, subject, group, window, nowMs));
}

function viewOf(
  { name, unit, action, source, limit, window: windowName }: Listed,
  subject: string,
  group: readonly CounterState[],
  window: Window,
  nowMs: number,
): BudgetView {
  const spent = group.reduce((sum, state) => sum + state.spent, 0);
  const held = group.reduce((sum, state) => sum + state.held, 0);
  const isRolling = window.before.length > 0;
  const at = limit === null || isRolling ? undefined : exhaustsAt({ limit, spent, held }, window, nowMs);
  return {
    name,
    subject,
    unit,
    window: windowName,
    action,
    source,
    limit,
    spent,
    held,
    left: limit === null ? null : Math.max(0, limit - spent - held),
    resetsAt: isRolling ? null : isoOf(window.turnsAt),
    exhaustsAt: isoOf(at),
  };
}

const isoOf = (ms: number | undefined): string | null => (ms === undefined ? null : new Date(ms).toISOString());

/** All of it stands in the newest counter, the earlier ones of a rolling window are 0. */
async function setTo(lender: Lender, states: readonly CounterState[], amount: number, { key }: Window): Promise<void> {
  const [first, ...others] = states;
  const newest = first!.id.endsWith(`/${key}`) ? first!.id : `${first!.id.slice(0, first!.id.lastIndexOf('/'))}/${key}`;
  for (const { id } of [...others, first!]) if (id !== newest) await lender.set(id, 0);
  await lender.set(newest, amount);
}
