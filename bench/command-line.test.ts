import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { CommandLineError, parseBenchArgs, parseCommandLine, positive } from './command-line.ts';
import { root } from './machine.ts';

test('data and kit are found beside the repository when not named', () => {
  const { name, data, kit, json, args } = parseCommandLine(['scanner']);
  assert.deepEqual(
    { name, data, kit, json, args },
    { name: 'scanner', data: join(root, '../shared/data'), kit: join(root, '../shared/bench'), json: false, args: [] },
  );
});

test('options of every bench are taken wherever they stand; the rest goes to the bench in order', () => {
  const given = parseCommandLine(['--json', 'gateway', '--rounds', '5', '--data', 'd', '--kit=k', '--no-peers']);
  assert.deepEqual(given, { name: 'gateway', data: 'd', kit: 'k', json: true, args: ['--rounds', '5', '--no-peers'] });
});

test('no name asks for the list', () => assert.equal(parseCommandLine([]).name, undefined));

for (const argv of [
  ['--rounds', '5'],
  ['scanner', '--data'],
  ['scanner', '--data', '--json'],
  ['scanner', '--kit'],
]) {
  test(`refused: ${argv.join(' ')}`, () => assert.throws(() => parseCommandLine(argv), CommandLineError));
}

test('a bench refuses what it does not know', () => {
  const options = { rounds: { type: 'string', default: '3' } } as const;
  assert.deepEqual({ ...parseBenchArgs([], options) }, { rounds: '3' });
  assert.throws(() => parseBenchArgs(['--round', '3'], options), CommandLineError);
  assert.throws(() => parseBenchArgs(['stray'], options), CommandLineError);
});

test('a number above 0, and nothing else', () => {
  assert.equal(positive('rounds', '0.5'), 0.5);
  for (const text of ['0', '-1', 'many', '', 'Infinity']) assert.throws(() => positive('rounds', text), CommandLineError);
});
