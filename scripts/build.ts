/** Builds the package: `node scripts/build.ts [DIR]`, by default into `dist`. */
import { execFile } from 'node:child_process';
import { chmod, cp, readdir, rm } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { buildWeb } from './web.ts';

const root = join(import.meta.dirname, '..');
const source = join(root, 'src');

/** Files beside the code that it reads when it runs. */
const assets = /\.(json|jsonl|br|sql|html|css|svg)$/;

/** Compiles the source, copies its data, builds the dashboard, and makes the program executable. `outDir` lies inside the repository, where the dependencies are. */
export async function build(outDir: string): Promise<void> {
  await rm(outDir, { recursive: true, force: true });
  await compile(outDir);
  await copyAssets(outDir);
  await buildWeb(join(outDir, 'web'));
  await chmod(join(outDir, 'cli/main.js'), 0o755);
}

async function compile(outDir: string): Promise<void> {
  const compiler = join(root, 'node_modules/.bin', process.platform === 'win32' ? 'tsc.cmd' : 'tsc');
  const options = ['-p', 'tsconfig.build.json', '--outDir', outDir];
  try {
    await promisify(execFile)(compiler, options, { cwd: root, shell: process.platform === 'win32' });
  } catch (error) {
    const { stdout, message } = error as Error & { readonly stdout?: string };
    throw new Error(stdout || message, { cause: error });
  }
}

async function copyAssets(outDir: string): Promise<void> {
  const entries = await readdir(source, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile() && assets.test(entry.name)).map(({ parentPath, name }) => join(parentPath, name));
  await Promise.all(paths.map((path) => cp(path, join(outDir, relative(source, path)))));
}

if (import.meta.main) {
  const outDir = resolve(root, process.argv[2] ?? 'dist');
  await build(outDir).then(
    () => console.log(`built into ${relative(root, outDir)}`),
    (error: Error) => {
      console.error(error.message);
      process.exitCode = 1;
    },
  );
}
