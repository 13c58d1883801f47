import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'yaml';
import { configSchema } from '../src/config/schema.ts';
import { cellsOf, cpuRatios, noiseNotes } from './gateway-figures.ts';
import { judged, kitGoals } from './gateway-goals.ts';
import type { Kit } from './kit.ts';
import type { KitResult, KitRun } from './load.ts';
import { systemsOf, writeSystems } from './systems.ts';

const kitIn = (root: string, versions: Readonly<Record<string, string>>): Kit => ({
  root,
  dir: join(root, 'kit'),
  versions,
  notes: [],
  remove: () => {},
});

const run = (round: number, phase: string, system: string, cpu_us: number, more: Partial<KitRun> = {}): KitRun => ({
  round,
  phase,
  system,
  cpu_us,
  rps: 1000,
  ...more,
});

const result: KitResult = {
  rss: { bare: { idle: 70, after: 120 }, modicum: { idle: 90, after: 200 } },
  notes: [],
  goals: kitGoals.map((goal, index) => ({ ...goal, value: index === 0 ? 1.5 : index === 1 ? 1.6 : null })),
  runs: [
    run(0, '1k', 'bare', 40),
    run(0, '1k', 'modicum', 60),
    run(1, '1k', 'bare', 80),
    run(1, '1k', 'modicum', 100),
    run(2, '1k', 'bare', 40),
    run(2, '1k', 'modicum', 0, { error: 'process has ended' }),
  ],
};

test('figures are medians over the rounds; a round that failed does not count', () => {
  const cells = cellsOf(result);
  assert.deepEqual(cells['bare']?.['1k']?.cpuUs, { median: 40, low: 40, high: 80 });
  assert.deepEqual(cells['modicum']?.['1k']?.cpuUs, { median: 80, low: 60, high: 100 });
  assert.equal(cells['modicum']?.['1k']?.p50Ms, undefined);
});

test('ratios are taken within a round, where both met the same noise', () => {
  assert.deepEqual(cpuRatios(result, 'modicum', 'bare'), { '1k': { median: 1.375, low: 1.25, high: 1.5 } });
  assert.deepEqual(cpuRatios(result, 'modicum', 'nginx'), {});
});

test('goals of the project: 1.75, 1.5 and 1.3 times the bare proxy, 8 times Portkey, 1 ms, 250 MB', () => {
  assert.deepEqual(
    kitGoals.map(({ system, phase, metric, vs, min, max }) => [system, phase, metric, vs, min ?? max]),
    [
      ['modicum', '1k', 'cpu_us', 'bare', 1.75],
      ['modicum', '20k', 'cpu_us', 'bare', 1.5],
      ['modicum', '200k', 'cpu_us', 'bare', 1.3],
      ['portkey', '1k', 'cpu_us', 'modicum', 8],
      ['portkey', '20k', 'cpu_us', 'modicum', 8],
      ['portkey', '200k', 'cpu_us', 'modicum', 8],
      ['modicum', 'paced', 'ttfb50', 'direct', 1],
      ['modicum', undefined, 'rss_after', undefined, 250],
    ],
  );
});

test('a goal is met, missed or not measured by the value of the kit', () => {
  const verdicts = judged(result).map(({ verdict }) => verdict);
  assert.deepEqual(verdicts, ['met', 'missed', ...Array.from({ length: 6 }, () => 'not measured')]);
});

test('references that move between rounds, and a machine that was busy before, are told as noise', () => {
  const noisy = noiseNotes(cellsOf(result), { loadBefore: 1.5, cores: 2 });
  assert.equal(noisy.length, 2);
  assert.match(noisy[0]!, /bare\/1k 100 %/);
  const calm = { bare: { '1k': { cpuUs: { median: 40, low: 39, high: 41 } } } };
  assert.deepEqual(noiseNotes(calm, { loadBefore: 0.1, cores: 2 }), []);
});

test('a peer that is not installed is left out', () => {
  const names = (versions: Readonly<Record<string, string>>) => systemsOf(kitIn('', versions), 'main.js').map(({ name }) => name);
  assert.deepEqual(names({ nginx: '1', portkey: '1' }), ['direct', 'nginx', 'bare', 'portkey', 'modicum']);
  assert.deepEqual(names({}), ['direct', 'bare', 'modicum']);
});

test('all are warmed up alike before they are measured', () => {
  const times = systemsOf(kitIn('', { nginx: '1', portkey: '1' }), 'main.js').map((system) => system['warmup_s']);
  assert.deepEqual(times, [5, 5, 5, 5, 5]);
});

test('the configuration under load is valid, has ledger and meter at their defaults, bodies off', () => {
  const root = mkdtempSync(join(tmpdir(), 'modicum-bench-test-'));
  writeSystems(kitIn(root, {}), [], []);
  const yaml = readFileSync(join(root, 'modicum.yaml'), 'utf8').replaceAll('{upstream}', '4001');
  rmSync(root, { recursive: true });
  const { ledger, meter, providers } = configSchema.parse(parse(yaml));
  const defaults = configSchema.parse({});
  assert.deepEqual([ledger, meter], [defaults.ledger, defaults.meter]);
  assert.equal(ledger.bodies.store, 'off');
  assert.equal(providers?.['openai']?.baseUrl, 'http://127.0.0.1:4001/v1');
});
