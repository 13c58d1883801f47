import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { ApiId } from '../core/api.ts';
import type { Bytes } from '../core/json.ts';
import { inputBuckets, outputBuckets, type Buckets, type UsageReport } from '../core/usage.ts';
import { maxCount } from './count.ts';
import { openaiDialect, type Dialect } from './dialect.ts';
import { events, namedEvents, readBody, readReply } from './testing.ts';

/** A count in any of the ways it comes, or not at all. */
const written = (count: number): fc.Arbitrary<unknown> => fc.constantFrom(count, String(count), count);
const wild: fc.Arbitrary<unknown> = fc.oneof(
  { weight: 6, arbitrary: fc.nat(100_000).chain(written) },
  fc.constantFrom(null, undefined, 0, '0', -1, 1.5, 1e30, Number.MAX_SAFE_INTEGER, '99999999999999999999', '', 'many', true, [], {}),
);
const extras = fc.dictionary(fc.string(), fc.jsonValue(), { maxKeys: 4 });
const object = (fields: Readonly<Record<string, fc.Arbitrary<unknown>>>): fc.Arbitrary<object> =>
  fc.tuple(extras, fc.record(fields, { requiredKeys: [] })).map(([extra, record]) => ({ ...extra, ...record }));
const maybe = (inner: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 5, arbitrary: inner }, fc.constantFrom(null, undefined, 'x', 7, []));

const openaiInput = maybe(
  object({
    cached_tokens: wild,
    cache_write_tokens: wild,
    audio_tokens: wild,
    image_tokens: wild,
    cached_tokens_details: maybe(object({ audio_tokens: wild, image_tokens: wild })),
    cache_write_tokens_details: maybe(object({ ttl_30m_tokens: wild, ttl_12h_tokens: wild })),
  }),
);
const openaiOutput = maybe(object({ reasoning_tokens: wild, audio_tokens: wild }));
const chatUsage = object({
  prompt_tokens: wild,
  completion_tokens: wild,
  total_tokens: wild,
  prompt_tokens_details: openaiInput,
  completion_tokens_details: openaiOutput,
  prompt_cache_hit_tokens: wild,
  prompt_cache_miss_tokens: wild,
  cost: maybe(fc.double()),
});
const responsesUsage = object({
  input_tokens: wild,
  output_tokens: wild,
  total_tokens: wild,
  input_tokens_details: openaiInput,
  output_tokens_details: openaiOutput,
});
const anthropicCounts = {
  input_tokens: wild,
  output_tokens: wild,
  cache_read_input_tokens: wild,
  cache_creation_input_tokens: wild,
  cache_creation: maybe(object({ ephemeral_5m_input_tokens: wild, ephemeral_1h_input_tokens: wild })),
  output_tokens_details: maybe(object({ thinking_tokens: wild })),
};
const anthropicUsage = object({
  ...anthropicCounts,
  server_tool_use: maybe(object({ web_search_requests: wild })),
  iterations: maybe(
    fc.array(
      object({ ...anthropicCounts, type: fc.constantFrom('message', 'compaction', 'advisor_message', 7), model: maybe(fc.string()) }),
      { maxLength: 3 },
    ),
  ),
});
const modalities = maybe(
  fc.array(object({ modality: fc.constantFrom('TEXT', 'AUDIO', 'IMAGE', 'VIDEO', 'NEW', null), tokenCount: wild }), { maxLength: 4 }),
);
const googleUsage = object({
  promptTokenCount: wild,
  cachedContentTokenCount: wild,
  candidatesTokenCount: wild,
  thoughtsTokenCount: wild,
  toolUsePromptTokenCount: wild,
  totalTokenCount: wild,
  promptTokensDetails: modalities,
  cacheTokensDetails: modalities,
  candidatesTokensDetails: modalities,
});

