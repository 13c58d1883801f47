import { chmodSync, copyFileSync, existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { packageVersion } from './machine.ts';
import { installed, nginxVersion, portkeyModules } from './peers.ts';

/** A copy of the load kit that can be written to, with what it needs to run. */
export interface Kit {
  /** Scratch folder; systems files and results go here. */
  readonly root: string;
  /** The copy of the kit. */
  readonly dir: string;
  readonly versions: Readonly<Record<string, string>>;
  /** What is missing, and why. */
  readonly notes: readonly string[];
  /** Deletes the scratch folder. */
  readonly remove: () => void;
}

interface KitOptions {
  /** Also install what is only measured for comparison: nginx and Portkey. */
  readonly peers: boolean;
  readonly progress: (line: string) => void;
}

/** Copies the kit and installs what it needs, once per version, in a cache below the temporary folder. @throws when there is no kit. */
export function prepareKit(kitDir: string, { peers, progress }: KitOptions): Kit {
  if (!existsSync(join(kitDir, 'bench.mjs'))) throw new Error(`no load kit in ${kitDir}: name its folder with --kit`);
  const root = mkdtempSync(join(tmpdir(), 'modicum-bench-'));
  const dir = join(root, 'kit');
  copyFiles(kitDir, dir);
  const undici = packageVersion('undici'); // the bare proxy gets ours: a ratio must not compare two versions of it
  symlinkSync(installed(`undici-${undici}`, { dependencies: { undici } }, progress), join(dir, 'node_modules'));
  const found = peers ? addPeers(dir, progress) : { versions: {}, notes: ['nginx and Portkey left out: --no-peers'] };
  return {
    root,
    dir,
    versions: { undici, ...found.versions },
    notes: found.notes,
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** File by file, so that the copy does not inherit read-only modes. */
function copyFiles(from: string, to: string): void {
  for (const entry of readdirSync(from, { recursive: true, withFileTypes: true })) {
    const path = relative(from, join(entry.parentPath, entry.name));
    if (!entry.isFile() || path.split('/').includes('node_modules')) continue;
    mkdirSync(dirname(join(to, path)), { recursive: true });
    copyFileSync(join(from, path), join(to, path));
    chmodSync(join(to, path), 0o644);
  }
}

function addPeers(dir: string, progress: KitOptions['progress']): Pick<Kit, 'versions' | 'notes'> {
  const nginx = nginxVersion(progress);
  const portkey = portkeyModules(dir, progress);
  if (typeof portkey === 'string') symlinkSync(portkey, join(dir, 'peers/portkey/node_modules'));
  return {
    versions: {
      ...(typeof nginx === 'string' && { nginx }),
      ...(typeof portkey === 'string' && { portkey: packageVersion('@portkey-ai/gateway', portkey) }),
    },
    notes: [nginx, portkey].filter((peer) => peer instanceof Error).map(({ message }) => message),
  };
}
