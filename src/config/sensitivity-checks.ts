import type { Fault } from './checks.ts';
import type { ParsedConfig } from './schema.ts';

/** Names in `sensitivity` that nothing has. */
export function sensitivityFaults({ sensitivity, providers = {} }: ParsedConfig): readonly Fault[] {
  const { labels, rules, unread, localProviders } = sensitivity;
  const known = Object.keys(labels).join(', ') || 'none';
  const noLabel = (name: string, path: Fault['path']): readonly Fault[] =>
    Object.hasOwn(labels, name)
      ? []
      : [{ path, problem: `"${name}" is no label; there are: ${known}`, fix: 'add it to sensitivity.labels, or name one that is there' }];
  return [
    ...rules.flatMap(({ label }, index) => noLabel(label, ['sensitivity', 'rules', index, 'label'])),
    ...(unread === undefined ? [] : noLabel(unread, ['sensitivity', 'unread'])),
    ...localProviders.flatMap((name, index) =>
      Object.hasOwn(providers, name)
        ? []
        : [
            {
              path: ['sensitivity', 'localProviders', index],
              problem: `no provider is called "${name}"`,
              fix: 'add it to providers, or take it out',
            },
          ],
    ),
  ];
}
