import assert from 'node:assert/strict';
import { test } from 'node:test';
import { chart } from './chart.ts';

test('each state of each breaker is a bar, on the scale of time', () => {
  const svg = chart({
    deployments: ['a/m', 'b/m'],
    changes: [
      { deployment: 'a/m', to: 'open', ms: 2500 },
      { deployment: 'a/m', to: 'half-open', ms: 7500 },
      { deployment: 'a/m', to: 'closed', ms: 7501 },
    ],
    totalMs: 10_000,
    dead: { deployment: 'a/m', fromMs: 2000, toMs: 5000 },
    caption: 'three calls',
  });
  const bars = [...svg.matchAll(/<rect x="([\d.]+)" y="(?:50|92)" width="([\d.]+)" height="26" fill="(#\w+)"/g)].map(
    ([, ...cells]) => cells,
  );
  assert.deepEqual(bars, [
    ['130.0', '160.0', '#2e8b57'],
    ['290.0', '320.0', '#c0392b'],
    ['610.1', '159.9', '#2e8b57'],
    ['610.0', '3.0', '#e0a800'],
    ['130.0', '640.0', '#2e8b57'],
  ]);
  assert.match(svg, /<text x="258\.0" y="40"[^>]*>upstream is dead/);
  assert.match(svg, /three calls/);
});
