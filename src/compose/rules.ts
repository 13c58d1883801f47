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
export async function openRules(settings: SettingStore, { allowances: { refreshMs } }: Config, log: Log): Promise<RuleBooks> {
  const store = ruleShelf(settings);
  const common = { store, refreshMs, log, versionByTheClock: together(() => store.version('')) };
  const budgets = new RuleBook<BudgetDraft>({ ...common, kind: 'budgets', read: (value) => budgetOption.parse(value) });
  const limits = new RuleBook<LimitDraft>({ ...common, kind: 'limits', read: (value) => rateLimitOption.parse(value) });
  const books = [budgets, limits];
  await Promise.all(books.map((book) => book.open()));
  return {
    budgets,
    limits,
    refresh: async () => void (await Promise.all(books.map((book) => book.refresh()))),
    close: () => books.forEach((book) => book.close()),
  };
}

const shelf = 'rules';

/** Rules of all kinds in one setting, by kind, so that one look tells whether any has changed. */
function ruleShelf(settings: SettingStore): SettingStore {
  const all = (value: string | undefined): Readonly<Record<string, unknown>> =>
    value === undefined ? {} : (JSON.parse(value) as Record<string, unknown>);
  return {
    version: () => settings.version(shelf),
    async read(kind) {
      const { version, value } = await settings.read(shelf);
      const own = all(value)[kind];
      return { version, value: own === undefined ? undefined : JSON.stringify(own) };
    },
    async write(kind, value, version) {
      const current = await settings.read(shelf);
      if (current.version !== version) return false;
      return settings.write(shelf, JSON.stringify({ ...all(current.value), [kind]: JSON.parse(value) as unknown }), version);
    },
  };
}

/** Answers all who ask in one turn of the event loop with one question. */
function together<T>(ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    if (!asked) setImmediate(() => (asked = undefined));
    return (asked ??= ask());
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
