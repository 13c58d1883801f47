import fc from 'fast-check';
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { StageSkipped } from '../core/record.ts';
import { anyCall, call } from './fixtures.ts';
import { decodeIndex, decodeLine, encodeLine } from './line.ts';

test('a call comes back as it was, every field of it', () => {
  fc.assert(fc.property(anyCall, (record) => assert.deepEqual(decodeLine(encodeLine(record)), record)));
});

test('an attempt that shares its usage and cost with the call comes back as it was', () => {
  fc.assert(
    fc.property(anyCall, (record) => {
      const attempts = record.attempts.map((attempt) => ({
        ...attempt,
        cost: structuredClone(record.cost),
        usage: attempt.usage && { ...attempt.usage, buckets: { ...record.buckets } },
      }));
      assert.deepEqual(decodeLine(encodeLine({ ...record, attempts })), { ...record, attempts });
    }),
  );
});

test('a call is one line, and its index alone tells what a row needs', () => {
  fc.assert(
    fc.property(anyCall, (record) => {
      const line = encodeLine(record);
      assert.doesNotMatch(line, /\n/);
      const { attempts, requestBytes: _q, replyBytes: _r, bodies: _b, ...index } = record;
      const { serviceTier, inferenceGeo } = attempts.at(-1)?.served ?? {};
      const told = { ...(serviceTier !== undefined && { serviceTier }), ...(inferenceGeo !== undefined && { inferenceGeo }) };
      const served = Object.keys(told).length > 0 ? { served: told } : {};
      assert.deepEqual(decodeIndex(line), { ...index, ...served, attemptCount: attempts.length });
    }),
  );
});

test('an event that is no call is a plain object', () => {
  const event: StageSkipped = { type: 'stage.skipped', id: 'e1', requestId: 'r1', at: 5, stage: 'context', reason: 'tab\there' };
  assert.deepEqual(JSON.parse(encodeLine(event)), event);
  assert.deepEqual(decodeLine(encodeLine(event)), event);
});

test('a list of an unknown version is refused', () => {
  assert.throws(() => decodeLine(encodeLine(call()).replace('[1,', '[9,')), /version 9/);
});
