import { serves } from './allow-list.ts';
import type { Fault } from './checks.ts';
import { targetsOf } from './model.ts';
import { nearest } from './nearest.ts';
import type { ParsedConfig } from './schema.ts';

/** What is wrong with the places that a model's entry names. */
export function modelFaults(name: string, config: ParsedConfig): readonly Fault[] {
  const entry = config.models[name]!;
  const { provider, targets } = entry;
  const at = (key: string, problem: string, fix: string): Fault => ({ path: ['models', name, key], problem, fix });
  if (provider === undefined && targets === undefined) return [at('provider', 'is missing', 'give `provider`, or `targets`')];
  if (provider !== undefined && targets) return [at('targets', 'stands beside `provider`', 'keep one of them')];
  const places = targetsOf(name, entry);
  return [
    ...places.flatMap((place, index) => placeFaults(targets ? ['models', name, 'targets', index] : ['models', name], place, config)),
    ...(entry.balance === 'weight' && places.every(({ weight }) => weight === 0)
      ? [at('balance', 'has no target with a weight above 0', 'give one of `targets` a weight')]
      : []),
    ...lists.flatMap((list) =>
      (entry[list] ?? []).flatMap((other, index) => nameFaults(['models', name, list, index], other, name, config)),
    ),
  ];
}

const lists = ['fallbacks', 'onContextOverflow', 'onContentFilter'] as const;

type Place = { readonly provider: string; readonly model: string };

function placeFaults(path: Fault['path'], { provider, model }: Place, { providers }: ParsedConfig): readonly Fault[] {
  // Without a list of providers they are discovered only after this.
  if (providers === undefined) return [];
  const target = Object.hasOwn(providers, provider) ? providers[provider] : undefined;
  if (!target)
    return [
      {
        path: [...path, 'provider'],
        problem: `there is no provider ${JSON.stringify(provider)}`,
        fix: suggestion(provider, Object.keys(providers), 'add it under providers'),
      },
    ];
  if (serves(target.models, model)) return [];
  return [
    { path: [...path, 'model'], problem: `providers.${provider}.models does not list ${JSON.stringify(model)}`, fix: 'add it there' },
  ];
}

/** A fallback is another entry, or `provider/model`. */
function nameFaults(path: Fault['path'], other: string, name: string, { models, providers }: ParsedConfig): readonly Fault[] {
  if (other === name) return [{ path, problem: 'is the model itself', fix: 'name another one' }];
  if (Object.hasOwn(models, other) || providers === undefined) return [];
  const slash = other.indexOf('/');
  if (slash > 0 && slash < other.length - 1 && Object.hasOwn(providers, other.slice(0, slash)))
    return placeFaults(path, { provider: other.slice(0, slash), model: other.slice(slash + 1) }, { models, providers } as ParsedConfig).map(
      (fault) => ({ ...fault, path }),
    );
  return [
    {
      path,
      problem: `${JSON.stringify(other)} is neither a name under models nor provider/model`,
      fix: suggestion(other, Object.keys(models), 'add it under models'),
    },
  ];
}

function suggestion(name: string, known: readonly string[], otherwise: string): string {
  const like = nearest(name, known);
  if (like !== undefined) return `did you mean ${JSON.stringify(like)}?`;
  return known.length === 0 ? otherwise : `known: ${known.join(', ')}`;
}
