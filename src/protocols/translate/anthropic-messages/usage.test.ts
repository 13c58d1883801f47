import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { ReplyUsage } from '../../../core/canonical/reply-event.ts';
import { anthropicUsage } from '../../anthropic-usage.ts';
import { deltaUsageOf, usageOf } from './usage.ts';

describe('usage', () => {
  const tokens = fc.nat(1_000_000);
  const some = (name: string) =>
    fc.option(fc.integer({ min: 1, max: 1000 }), { nil: undefined }).map((count) => (count ? { [name]: count } : {}));
  const buckets = fc
    .tuple(
      fc.record({ input: tokens, output: tokens }),
      ...['cacheRead', 'cacheWrite', 'cacheWrite5m', 'cacheWrite1h', 'reasoning', 'webSearch', 'webFetch'].map(some),
    )
    .map((all) => Object.assign({}, ...all) as ReplyUsage['buckets']);

  test('what Anthropic can tell is read again as it was', () => {
    fc.assert(
      fc.property(buckets, (told) => {
        const json = (value: object) => Buffer.from(JSON.stringify(value));
        assert.deepEqual(anthropicUsage(undefined, json(usageOf({ buckets: told, served: {} })))?.buckets, told, 'of a whole message');
        assert.deepEqual(anthropicUsage(json(usageOf(undefined)), json(deltaUsageOf(told)))?.buckets, told, 'of a stream');
      }),
    );
  });

  test('media and lifetimes that Anthropic does not part are in the sums', () => {
    assert.deepEqual(
      deltaUsageOf({ input: 1, inputAudio: 2, inputImage: 3, cacheReadImage: 4, cacheWrite30m: 5, output: 6, outputAudio: 7 }),
      {
        input_tokens: 6,
        cache_creation_input_tokens: 5,
        cache_read_input_tokens: 4,
        output_tokens: 13,
        output_tokens_details: null,
        server_tool_use: null,
      },
    );
  });

  test('words of the tier that Anthropic does not have are left out', () => {
    const tier = (serviceTier: string) => usageOf({ buckets: {}, served: { serviceTier } })['service_tier'];
    assert.deepEqual([tier('default'), tier('priority'), tier('flex')], ['standard', 'priority', null]);
  });
});
