import assert from 'node:assert/strict';
import { test } from 'node:test';
import { configSchema } from './schema.ts';
import { sensitivityFaults } from './sensitivity-checks.ts';

test('names in sensitivity must be there', () => {
  const config = configSchema.parse({
    sensitivity: {
      labels: { low: {} },
      rules: [{ label: 'high', detectors: ['secret'] }, { label: 'low' }],
      unread: 'top',
      localProviders: ['far'],
    },
  });
  assert.deepEqual(
    sensitivityFaults(config).map(({ path, problem }) => `${path.join('.')}: ${problem}`),
    [
      'sensitivity.rules.0.label: "high" is no label; there are: low',
      'sensitivity.unread: "top" is no label; there are: low',
      'sensitivity.localProviders.0: no provider is called "far"',
    ],
  );
});

test('labels keep their order, so they begin with a letter; patterns that could be slow are errors', () => {
  const faults = [
    { labels: { '1': {} } },
    { labels: { a: { policy: 'burn' } } },
    { rules: [{ label: 'a', detectors: ['everything'] }] },
    { rules: [{ label: 'a', patterns: ['(a+)+'] }] },
    { rules: [{ label: 'a', patterns: ['(a'] }] },
    { maskKey: 'short' },
    { maxTextBytes: 1023 },
  ];
  for (const sensitivity of faults) assert.ok(!configSchema.safeParse({ sensitivity }).success, JSON.stringify(sensitivity));
  const labels = { z: {}, a: { policy: 'mask' }, m: { policy: 'local-only', apps: { x: 'allow' } } };
  assert.deepEqual(Object.keys(configSchema.parse({ sensitivity: { labels } }).sensitivity.labels), ['z', 'a', 'm']);
});
