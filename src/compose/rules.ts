import type { Config } from '../config/schema.ts';
import { budgetOption, rateLimitOption } from '../config/schema/allowance.ts';
import type { Log } from '../core/log.ts';
import type { SettingStore } from '../core/stores.ts';
import { RuleBook, type Ruled } from './rule-book.ts';

export type BudgetDraft = Config['budgets'][number];
export type LimitDraft = Config['limits'][number];

/** Budgets and rate limits that were made by command, beside those of the configuration. */
export interface RuleBooks {
  readonly budgets: RuleBook<BudgetDraft>;
  readonly limits: RuleBook<LimitDraft>;
  refresh(): Promise<void>;
  close(): void;
}

/** @throws when the store does not answer, or holds what is no rule */
export async function openRules(store: SettingStore, { allowances: { refreshMs } }: Config, log: Log): Promise<RuleBooks> {
  const budgets = new RuleBook<BudgetDraft>({ store, kind: 'budgets', read: (value) => budgetOption.parse(value), refreshMs, log });
  const limits = new RuleBook<LimitDraft>({ store, kind: 'limits', read: (value) => rateLimitOption.parse(value), refreshMs, log });
  const books = [budgets, limits];
  await Promise.all(books.map((book) => book.open()));
  return {
    budgets,
    limits,
    refresh: async () => void (await Promise.all(books.map((book) => book.refresh()))),
    close: () => books.forEach((book) => book.close()),
  };
}

/** Those of the configuration, and those made by command whose names it does not use. Works anew only after a change. */
export function merged<R extends Ruled, T>(
  configured: readonly R[],
  book: Pick<RuleBook<R>, 'rules'>,
  make: (rules: readonly R[]) => readonly T[],
): () => readonly T[] {
  const names = new Set(configured.map(({ name }) => name));
  const own = make(configured);
  let stored: readonly R[] = [];
  let all = own;
  return () => {
    if (book.rules === stored) return all;
    stored = book.rules;
    const added = stored.filter(({ name }) => !names.has(name));
    return (all = added.length === 0 ? own : [...own, ...make(added)]);
  };
}
