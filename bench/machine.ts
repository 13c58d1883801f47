import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What figures depend on beside the code. No host name and no path: the object is published. */
export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memoryGb: number;
  readonly system: string;
  readonly node: string;
  /** Runnable processes, mean of the last minute, before the bench began. */
  readonly loadBefore: number;
}

export const machine = (): Machine => ({
  cpu: cpus()[0]?.model.trim() ?? 'unknown',
  cores: availableParallelism(),
  memoryGb: Math.round(totalmem() / 2 ** 30),
  system: `${type()} ${release()}`,
  node: process.version,
  loadBefore: loadavg()[0]!,
});

/** Folder of the repository. */
export const root = fileURLToPath(new URL('..', import.meta.url));

const versionIn = (manifest: string): string => (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;

/** Version of Modicum itself. */
export const ownVersion = (): string => versionIn(join(root, 'package.json'));

/** Version of a package installed in `modules`; ours unless told otherwise. */
export const packageVersion = (name: string, modules = join(root, 'node_modules')): string =>
  versionIn(join(modules, name, 'package.json'));

/** Commit that is checked out, with `+` when files differ from it; empty outside a repository. */
export function commit(): string {
  try {
    const git = (...args: readonly string[]): string => execFileSync('git', args, { cwd: root, encoding: 'utf8', stdio: 'pipe' }).trim();
    return git('rev-parse', '--short', 'HEAD') + (git('status', '--porcelain', '--', 'src') === '' ? '' : '+');
  } catch {
    return '';
  }
}
