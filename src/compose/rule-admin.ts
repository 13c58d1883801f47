import type * as z from 'zod';
import type { Config } from '../config/schema.ts';
import { budgetOption, rateLimitOption } from '../config/schema/allowance.ts';
import { GatewayError } from '../core/errors.ts';
import type { AdminRoute } from '../server/admin/route.ts';
import type { RuleBook, Ruled } from './rule-book.ts';
import type { BudgetDraft, LimitDraft, RuleBooks } from './rules.ts';

/** A rule as it was made. `isHidden`: one of the configuration has its name, and holds instead. */
export type RuleView<R extends Ruled = Ruled> = R & { readonly source: 'config' | 'command'; readonly isHidden?: true };

interface RuleRoutes<R extends Ruled> {
  readonly path: '/api/budget-rules' | '/api/limit-rules';
  /** `budget`, for messages. */
  readonly what: string;
  readonly schema: z.ZodType<R>;
  readonly book: RuleBook<R>;
  readonly configured: () => readonly R[];
}

/** What the admin API does with budgets and rate limits as rules: shows all, adds, changes and removes those made by command. */
export const ruleRoutes = (config: () => Config, { budgets, limits }: RuleBooks): readonly AdminRoute[] => [
  ...routesFor<BudgetDraft>({
    path: '/api/budget-rules',
    what: 'budget',
    schema: budgetOption,
    book: budgets,
    configured: () => config().budgets,
  }),
  ...routesFor<LimitDraft>({
    path: '/api/limit-rules',
    what: 'limit',
    schema: rateLimitOption,
    book: limits,
    configured: () => config().limits,
  }),
];

function routesFor<R extends Ruled>({ path, what, schema, book, configured }: RuleRoutes<R>): readonly AdminRoute[] {
  const isConfigured = (name: string): boolean => configured().some((rule) => rule.name === name);
  const mayChange = (name: string): void => {
    if (!isConfigured(name)) return;
    throw new GatewayError('conflict', `the ${what} "${name}" stands in the configuration, which has the last word`, {
      param: 'name',
      fix: 'change it there, or take another name',
    });
  };
  return [
    { method: 'GET', path, handle: () => ({ rules: viewsOf(configured(), book.rules) }) },
    {
      method: 'POST',
      path,
      status: 201,
      handle: async ({ body }) => {
        const rule = checked(schema, body);
        mayChange(rule.name);
        await book.change((rules) => [...without(rules, rule.name, what, 'must not be there'), rule]);
        return { rule };
      },
    },
    {
      method: 'PATCH',
      path: `${path}/{name}`,
      handle: async ({ body, params }) => {
        const name = params['name']!;
        mayChange(name);
        let rule: R | undefined;
        await book.change((rules) => {
          const changed = (rule = changedBy(schema, found(rules, name, what), body));
          return rules.map((one) => (one.name === name ? changed : one));
        });
        return { rule };
      },
    },
    {
      method: 'DELETE',
      path: `${path}/{name}`,
      handle: async ({ params }) => {
        const name = params['name']!;
        const isThere = book.rules.some((rule) => rule.name === name);
        if (!isThere) mayChange(name); // one that the configuration hides may go
        await book.change((rules) => without(rules, name, what, 'must be there'));
        return { removed: name };
      },
    },
  ];
}

function viewsOf<R extends Ruled>(configured: readonly R[], stored: readonly R[]): readonly RuleView<R>[] {
  const names = new Set(configured.map(({ name }) => name));
  return [
    ...configured.map((rule): RuleView<R> => ({ ...rule, source: 'config' })),
    ...stored.map((rule): RuleView<R> => ({ ...rule, source: 'command', ...(names.has(rule.name) && { isHidden: true }) })),
  ];
}

function found<R extends Ruled>(rules: readonly R[], name: string, what: string): R {
  const rule = rules.find((one) => one.name === name);
  if (rule) return rule;
  const names = rules.map((one) => one.name).join(', ') || 'none';
  throw new GatewayError('not_found', `no ${what} "${name}" was made by command; there are: ${names}`, { param: 'name' });
}

function without<R extends Ruled>(
  rules: readonly R[],
  name: string,
  what: string,
  state: 'must be there' | 'must not be there',
): readonly R[] {
  if (state === 'must be there') found(rules, name, what);
  else if (rules.some((rule) => rule.name === name))
    throw new GatewayError('conflict', `there is a ${what} "${name}" already`, {
      param: 'name',
      fix: 'change it instead, or take another name',
    });
  return rules.filter((rule) => rule.name !== name);
}

/** Each field given replaces the one that was there; `null` takes it away. */
function changedBy<R extends Ruled>(schema: z.ZodType<R>, rule: R, body: unknown): R {
  const changes = typeof body === 'object' && body !== null && !Array.isArray(body) ? body : {};
  if (Object.keys(changes).length === 0) throw new GatewayError('invalid_request', 'there is nothing to change', { param: 'body' });
  const entries = Object.entries({ ...rule, ...changes }).filter(([, value]) => value !== null && value !== undefined);
  const changed = checked(schema, Object.fromEntries(entries));
  const kept = Object.entries(identityOf(rule)).find(([field, value]) => identityOf(changed)[field] !== value);
  if (!kept) return changed;
  throw new GatewayError('invalid_request', `${kept[0]}: what was counted stands under its name and in its unit; add another one`, {
    param: kept[0],
  });
}

/** What a rule has as long as it lives. */
const identityOf = (rule: Ruled & { readonly limit?: { readonly usd?: unknown } }): Readonly<Record<string, unknown>> => ({
  name: rule.name,
  limit: rule.limit && (rule.limit.usd === undefined ? 'tokens' : 'usd'),
});

function checked<R>(schema: z.ZodType<R>, value: unknown): R {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue!.path.map(String).join('.');
  throw new GatewayError('invalid_request', `${path === '' ? 'the body' : path}: ${issue!.message}`, path === '' ? {} : { param: path });
}