const bodies: readonly (readonly [ApiId, fc.Arbitrary<object>])[] = [
  ['openai.chat', chatUsage.map((usage) => ({ model: 'm', choices: [], usage }))],
  ['openai.responses', responsesUsage.map((usage) => ({ model: 'm', status: 'completed', usage }))],
  ['openai.embeddings', chatUsage.map((usage) => ({ model: 'm', usage }))],
  ['anthropic.messages', anthropicUsage.map((usage) => ({ type: 'message', model: 'm', usage }))],
  ['google.generate_content', googleUsage.map((usageMetadata) => ({ candidates: [{ finishReason: 'STOP' }], usageMetadata }))],
];

function checkReport(usage: UsageReport | undefined): void {
  if (!usage) return;
  for (const buckets of [usage.buckets, ...(usage.others ?? []).map(({ buckets }) => buckets)])
    for (const [bucket, count] of Object.entries(buckets)) {
      assert.ok(count === null || (Number.isSafeInteger(count) && count >= 0), `${bucket} is ${count}`);
      assert.ok(count === null || count <= 4 * maxCount);
    }
  const unknown = Object.values(usage.buckets).includes(null);
  assert.equal(usage.source, unknown ? 'partial' : 'provider');
}

for (const [api, body] of bodies)
  test(`${api}: no usage object whatever gives a negative bucket or an exception`, async () => {
    await fc.assert(
      fc.asyncProperty(body, async (reply) => {
        const { facts } = await readBody(api, reply);
        checkReport(facts.usage);
      }),
      { numRuns: 300 },
    );
  });

const sum = (buckets: Buckets): number => [...inputBuckets, ...outputBuckets].reduce((sum, bucket) => sum + (buckets[bucket] ?? 0), 0);

/** Usage that adds up, its parts written in any way. */
const parts = fc.record({
  fresh: fc.nat(9999),
  cached: fc.nat(9999),
  written: fc.nat(9999),
  audio: fc.nat(999),
  text: fc.nat(9999),
  reasoning: fc.nat(9999),
  spelled: fc.boolean(),
});

test("the buckets of consistent usage sum to the provider's total, in every convention", async () => {
  await fc.assert(
    fc.asyncProperty(parts, fc.constantFrom<Dialect['reasoning']>('inside', 'outside'), async (part, reasoning) => {
      const count = (value: number): unknown => (part.spelled ? String(value) : value);
      const prompt = part.fresh + part.cached + part.written + part.audio;
      const total = prompt + part.text + part.reasoning;
      const usage = {
        prompt_tokens: count(prompt),
        completion_tokens: count(reasoning === 'inside' ? part.text + part.reasoning : part.text),
        total_tokens: count(total),
        prompt_tokens_details: {
          cached_tokens: count(part.cached),
          cache_write_tokens: count(part.written),
          audio_tokens: count(part.audio),
        },
        completion_tokens_details: { reasoning_tokens: count(part.reasoning) },
      };
      const { facts } = await readBody('openai.chat', { model: 'm', choices: [], usage }, { dialect: { ...openaiDialect, reasoning } });
      assert.deepEqual(facts.usage?.flags, []);
      assert.equal(sum(facts.usage.buckets), total);
      const { fresh, cached, written, audio, text } = part;
      const expected = { input: fresh, cacheRead: cached, cacheWrite: written, inputAudio: audio, output: text, reasoning: part.reasoning };
      for (const [bucket, tokens] of Object.entries(expected))
        assert.equal(facts.usage.buckets[bucket as keyof typeof expected] ?? 0, tokens);
    }),
  );
});

test("Google's buckets sum to its total", async () => {
  await fc.assert(
    fc.asyncProperty(parts, async (part) => {
      const prompt = part.fresh + part.cached + part.audio;
      const total = prompt + part.written + part.text + part.reasoning;
      const usageMetadata = {
        promptTokenCount: prompt,
        cachedContentTokenCount: part.cached,
        toolUsePromptTokenCount: part.written,
        candidatesTokenCount: part.text,
        thoughtsTokenCount: part.reasoning,
        totalTokenCount: total,
        promptTokensDetails: [{ modality: 'AUDIO', tokenCount: part.audio }],
      };
      const { facts } = await readBody('google.generate_content', { candidates: [{ finishReason: 'STOP' }], usageMetadata });
      assert.deepEqual(facts.usage?.flags, []);
      assert.equal(sum(facts.usage.buckets), total);
    }),
  );
});

