import assert from 'node:assert/strict';
import { test } from 'node:test';
import { executeAgainWithSettings, type Replaceable } from './execute-again.ts';

interface Executed {
  readonly file: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
}

/** What the process is replaced by; `undefined`: it is not. */
function executed(changes: Partial<Replaceable> = {}): Executed | undefined {
  let found: Executed | undefined;
  executeAgainWithSettings({
    argv: ['node', 'main.js', 'serve', '--port', '0'],
    execArgv: ['--no-warnings'],
    execPath: process.execPath,
    env: { LANG: 'C' },
    execve: (file, args, env) => (found = { file, args, env }),
    ...changes,
  });
  return found;
}

test('the same program with the same arguments, flags and variables, and the settings before them', () => {
  assert.deepEqual(executed(), {
    file: process.execPath,
    args: [process.execPath, '--max-semi-space-size=16', '--no-warnings', 'main.js', 'serve', '--port', '0'],
    env: { LANG: 'C', MALLOC_ARENA_MAX: '1', MODICUM_NODE_SETTINGS: 'done' },
  });
});

test('what the user has set is not set again', () => {
  const { args, env } = executed({ execArgv: ['--max-semi-space-size=64'], env: { NODE_OPTIONS: '--trace-gc' } })!;
  assert.deepEqual(args.slice(1, 3), ['--max-semi-space-size=64', 'main.js']);
  assert.deepEqual([env['NODE_OPTIONS'], env['MALLOC_ARENA_MAX']], ['--trace-gc', '1']);
});

for (const [what, changes] of [
  ['once is enough', { env: { MODICUM_NODE_SETTINGS: 'done' } }],
  ['the user wants none', { env: { MODICUM_NODE_SETTINGS: 'off' } }],
  ['the user has set all of it', { execArgv: ['--max-semi-space-size=64'], env: { MALLOC_ARENA_MAX: '4' } }],
  ['a system or a Node that cannot', { execve: undefined }],
  ['another process speaks to this one', { send: () => true }],
  ['a debugger is attached', { execArgv: ['--inspect-brk'] }],
  ['Node’s own file is gone', { execPath: '/nowhere/node' }],
] as const)
  test(`stays as it is: ${what}`, () => assert.equal(executed(changes as Partial<Replaceable>), undefined));
