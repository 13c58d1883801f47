/** The oldest release line with SQLite and zstd inside, as `engines` in package.json says. */
export const leastNode = 24;

/** Why this Node cannot run the program; `undefined` when it can. */
export function nodeFault(version: string): string | undefined {
  const major = Number(version.split('.')[0]);
  return major >= leastNode ? undefined : `Node ${version} is too old: Modicum needs Node ${leastNode} or later`;
}