test('huge counts are cut to the limit and marked', async () => {
  const { facts } = await readBody('openai.chat', {
    model: 'm',
    choices: [],
    usage: { prompt_tokens: 1e300, completion_tokens: maxCount },
  });
  assert.deepEqual([facts.usage?.buckets, facts.usage?.flags], [{ input: maxCount, output: maxCount }, ['count_clamped']]);
});

const typed = (type: string, more: object): { readonly type: string } => ({ type, ...more });
const word = fc.string({ unit: 'binary', maxLength: 30 });
const streams: readonly (readonly [ApiId, fc.Arbitrary<string>])[] = [
  [
    'openai.chat',
    fc
      .tuple(fc.array(fc.tuple(word, extras)), chatUsage)
      .map(([words, usage]) =>
        events(
          ...words.map(([content, extra]) => ({ ...extra, id: 'c', model: 'm', choices: [{ ...extra, delta: { ...extra, content } }] })),
          { choices: [], usage },
          '[DONE]',
        ),
      ),
  ],
  [
    'openai.responses',
    fc
      .tuple(fc.array(word), responsesUsage)
      .map(([words, usage]) =>
        namedEvents(
          ...words.map((delta) => typed('response.output_text.delta', { delta })),
          typed('response.completed', { response: { status: 'completed', model: 'm', usage } }),
        ),
      ),
  ],
  [
    'anthropic.messages',
    fc
      .tuple(fc.array(word), anthropicUsage, anthropicUsage)
      .map(([words, start, delta]) =>
        namedEvents(
          typed('message_start', { message: { model: 'm', usage: start } }),
          ...words.map((text) => typed('content_block_delta', { delta: { text } })),
          typed('message_delta', { delta: { stop_reason: 'end_turn' }, usage: delta }),
          typed('message_stop', {}),
        ),
      ),
  ],
  [
    'google.generate_content',
    fc.array(fc.tuple(word, googleUsage)).map((words) =>
      events(...words.map(([text, usageMetadata]) => ({ candidates: [{ content: { parts: [{ text }] } }], usageMetadata })), {
        candidates: [{ finishReason: 'STOP' }],
      }),
    ),
  ],
];

function cut(bytes: Bytes, sizes: readonly number[]): Bytes[] {
  const chunks: Bytes[] = [];
  let at = 0;
  for (const size of sizes) chunks.push(bytes.subarray(at, (at += size)));
  return [...chunks, bytes.subarray(at)];
}

for (const [api, stream] of streams) {
  test(`${api}: how a stream is cut into chunks, and its line ends, change nothing`, async () => {
    await fc.assert(
      fc.asyncProperty(stream, fc.array(fc.integer({ min: 1, max: 80 }), { maxLength: 80 }), async (text, sizes) => {
        const whole = await readReply(api, [text]);
        checkReport(whole.facts.usage);
        assert.deepEqual(await readReply(api, cut(Buffer.from(text), sizes)), whole);
        assert.deepEqual(await readReply(api, cut(Buffer.from(text.replaceAll('\n', '\r\n')), sizes)), whole);
      }),
    );
  });

  test(`${api}: a stream broken off anywhere gives no exception and no negative bucket`, async () => {
    await fc.assert(
      fc.asyncProperty(stream, fc.nat(), async (text, at) => {
        const bytes = Buffer.from(text);
        const { facts } = await readReply(api, [bytes.subarray(0, at % (bytes.length + 1))], { ended: false });
        for (const count of Object.values(facts.usage?.buckets ?? {})) assert.ok(count === null || count >= 0);
        assert.equal(typeof facts.complete, 'boolean');
      }),
    );
  });
}

test('any bytes at all are read without an exception', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array(),
      fc.constantFrom<ApiId>('openai.chat', 'openai.responses', 'anthropic.messages', 'google.generate_content'),
      async (bytes, api) => {
        for (const contentType of ['text/event-stream', 'application/json', 'application/x-ndjson']) {
          const { facts } = await readReply(api, [Buffer.from(bytes)], { contentType });
          assert.equal(facts.usage, undefined);
        }
      },
    ),
  );
});
