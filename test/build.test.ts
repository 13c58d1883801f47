import assert from 'node:assert/strict';
import { constants } from 'node:fs';
import { access, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { build } from '../scripts/build.ts';
import { startProgram, workingFolder } from './program.ts';

/** Inside the repository, where Node finds the dependencies. */
const outDir = join(import.meta.dirname, '../out/build-test');

test('the package is built whole: the program runs from it, threads, data and samples beside it, no tests inside', async (context) => {
  context.after(() => rm(outDir, { recursive: true, force: true }));
  await build(outDir);
  const program = join(outDir, 'cli/main.js');
  const cwd = workingFolder(context);
  assert.match(await readFile(program, 'utf8'), /^#!\/usr\/bin\/env node\n/);
  if (process.platform !== 'win32') await access(program, constants.X_OK);

  const { version } = JSON.parse(await readFile(join(import.meta.dirname, '../package.json'), 'utf8')) as { version: string };
  assert.deepEqual(await startProgram(context, ['--version'], { cwd, program }).ended, { code: 0, out: `${version}\n`, err: '' });

  const gateway = startProgram(context, ['serve', '--emulator', '--port', '0'], { cwd, program });
  const at = /http:\S+/.exec(await gateway.seen(/listens on \S+/))![0];
  const replay = await startProgram(context, ['replay', 'samples', '--url', at], { cwd, program }).ended;
  assert.equal(replay.code, 0, replay.err);
  const { out } = await startProgram(context, ['report', '--by', 'app'], { cwd, program }).ended;
  assert.match(out, /^support /m);
  assert.match(out, /`modicum prices MODEL`/);

  const files = await readdir(outDir, { recursive: true });
  assert.deepEqual(
    files.filter((file) => /\.test\.|fixtures|testing|\.child\./.test(file) || (file.endsWith('.ts') && !file.endsWith('.d.ts'))),
    [],
  );
});
