import assert from 'node:assert/strict';
import { test } from 'node:test';
import { resultOfLine, resultsOfOperation } from './results.ts';

const read = (line: unknown) => {
  const result = resultOfLine(Buffer.from(JSON.stringify(line)));
  return result && { ...result, body: result.body && JSON.parse(result.body.toString()) };
};
const openai = (status_code: number, body: object) => ({
  id: 'r1',
  custom_id: 'a',
  response: { status_code, request_id: 'q', body },
  error: null,
});

test('what a line of results says of its request', () => {
  const cases: readonly (readonly [line: unknown, expected: object | undefined])[] = [
    [openai(200, { object: 'chat.completion' }), { id: 'r1', customId: 'a', api: 'openai.chat', outcome: 'ok', status: 200 }],
    [openai(200, { object: 'response' }), { id: 'r1', customId: 'a', api: 'openai.responses', outcome: 'ok', status: 200 }],
    [openai(200, { object: 'list' }), { id: 'r1', customId: 'a', api: 'openai.embeddings', outcome: 'ok', status: 200 }],
    [openai(200, { object: 'text_completion' }), { id: 'r1', customId: 'a', api: 'openai.completions', outcome: 'ok', status: 200 }],
    [openai(200, { object: 'image' }), { id: 'r1', customId: 'a', api: 'passthrough', outcome: 'ok', status: 200 }],
    [openai(429, { error: {} }), { id: 'r1', customId: 'a', api: 'passthrough', outcome: 'failed', status: 429 }],
    [
      { id: 'r1', custom_id: 'a', response: null, error: { code: 'batch_expired' } },
      { id: 'r1', customId: 'a', api: 'passthrough', outcome: 'failed', status: 504 },
    ],
    [
      { custom_id: 'a', result: { type: 'succeeded', message: {} } },
      { id: 'a', customId: 'a', api: 'anthropic.messages', outcome: 'ok', status: 200 },
    ],
    [
      { custom_id: 'a', result: { type: 'errored', error: {} } },
      { id: 'a', customId: 'a', api: 'anthropic.messages', outcome: 'failed', status: 400 },
    ],
    [
      { custom_id: 'a', result: { type: 'canceled' } },
      { id: 'a', customId: 'a', api: 'anthropic.messages', outcome: 'aborted', status: 499 },
    ],
    [
      { custom_id: 'a', result: { type: 'expired' } },
      { id: 'a', customId: 'a', api: 'anthropic.messages', outcome: 'failed', status: 504 },
    ],
    [
      { key: 'a', response: { candidates: [] } },
      { id: 'a', customId: 'a', api: 'google.generate_content', outcome: 'ok', status: 200 },
    ],
    [
      { key: 'a', error: { code: 400 } },
      { id: 'a', customId: 'a', api: 'google.generate_content', outcome: 'failed', status: 400 },
    ],
    [{ custom_id: 'a', method: 'POST', url: '/v1/chat/completions', body: {} }, undefined],
    [{ messages: [{ role: 'user' }] }, undefined],
    ['text', undefined],
  ];
  for (const [line, expected] of cases) {
    const result = read(line);
    if (!expected || !result) assert.equal(result, expected, JSON.stringify(line));
    else {
      const { body: _, ...facts } = result;
      assert.deepEqual(facts, expected, JSON.stringify(line));
    }
  }
});

test('the body is the reply as a call of its own would have got it', () => {
  assert.deepEqual(read(openai(200, { object: 'list', data: [] }))?.body, { object: 'list', data: [] });
  assert.deepEqual(read({ custom_id: 'a', result: { type: 'succeeded', message: { id: 'm' } } })?.body, { id: 'm' });
});

test("Google's results stand in the operation, in one of two places, by key or by number", () => {
  const inlined = { inlinedResponses: { inlinedResponses: [{ response: { a: 1 }, metadata: { key: 'k' } }, { error: { code: 404 } }] } };
  for (const operation of [{ done: true, response: inlined }, { metadata: { model: 'models/m', output: inlined } }]) {
    const found = resultsOfOperation(Buffer.from(JSON.stringify(operation)));
    assert.deepEqual(
      found?.results.map(({ customId, status }) => [customId, status]),
      [
        ['k', 200],
        ['1', 404],
      ],
    );
    assert.equal(found.model, 'metadata' in operation ? 'm' : undefined);
  }
  assert.equal(resultsOfOperation(Buffer.from('{"name":"batches/1","metadata":{"state":"BATCH_STATE_RUNNING"}}')), undefined);
});
