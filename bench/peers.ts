import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

type Progress = (line: string) => void;

/** How long one installation may take. */
const installLimitMs = 300_000;

/** Folder of this user alone that outlives a run. @throws when somebody else made it: what is in it would run. */
function cache(): string {
  const uid = process.getuid?.() ?? 0;
  const folder = join(tmpdir(), `modicum-bench-cache-${uid}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.getuid && statSync(folder).uid !== uid) throw new Error(`${folder} belongs to another user`);
  return folder;
}

/** The `node_modules` of a manifest, installed when it is not there yet. Scripts of the packages do not run. */
export function installed(name: string, manifest: object, progress: Progress): string {
  const done = join(cache(), name);
  if (!existsSync(done)) {
    progress(`installing ${name}, once`);
    const making = mkdtempSync(join(cache(), 'making-'));
    writeFileSync(join(making, 'package.json'), JSON.stringify(manifest));
    execFileSync('npm', ['install', '--no-audit', '--no-fund', '--ignore-scripts'], {
      cwd: making,
      stdio: ['ignore', 2, 2],
      timeout: installLimitMs,
    });
    renameSync(making, done);
  }
  return join(done, 'node_modules');
}

/** Portkey as the kit pins it. Returns its modules, or why there are none. */
export function portkeyModules(kitDir: string, progress: Progress): string | Error {
  const manifest = JSON.parse(readFileSync(join(kitDir, 'peers/portkey/package.json'), 'utf8')) as {
    readonly dependencies: Readonly<Record<string, string>>;
  };
  const version = manifest.dependencies['@portkey-ai/gateway'] ?? 'latest';
  try {
    return installed(`portkey-${version}`, manifest, progress);
  } catch (cause) {
    return new Error(`portkey skipped: npm could not install it (${(cause as Error).message.split('\n')[0]})`, { cause });
  }
}

const sbin = { ...process.env, PATH: `${process.env['PATH']}:/usr/sbin:/usr/local/sbin` };

/** Version of nginx, installed from the distribution's packages when it is missing and this user may; else why not. */
export function nginxVersion(progress: Progress): string | Error {
  const found = version();
  if (found) return found;
  if (process.getuid?.() !== 0) return new Error('nginx skipped: it is not installed (Debian: apt-get install nginx-light)');
  progress('installing nginx-light');
  const quiet = { stdio: ['ignore', 2, 2] as ['ignore', number, number], timeout: installLimitMs };
  for (const args of [
    ['update', '-qq'],
    ['install', '-y', '-qq', '--no-install-recommends', 'nginx-light'],
  ])
    spawnSync('apt-get', args, quiet);
  return version() ?? new Error('nginx skipped: apt-get could not install nginx-light');
}

const version = (): string | undefined =>
  /nginx\/([\d.]+)/.exec(spawnSync('nginx', ['-v'], { env: sbin, encoding: 'utf8' }).stderr ?? '')?.[1];
