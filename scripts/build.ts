/** Builds the package: `src/` compiled to `dist/`, and beside it the data files that the code reads at run time. */
import { spawnSync } from 'node:child_process';
import { chmod, copyFile, glob, mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';

const root = join(import.meta.dirname, '..');
const tsc = join(root, 'node_modules/typescript/bin/tsc');

/** What the code opens beside itself: prices, the vocabulary, sample conversations. Not pages, and nothing of the tests. */
const isData = (path: string): boolean => !/\.(ts|md|wat)$|(^|\/)(golden|fixtures)\//.test(path);

async function copyData(): Promise<number> {
  let copied = 0;
  for await (const entry of glob('**/*', { cwd: join(root, 'src'), withFileTypes: true })) {
    const from = join(entry.parentPath, entry.name);
    if (!entry.isFile() || !isData(from)) continue;
    const to = join(root, 'dist', from.slice(join(root, 'src').length));
    await mkdir(dirname(to), { recursive: true });
    await copyFile(from, to);
    copied++;
  }
  return copied;
}

async function build(): Promise<number> {
  await rm(join(root, 'dist'), { recursive: true, force: true });
  const { status } = spawnSync(process.execPath, [tsc, '-p', 'tsconfig.build.json'], { cwd: root, stdio: 'inherit' });
  if (status !== 0) return status ?? 1; // the compiler has said why
  const copied = await copyData();
  await chmod(join(root, 'dist/cli/main.js'), 0o755);
  console.log(`built dist/, with ${copied} data files`);
  return 0;
}

process.exitCode = await build();
