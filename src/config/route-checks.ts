import { covers } from '../routes/covers.ts';
import { aliasNames } from '../routes/aliases.ts';
import { serves } from './allow-list.ts';
import type { Fault } from './checks.ts';
import { nearest } from './nearest.ts';
import type { ParsedConfig } from './schema.ts';

type Rule = ParsedConfig['routes'][number];
type Path = Fault['path'];

/** What is wrong with rules and aliases by themselves, and with the names they give. */
export const routeFaults = (config: ParsedConfig): readonly Fault[] => [
  ...Object.keys(config.aliases).flatMap((name) => aliasFaults(name, config)),
  ...config.routes.flatMap((rule, index) => [
    ...nameFaults(rule, index, config),
    ...reachFaults(index, config),
    ...useFaults(rule, ['routes', index, 'use'], config),
    ...matchFaults(rule, ['routes', index, 'match'], config),
  ]),
];

function aliasFaults(name: string, config: ParsedConfig): readonly Fault[] {
  const { model, version, earlier } = config.aliases[name]!;
  const path: Path = ['aliases', name];
  const faults: Fault[] = [];
  if (Object.hasOwn(config.models, name))
    faults.push({ path, problem: 'is a name under models too', fix: 'give one of them another name' });
  if (version !== undefined && Object.hasOwn(earlier, version))
    faults.push({ path: [...path, 'version'], problem: 'is an earlier version too', fix: 'give each version a name of its own' });
  const named = [
    [[...path, 'model'], model] as const,
    ...Object.entries(earlier).map(([one, other]) => [[...path, 'earlier', one], other] as const),
  ];
  return [
    ...faults,
    ...named.flatMap(([at, target]) =>
      aliasNames(config.aliases).has(target)
        ? [{ path: at, problem: `${JSON.stringify(target)} is an alias itself`, fix: 'name the model that it stands for' }]
        : modelFaults(at, target, config),
    ),
  ];
}

function nameFaults({ name }: Rule, index: number, { routes }: ParsedConfig): readonly Fault[] {
  const first = routes.findIndex((rule) => rule.name === name);
  if (first === index) return [];
  return [{ path: ['routes', index, 'name'], problem: `routes[${first}] has the same name`, fix: 'give each rule a name of its own' }];
}

/** Rules on trial hold nobody up. */
function reachFaults(index: number, { routes }: ParsedConfig): readonly Fault[] {
  const earlier = routes.slice(0, index).find(({ mode, match }) => mode === 'on' && covers(match, routes[index]!.match));
  if (!earlier) return [];
  return [
    {
      path: ['routes', index, 'match'],
      problem: `never fires, for the rule "${earlier.name}" before it is for all of its calls`,
      fix: `put it before "${earlier.name}", or take it out`,
    },
  ];
}

const ways = ['model', 'split', 'fromTable'] as const;

function useFaults({ use, limits, stages }: Rule, path: Path, config: ParsedConfig): readonly Fault[] {
  if (!use) {
    if (limits ?? stages) return [];
    return [{ path, problem: 'is missing, and so are limits and stages: the rule does nothing', fix: 'give one of them' }];
  }
  const given = ways.filter((way) => use[way] !== undefined);
  if (given.length !== 1) return [{ path, problem: `must have one of ${ways.join(', ')}`, fix: 'keep one of them' }];
  const { model, split, fromTable } = use;
  if (model !== undefined) return modelFaults([...path, 'model'], model, config);
  if (split) return splitFaults(split, [...path, 'split'], config);
  return tableFaults(fromTable!, [...path, 'fromTable']);
}

function splitFaults(split: NonNullable<NonNullable<Rule['use']>['split']>, path: Path, config: ParsedConfig): readonly Fault[] {
  if (split.every(({ weight }) => weight === 0))
    return [{ path, problem: 'has no weight above 0', fix: 'give one of its models a weight' }];
  const twice = split.findIndex(({ model }, index) => split.findIndex((share) => share.model === model) !== index);
  if (twice !== -1) return [{ path: [...path, twice, 'model'], problem: 'is in the split already', fix: 'join the two weights' }];
  return split.flatMap(({ model }, index) => modelFaults([...path, index, 'model'], model, config));
}

function tableFaults({ file, rows }: NonNullable<NonNullable<Rule['use']>['fromTable']>, path: Path): readonly Fault[] {
  if ((file === undefined) === (rows.length === 0))
    return [{ path, problem: file === undefined ? 'has neither file nor rows' : 'has both file and rows', fix: 'give one of them' }];
  return [];
}

/** A model that no provider can serve. Which names a provider without a list takes is its own business. */
export function modelFaults(path: Path, model: string, { models, aliases, providers }: ParsedConfig): readonly Fault[] {
  const names = [...Object.keys(models), ...aliasNames(aliases).keys()];
  if (names.includes(model) || providers === undefined) return [];
  const slash = model.indexOf('/');
  const prefix = model.slice(0, Math.max(slash, 0));
  if (Object.hasOwn(providers, prefix) && serves(providers[prefix]!.models, model.slice(slash + 1))) return [];
  if (Object.values(providers).some((provider) => serves(provider.models, model))) return [];
  const like = nearest(model, names);
  const fix = like === undefined ? 'add it under models, or to the models of a provider' : `did you mean ${JSON.stringify(like)}?`;
  return [{ path, problem: `no provider serves ${JSON.stringify(model)}`, fix }];
}

const unseen = /^(x-modicum-.*|authorization|x-api-key|x-goog-api-key|api-key)$/i;

function matchFaults({ match }: Rule, path: Path, { budgets, sensitivity }: ParsedConfig): readonly Fault[] {
  const faults: Fault[] = [];
  for (const header of Object.keys(match.headers ?? {}))
    if (unseen.test(header))
      faults.push({ path: [...path, 'headers', header], problem: 'is not seen by rules', fix: 'match by app, feature, key or tags' });
  const budget = match.budgetLeft?.budget;
  if (budget !== undefined && !budgets.some(({ name }) => name === budget))
    faults.push({
      path: [...path, 'budgetLeft', 'budget'],
      problem: `there is no budget ${JSON.stringify(budget)}`,
      fix: `known: ${budgets.map(({ name }) => name).join(', ') || 'none'}`,
    });
  const labels = [...Object.keys(sensitivity.labels), 'none'];
  for (const label of [match.sensitivity ?? []].flat())
    if (!label.endsWith('*') && !labels.includes(label))
      faults.push({ path: [...path, 'sensitivity'], problem: `"${label}" is no label`, fix: `known: ${labels.join(', ')}` });
  return faults;
}

/** Limits that do nothing because their saving is off everywhere: it is off unless somebody asks for it. */
export function limitWarnings({ apps, routes, savings: { stages, overrides } }: ParsedConfig): readonly Fault[] {
  const isAsked = [stages, ...overrides.map((one) => one.stages), ...routes.flatMap((rule) => rule.stages ?? [])].some(
    ({ outputLimits = 'off' }) => outputLimits !== 'off',
  );
  if (isAsked) return [];
  const paths: readonly Path[] = [
    ...Object.keys(apps).flatMap((app) => (apps[app]!.outputLimits ? [['apps', app, 'outputLimits']] : [])),
    ...routes.flatMap(({ limits }, index) => (limits ? [['routes', index, 'limits']] : [])),
  ];
  return paths.map((path) => ({
    path,
    problem: 'does nothing while savings.stages.outputLimits is off',
    fix: 'set that to observe or on',
  }));
}
