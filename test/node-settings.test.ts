import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test, type TestContext } from 'node:test';
import { startProgram, workingFolder } from './program.ts';

const flag = '--max-semi-space-size=16';

/** What the process that serves was started with in the end, as the kernel tells it. */
async function servedWith(context: TestContext, env: Readonly<Record<string, string>>) {
  const { child, seen, ended } = startProgram(context, ['serve', '--emulator', '--port', '0'], { cwd: workingFolder(context), env });
  await seen(/listens on \S+/);
  const told = (file: string): readonly string[] => readFileSync(`/proc/${child.pid}/${file}`, 'utf8').split('\0');
  const [args, variables] = [told('cmdline'), told('environ')];
  child.kill('SIGTERM');
  const { code, err } = await ended;
  return { args, variables, code, err };
}

const onLinux = { skip: process.platform === 'linux' ? false : 'reads /proc' };

test('a gateway serves with less memory, in the process that was started, and ends as that', onLinux, async (context) => {
  const { args, variables, code, err } = await servedWith(context, {});
  assert.equal(args.indexOf(flag), 1);
  assert.ok(variables.includes('MALLOC_ARENA_MAX=1'));
  assert.equal(code, 0, err);
});

test('what the user has set stays', onLinux, async (context) => {
  const { args, variables } = await servedWith(context, { MALLOC_ARENA_MAX: '8', NODE_OPTIONS: '--max-semi-space-size=32' });
  assert.deepEqual([args.includes(flag), variables.filter((one) => /ARENA|NODE_OPT/.test(one)).sort()], [
    false,
    ['MALLOC_ARENA_MAX=8', 'NODE_OPTIONS=--max-semi-space-size=32'],
  ]); // prettier-ignore
});

for (const [what, env] of [
  ['where the settings are unwanted', { MODICUM_NODE_SETTINGS: 'off' }],
  ['where a process cannot be replaced', { NODE_OPTIONS: '--import data:text/javascript,process.execve=undefined' }],
] as const)
  test(`a gateway serves ${what}`, onLinux, async (context) => {
    const { args, code, err } = await servedWith(context, env);
    assert.deepEqual([args.includes(flag), code, err.includes('rror')], [false, 0, false]);
  });
