import { useSyncExternalStore } from 'react';

/** Where the visitor is: the whole state of a page stands in its address, so a link shows what its sender saw. */
export interface Place {
  readonly path: string;
  readonly search: string;
}

const listeners = new Set<() => void>();
let current: Place = here();

function here(): Place {
  const { pathname, search } = globalThis.location ?? { pathname: '/', search: '' };
  return { path: pathname, search };
}

function tell(): void {
  current = here();
  for (const listener of listeners) listener();
}

export interface GoOptions {
  /** Takes the place of the entry in the history: for what is typed, letter by letter. */
  readonly replace?: boolean;
}

/** Goes to an address of the dashboard, without loading the page anew. */
export function go(to: string, { replace = false }: GoOptions = {}): void {
  const { path } = current;
  history[replace ? 'replaceState' : 'pushState'](null, '', to);
  tell();
  if (current.path !== path) scrollTo(0, 0);
}

function listen(listener: () => void): () => void {
  if (listeners.size === 0) addEventListener('popstate', tell);
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size === 0) removeEventListener('popstate', tell);
  };
}

export const usePlace = (): Place => useSyncExternalStore(listen, () => current);

/** The path with some parameters of its query changed; `undefined` takes one out, a list stands for several. */
export type Changes = Readonly<Record<string, string | readonly string[] | undefined>>;

export function withParameters(search: string, changes: Changes): string {
  const parameters = new URLSearchParams(search);
  for (const [name, value] of Object.entries(changes)) {
    parameters.delete(name);
    for (const each of typeof value === 'string' ? [value] : (value ?? [])) parameters.append(name, each);
  }
  const text = parameters.toString().replaceAll('%3A', ':').replaceAll('%2C', ',').replaceAll('%2F', '/');
  return text === '' ? '' : `?${text}`;
}
