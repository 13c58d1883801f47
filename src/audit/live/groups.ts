import type { Waste } from '../finding.ts';

/** What a group of calls would be told as. */
export type GroupKey = Pick<Waste, 'kind' | 'app' | 'subject'>;

export interface Groups<G> {
  /** `undefined`: there are too many already, and this one is not looked at. */
  readonly of: (key: GroupKey) => G | undefined;
  readonly all: () => Iterable<readonly [GroupKey, G]>;
}

/** Groups of one finder at most. */
export const maxGroups = 10_000;

/** What a finder gathers of calls that belong together, until the whole shows whether it is waste. */
export function createGroups<G>(make: () => G): Groups<G> {
  const groups = new Map<string, readonly [GroupKey, G]>();
  return {
    of(key) {
      const id = JSON.stringify([key.kind, key.app, key.subject]);
      const found = groups.get(id);
      if (found || groups.size >= maxGroups) return found?.[1];
      const made = make();
      groups.set(id, [key, made]);
      return made;
    },
    all: () => groups.values(),
  };
}
