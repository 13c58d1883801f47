import assert from 'node:assert/strict';
import { test } from 'node:test';
import { functionTimes, originOf, placeOf, sumBy, timesByCaller, type CpuProfile } from './cpu-profile.ts';

const node = (id: number, functionName: string, url: string, children: readonly number[] = []) => ({
  id,
  callFrame: { functionName, url, lineNumber: 0 },
  children,
});

const meter = 'file:///repo/src/protocols/meter.ts';
const profile: CpuProfile = {
  nodes: [
    node(1, '(root)', '', [2, 5, 6]),
    node(2, 'write', meter, [3]),
    node(3, 'indexOf', 'node:buffer', [4]),
    node(4, 'write', meter),
    node(5, '(idle)', ''),
    node(6, '(garbage collector)', ''),
  ],
  startTime: 5000,
  samples: [2, 3, 4, 5, 6, 2],
  timeDeltas: [0, 100, 200, 300, 1000, 100, 300],
};

const row = (name: string, fromUs = 0) => functionTimes(profile, { fromUs, toUs: Infinity }).find((found) => found.name === name)!;

test('self times are shares of the time that was not idle', () => {
  // write 100 + 300 at the top and 300 further down, indexOf 200, collector 100
  assert.deepEqual(
    functionTimes(profile).map(({ name, self }) => [name, self]),
    [
      ['write', 0.7],
      ['indexOf', 0.2],
      ['(garbage collector)', 0.1],
      ['(root)', 0],
    ],
  );
});

test('total times hold what was called, recursion once', () => {
  assert.equal(row('write').total, 0.9);
  assert.equal(row('indexOf').total, 0.5);
});

test('only what lies within the window counts', () => {
  // only the collector and the last write remain
  assert.equal(row('(garbage collector)', 6600).self, 0.25);
  assert.equal(row('write', 6600).self, 0.75);
});

test('sums by origin add up to the whole', () => {
  const sums = sumBy(functionTimes(profile), ({ origin }) => origin);
  assert.deepEqual(sums.slice(0, 3), [
    ['modicum', 0.7],
    ['node', 0.2],
    ['gc', 0.1],
  ]);
});

test('what our code calls of others counts for the innermost function of ours', () => {
  const shares = timesByCaller(profile).map(([caller, share]) => [caller, Number(share.toFixed(6))]);
  assert.deepEqual(shares, [
    ['write protocols/meter.ts', 0.9],
    ['(garbage collector)', 0.1],
  ]);
});

const origins: readonly (readonly [string, string, string])[] = [
  ['dispatch', 'file:///repo/node_modules/undici/lib/dispatcher/client.js', 'undici'],
  ['fetch', 'node:internal/deps/undici/undici', 'undici'],
  ['emit', 'node:events', 'node'],
  ['parse', 'file:///repo/node_modules/yaml/dist/index.js', 'package'],
  ['write', 'file:///repo/src/protocols/meter.ts', 'modicum'],
  ['write', 'file:///repo/dist/protocols/meter.js', 'modicum'],
  ['wasm-function[7]', 'wasm://wasm/1234', 'wasm'],
  ['writev', '', 'native'],
  ['(program)', '', 'program'],
  ['(idle)', '', 'idle'],
];
for (const [name, url, origin] of origins)
  test(`${name} of ${url || 'no file'} belongs to ${origin}`, () => assert.equal(originOf(name, url), origin));

test('places are short and hold no folder of the machine', () => {
  assert.equal(placeOf('file:///home/me/repo/src/core/scan.ts'), 'core/scan.ts');
  assert.equal(placeOf('file:///home/me/repo/node_modules/undici/lib/core/util.js'), 'undici/lib/core/util.js');
  assert.equal(placeOf('node:net'), 'node:net');
});
