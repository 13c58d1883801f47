import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Delta, ReplyEvent } from '../../../core/canonical/reply-event.ts';
import type { Json } from '../../../core/json.ts';
import { maxSaidLength } from './said.ts';
import {
  encoder,
  encoded,
  chunksOf,
  decoded,
  start,
  part,
  text,
  json,
  closing,
  usageMetadata,
  head,
  candidate,
  lastChunk,
  anthropic,
  anthropicSignature,
  google,
} from './testing.ts';

describe('a reply to a Google client', () => {
  const events: readonly ReplyEvent[] = [
    start,
    ...part(0, { type: 'reasoning' }, ...text('Hm.'), { type: 'seal', seal: anthropic }),
    ...part(1, { type: 'text' }, ...text('The ', 'end')),
    ...part(2, { type: 'tool-call', id: 'call_1', name: 'f' }, ...json('{"a":', '1}')),
    ...part(3, { type: 'tool-call', id: 'call_2', name: 'g' }),
    ...closing('tool_calls'),
  ];

  test('streamed: a chunk a delta, a function call in one piece, finish and usage last', () => {
    assert.deepEqual(chunksOf(encoded(events)), [
      { candidates: [candidate([{ text: 'Hm.', thought: true }])], ...head },
      { candidates: [candidate([{ text: '', thought: true, thoughtSignature: anthropicSignature }])], ...head },
      { candidates: [candidate([{ text: 'The ' }])], ...head },
      { candidates: [candidate([{ text: 'end' }])], ...head },
      { candidates: [candidate([{ functionCall: { id: 'call_1', name: 'f', args: { a: 1 } } }])], ...head },
      { candidates: [candidate([{ functionCall: { id: 'call_2', name: 'g', args: {} } }])], ...head },
      lastChunk(),
    ]);
  });

  test('without alt=sse: one JSON list, in as many pieces', () => {
    const list = JSON.parse(encoded(events, { framing: 'json-list' })) as Json;
    assert.deepEqual(list, chunksOf(encoded(events)));
    assert.equal(encoder({ framing: 'json-list' }).contentType, 'application/json; charset=UTF-8');
    assert.equal(encoder().contentType, 'text/event-stream; charset=utf-8');
  });

  test('whole', () => {
    const parts = [
      { text: 'Hm.', thought: true, thoughtSignature: anthropicSignature },
      { text: 'The end' },
      { functionCall: { id: 'call_1', name: 'f', args: { a: 1 } } },
      { functionCall: { id: 'call_2', name: 'g', args: {} } },
    ];
    const body = JSON.parse(encoded(events, { stream: false })) as Json;
    assert.deepEqual(body, { candidates: [candidate(parts, { finishReason: 'STOP' })], usageMetadata, ...head });
  });

  test('usage that is told early stands on every chunk from then on', () => {
    const usage: ReplyEvent = { type: 'usage', usage: { buckets: { input: 5, output: null }, served: {} } };
    const [first] = chunksOf(encoded([start, usage, ...part(0, { type: 'text' }, ...text('Hi'))]));
    const told = { promptTokenCount: 5, promptTokensDetails: [{ modality: 'TEXT', tokenCount: 5 }] };
    assert.deepEqual(first, { candidates: [candidate([{ text: 'Hi' }])], usageMetadata: told, ...head });
  });

  test('tokens by modality', () => {
    const buckets = { input: 10, inputImage: 5, cacheReadAudio: 2, output: 1, outputImage: 4, inputVideo: 3 };
    const stream = encoded([
      start,
      { type: 'usage', usage: { buckets, served: {} } },
      { type: 'finish', candidate: 0, reason: 'stop' },
      { type: 'end' },
    ]);
    const [chunk] = chunksOf(stream) as unknown as [{ usageMetadata: unknown }];
    const detail = (modality: string, tokenCount: number) => ({ modality, tokenCount });
    assert.deepEqual(chunk.usageMetadata, {
      promptTokenCount: 20,
      promptTokensDetails: [detail('TEXT', 10), detail('AUDIO', 2), detail('IMAGE', 5), detail('VIDEO', 3)],
      cachedContentTokenCount: 2,
      cacheTokensDetails: [detail('AUDIO', 2)],
      candidatesTokenCount: 5,
      candidatesTokensDetails: [detail('TEXT', 1), detail('IMAGE', 4)],
      totalTokenCount: 25,
    });
  });

  test('thoughts the client asked not to see are hidden, their signature is not', () => {
    const hidden = { reasoning: { summary: 'none' } } as const;
    const thought = [start, ...part(0, { type: 'reasoning' }, ...text('Hm.'), { type: 'seal', seal: google } as const), ...closing()];
    const signature = [{ text: '', thoughtSignature: 'c2ln' }];
    assert.deepEqual(chunksOf(encoded(thought, hidden)), [{ candidates: [candidate(signature)], ...head }, lastChunk()]);
    const body = JSON.parse(encoded(thought, { ...hidden, stream: false })) as { candidates: [{ content: unknown }] };
    assert.deepEqual(body.candidates[0].content, { parts: signature, role: 'model' });
  });

  test('free text, and arguments that are no object, go inside one', () => {
    const calls = [
      start,
      ...part(0, { type: 'tool-call', id: 'a', name: 'f', custom: true }, ...json('x"y')),
      ...part(1, { type: 'tool-call', id: 'b', name: 'g' }, ...json('{"cut')),
      ...closing(),
    ];
    const args = (chunk: Json | undefined) =>
      (chunk as unknown as { candidates: [{ content: { parts: [{ functionCall: { args: unknown } }] } }] }).candidates[0].content.parts[0]
        .functionCall.args;
    assert.deepEqual(chunksOf(encoded(calls)).slice(0, 2).map(args), [{ input: 'x"y' }, { value: '{"cut' }]);
  });

  test('pictures and sounds come whole; a refusal is text that ends with SAFETY; what is another API\u2019s own is left out', () => {
    const events: readonly ReplyEvent[] = [
      start,
      ...part(0, { type: 'image', mediaType: 'image/png', data: 'AA==' }),
      ...part(1, { type: 'opaque', api: 'openai.responses', kind: 'web_search_call', value: {} }),
      ...part(2, { type: 'refusal' }, ...text('No.')),
      ...closing('refusal'),
    ];
    const picture = { inlineData: { mimeType: 'image/png', data: 'AA==' } };
    assert.deepEqual(chunksOf(encoded(events)), [
      { candidates: [candidate([picture])], ...head },
      { candidates: [candidate([{ text: 'No.' }])], ...head },
      lastChunk('SAFETY'),
    ]);
    const { candidates } = JSON.parse(encoded(events, { stream: false })) as { candidates: Json };
    assert.deepEqual(candidates, [candidate([picture, { text: 'No.' }], { finishReason: 'SAFETY' })]);
  });

  const url = 'https://a.test/';
  const cited: readonly Delta[] = [
    ...text('Gr\u00fc\u00df dich'),
    { type: 'citation', citation: { url, title: 'A', from: 5, to: 9 } },
    { type: 'citation', citation: { url, title: 'A' } },
  ];

  for (const stream of [true, false])
    test(`sources are grounding, places in bytes; ${stream ? 'streamed' : 'whole'}`, () => {
      const bytes = encoded(
        [start, ...part(0, { type: 'text' }, ...text('\u00df')), ...part(1, { type: 'text' }, ...cited), ...closing()],
        { stream },
      );
      const last = stream ? chunksOf(bytes).at(-1) : (JSON.parse(bytes) as Json);
      const [{ groundingMetadata }] = (last as unknown as { candidates: [{ groundingMetadata: Json }] }).candidates;
      assert.deepEqual(groundingMetadata, {
        groundingChunks: [{ web: { uri: url, title: 'A' } }],
        groundingSupports: [{ segment: { startIndex: 9, endIndex: 13, text: 'dich' }, groundingChunkIndices: [0] }],
      });
    });

  test(`places are told in texts of up to ${maxSaidLength} characters`, () => {
    const grounding = (length: number): string =>
      encoded([start, ...part(0, { type: 'text' }, ...text('x'.repeat(length)), ...cited.slice(1)), ...closing()]).slice(length);
    assert.ok(grounding(maxSaidLength).includes('groundingSupports'));
    assert.ok(!grounding(maxSaidLength + 1).includes('groundingSupports'));
    assert.ok(grounding(maxSaidLength + 1).includes('groundingChunks'));
  });

  test('log probabilities', () => {
    const token = (word: string, logprob: number) => ({ token: word, logprob, bytes: [...Buffer.from(word)] });
    const logprobs: Delta = { type: 'logprobs', tokens: [{ ...token('Hi', -0.5), top_logprobs: [token('Hi', -0.5), token('Ho', -1)] }] };
    const logprobsResult = {
      chosenCandidates: [{ token: 'Hi', logProbability: -0.5 }],
      topCandidates: [
        {
          candidates: [
            { token: 'Hi', logProbability: -0.5 },
            { token: 'Ho', logProbability: -1 },
          ],
        },
      ],
    };
    const stream = encoded([start, ...part(0, { type: 'text' }, ...text('Hi'), logprobs), ...closing()]);
    assert.deepEqual(chunksOf(stream)[1], { candidates: [candidate([], { logprobsResult })], ...head });
    assert.deepEqual(
      decoded(stream).find((event) => event.type === 'part-delta' && event.delta.type === 'logprobs'),
      {
        type: 'part-delta',
        index: 0,
        delta: logprobs,
      },
    );
  });

  test('an error in the middle is the last thing, and the list is still JSON', () => {
    const broken: readonly ReplyEvent[] = [
      start,
      { type: 'part-start', index: 0, candidate: 0, part: { type: 'text' } },
      { type: 'part-delta', index: 0, delta: { type: 'text', text: 'Hi' } },
      { type: 'error', error: { kind: 'overloaded', message: 'Too much.' } },
    ];
    const [, { error }] = JSON.parse(encoded(broken, { framing: 'json-list' })) as [Json, { error: { code: number; status: string } }];
    assert.deepEqual([error.code, error.status], [503, 'UNAVAILABLE']);
    assert.deepEqual(decoded(encoded(broken)).at(-1), {
      type: 'error',
      error: { kind: 'overloaded', message: 'Too much.', code: 'UNAVAILABLE' },
    });
  });
});
