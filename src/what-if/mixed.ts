import { isDeepStrictEqual } from 'node:util';
import type { Config } from '../config/schema.ts';
import { savings, type SavingKey, type SavingModes } from '../savings/registry.ts';

type Apps = Config['apps'];

/** Options that belong to one saving and to nothing else, beside its modes: taken from `over`, laid over `under`. */
const ownOptions: { readonly [K in SavingKey]?: (under: Config, over: Config) => Partial<Config> } = {
  promptRepair: (_, { promptRepair }) => ({ promptRepair }),
  promptCache: (_, { promptCache }) => ({ promptCache }),
  exactCache: ({ cache }, over) => ({ cache: { ...cache, exact: over.cache.exact } }),
  stepReuse: ({ cache }, over) => ({ cache: { ...cache, steps: over.cache.steps } }),
  outputLimits: ({ apps }, over) => ({ apps: withLimits(apps, over.apps) }),
  routes: (_, { routes, aliases }) => ({ routes, aliases }),
};

/** An app without any option is as good as none. */
function withLimits(under: Apps, over: Apps): Apps {
  const names = [...new Set([...Object.keys(under), ...Object.keys(over)])];
  const apps = names.map((name) => [name, { ...under[name], outputLimits: over[name]?.outputLimits }] as const);
  return Object.fromEntries(apps.filter(([, app]) => Object.values(app).some((option) => option !== undefined)));
}

/** The savings that differ between two configurations, in the order in which they see a call. */
export const changedSavings = (before: Config, after: Config): readonly SavingKey[] =>
  savings.map(({ key }) => key).filter((key) => !isSame(withSaving(before, after, key), withSaving(before, before, key)));

/** `after`, but with the savings as they are in `before`, except those named. */
export function mixed(before: Config, after: Config, kept: ReadonlySet<SavingKey>): Config {
  const others = savings.map(({ key }) => key).filter((key) => !kept.has(key));
  return others.reduce((config, key) => withSaving(config, before, key), after);
}

/** Whether two configurations differ in more than their savings. */
export const differsElsewhere = (before: Config, after: Config): boolean =>
  !isSame(mixed(before, after, new Set()), mixed(before, before, new Set()));

/** Whether what differs beside the savings is who is held out of them. */
export function differsInHoldouts(before: Config, after: Config): boolean {
  const { holdout, stageHoldout, seed } = before.savings;
  const others = mixed(before, after, new Set());
  return isSame({ ...others, savings: { ...others.savings, holdout, stageHoldout, seed } }, mixed(before, before, new Set()));
}

const isSame = (one: Config, other: Config): boolean => isDeepStrictEqual(plain(one), plain(other));

/** Without options that are there and `undefined`. */
const plain = (config: Config): unknown => JSON.parse(JSON.stringify(config)) as unknown;

/** `under` with one saving as it is in `over`: its modes, wherever they are written, and its own options. */
function withSaving(under: Config, over: Config, key: SavingKey): Config {
  const config: Config = { ...under, ...ownOptions[key]?.(under, over) };
  const { stages, overrides, ...rest } = config.savings;
  const others = overrides.map((rule) => ({ ...rule, stages: without(rule.stages, key) })).filter(({ stages: left }) => hasModes(left));
  const own = over.savings.overrides.flatMap((rule) => (rule.stages[key] ? [{ ...rule, stages: { [key]: rule.stages[key] } }] : []));
  return {
    ...config,
    savings: { ...rest, stages: { ...stages, [key]: over.savings.stages[key] }, overrides: [...others, ...own] },
    routes: key === 'routes' ? config.routes : config.routes.map((rule) => withRuleMode(rule, over, key)),
  };
}

type Rule = Config['routes'][number];

/** A rule may set modes too; those of this saving count as they are written in the other configuration's rule of that name. */
function withRuleMode(rule: Rule, over: Config, key: SavingKey): Rule {
  const other = over.routes.find(({ name }) => name === rule.name);
  const mode = other?.stages?.[key];
  if (!other || rule.stages?.[key] === mode) return rule;
  const stages = { ...without(rule.stages ?? {}, key), ...(mode && { [key]: mode }) };
  return { ...rule, stages: hasModes(stages) ? stages : undefined };
}

const without = (modes: SavingModes, key: SavingKey): SavingModes =>
  Object.fromEntries(Object.entries(modes).filter(([name]) => name !== key));

const hasModes = (modes: SavingModes): boolean => Object.values(modes).some((mode) => mode !== undefined);
