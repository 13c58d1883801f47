/** A name of the user's own for a model. */
export interface Alias {
  readonly model: string;
  readonly version?: string | undefined;
  readonly earlier: Readonly<Record<string, string>>;
}

/** What an alias, or one version of it, stands for. */
export interface Unaliased {
  readonly model: string;
  /** `fast@2`, or `fast` where it has no version. */
  readonly name: string;
}

/** All names that aliases give: `fast`, and `fast@2` for each version. */
export function aliasNames(aliases: Readonly<Record<string, Alias>>): ReadonlyMap<string, Unaliased> {
  return new Map(
    Object.entries(aliases).flatMap(([name, { model, version, earlier }]): [string, Unaliased][] => {
      const current: Unaliased = { model, name: version === undefined ? name : `${name}@${version}` };
      const versions = Object.entries(earlier).map(([one, other]): [string, Unaliased] => [
        `${name}@${one}`,
        { model: other, name: `${name}@${one}` },
      ]);
      return [...versions, [current.name, current], [name, current]];
    }),
  );
}
