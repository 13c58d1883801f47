/** Builds the dashboard: `node scripts/web.ts [DIR] [--stale]`, by default into `dist/web`; with `--stale` only when its source is newer. */
import { readdir, stat } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';

const root = join(import.meta.dirname, '..');
const source = join(root, 'web');

/** `outDir` is emptied first. */
export async function buildWeb(outDir: string): Promise<void> {
  const { build } = await import('vite');
  await build({ configFile: join(source, 'vite.config.ts'), logLevel: 'warn', build: { outDir, emptyOutDir: true } });
}

/** Builds what is missing or older than its source. Returns whether it did. */
export async function buildStaleWeb(outDir: string): Promise<boolean> {
  const stale = await isStale(outDir);
  if (stale) await buildWeb(outDir);
  return stale;
}

/** Whether the page is missing, or older than one of its sources. */
async function isStale(outDir: string): Promise<boolean> {
  const built = await changedMs(join(outDir, 'index.html'));
  const files = await readdir(source, { recursive: true });
  const newest = await Promise.all(files.map((file) => changedMs(join(source, file))));
  return Math.max(...newest) > built;
}

const changedMs = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );

if (import.meta.main) {
  const [dir] = process.argv.slice(2).filter((each) => !each.startsWith('--'));
  const outDir = resolve(root, dir ?? 'dist/web');
  const isStart = process.argv.includes('--stale');
  const told = (error: Error): void => {
    console.error(`the dashboard was not built: ${error.message}`);
    // The gateway serves without it, such as where only run-time dependencies are installed.
    if (!isStart) process.exitCode = 1;
  };
  const building = isStart ? buildStaleWeb(outDir) : buildWeb(outDir).then(() => true);
  await building.then((isBuilt) => isBuilt && console.error(`built the dashboard into ${relative(root, outDir)}`), told);
}
