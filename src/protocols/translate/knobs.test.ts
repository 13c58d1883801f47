import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { knobs } from '../../core/canonical/knob.ts';
import { arbitraryCall } from './arbitrary-call.ts';
import { factsOf } from './facts.ts';
import { withoutKnobs } from './knobs.ts';

test('settings that a model refuses are taken out and named; everything else stays', () => {
  fc.assert(
    fc.property(arbitraryCall(), fc.subarray([...knobs]), (call, refused) => {
      const { call: left, dropped } = withoutKnobs(call, refused);
      const isRefused = (feature: string): boolean => refused.some((knob) => knob === feature);
      assert.deepEqual(
        factsOf(left),
        factsOf(call).filter(({ feature }) => !isRefused(feature)),
      );
      const named = new Set(factsOf(call).flatMap(({ feature }) => (isRefused(feature) ? [feature] : [])));
      assert.deepEqual(new Set(dropped.map(({ what }) => what)), named);
    }),
  );
});

test('a model that refuses nothing gets the call itself', () => {
  fc.assert(
    fc.property(arbitraryCall(), (call) => assert.equal(withoutKnobs(call, []).call, call)),
    { numRuns: 5 },
  );
});
