import assert from 'node:assert/strict';
import { test } from 'node:test';
import { retryAfterMs } from './retry-after.ts';

const now = Date.parse('2026-11-25T10:00:00Z');

for (const [name, headers, expected] of [
  ['seconds', ['retry-after', '2'], 2000],
  ['seconds with a fraction', ['Retry-After', '0.5'], 500],
  ['a date', ['retry-after', 'Wed, 25 Nov 2026 10:00:07 GMT'], 7000],
  ['a date that is past', ['retry-after', 'Wed, 25 Nov 2026 09:00:00 GMT'], 0],
  ['milliseconds win over rounded seconds', ['retry-after', '1', 'retry-after-ms', '120'], 120],
  ['milliseconds that are none', ['retry-after', '1', 'retry-after-ms', 'soon'], 1000],
  ['neither', ['content-type', 'text/plain'], undefined],
  ['words', ['retry-after', 'soon'], undefined],
] as const)
  test(`Retry-After: ${name}`, () => {
    assert.equal(retryAfterMs(headers, now), expected);
  });
