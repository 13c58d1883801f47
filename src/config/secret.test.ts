import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { keyOf, maxKeyBytes, SecretError } from './secret.ts';

let dir = '';
before(async () => {
  dir = await mkdtemp(join(tmpdir(), 'modicum-secret-'));
});
after(() => rm(dir, { recursive: true }));

const fromFile = async (text: string): Promise<string | undefined> => {
  await writeFile(join(dir, 'key'), text);
  return keyOf({ apiKeyFile: 'key' }, dir, {});
};
const environment = { PATH: process.env['PATH'], KEY: 'from-environment' };
const fromCommand = (script: string, timeoutMs?: number) => keyOf({ apiKeyCommand: ['sh', '-c', script] }, dir, environment, timeoutMs);

test('without any source there is no key', async () => assert.equal(await keyOf({}, dir, {}), undefined));

test('a key from a file or a command loses the white space around it', async () => {
  assert.equal(await fromFile('  sk-1\n'), 'sk-1');
  assert.equal(await fromCommand('printf "%s\\n" "$KEY"'), 'from-environment');
});

test('a key as long as may be', async () => assert.equal((await fromFile('k'.repeat(maxKeyBytes)))?.length, maxKeyBytes));

describe('what is no key is refused, without a word of it', () => {
  const cases: readonly (readonly [name: string, read: () => Promise<unknown>, says: string])[] = [
    ['an empty file', () => fromFile(' \n'), 'gives an empty key'],
    ['two lines', () => fromFile('sk-secret\nsk-other\n'), 'gives something other than one line with a key'],
    ['a control character', () => fromFile('sk-\u0000secret'), 'gives something other than one line with a key'],
    ['a key that is too long', () => fromFile('k'.repeat(maxKeyBytes + 1)), 'gives something other than one line with a key'],
    ['a folder', () => keyOf({ apiKeyFile: '.' }, dir, {}), 'the file cannot be read (EISDIR)'],
    ['a command that fails', () => fromCommand('echo sk-secret >&2; exit 7'), 'the command failed (exit code 7)'],
    [
      'a command that is not there',
      () => keyOf({ apiKeyCommand: ['./no-such-program-here'] }, dir, environment),
      'the command failed (ENOENT)',
    ],
    ['a command that goes on', () => fromCommand('sleep 60', 50), 'the command failed (it took too long)'],
    [
      'a command that prints too much',
      () => fromCommand(`head -c ${maxKeyBytes + 1} /dev/zero | tr '\\000' k`),
      'the command failed (ERR_CHILD_PROCESS_STDIO_MAXBUFFER)',
    ],
  ];
  for (const [name, read, says] of cases)
    test(name, () => assert.rejects(read(), (error) => error instanceof SecretError && error.message === says));
});
