import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, afterEach, before, beforeEach, describe, mock, test } from 'node:test';
import { text as textOf } from 'node:stream/consumers';
import { createAnthropic } from '@ai-sdk/anthropic';
import Anthropic from '@anthropic-ai/sdk';
import { generateText, isStepCount, jsonSchema, streamText, tool } from 'ai';
import type { CanonicalCall } from '../../../core/canonical/call.ts';
import { errorKinds, type ErrorKind } from '../../../core/canonical/reply-error.ts';
import type { ReplyEvent } from '../../../core/canonical/reply-event.ts';
import { anthropicMessages } from './index.ts';
import type { Json } from '../../../core/json.ts';

const model = 'claude-sonnet-5-5';
const google = { family: 'google', kind: 'signature', data: 'Z29v' } as const;
const openai = { family: 'openai', kind: 'encrypted', data: 'ZW5j', id: 'rs_1' } as const;

/** A thought, two tool calls, one of them sealed. */
const asks: readonly ReplyEvent[] = [
  { type: 'start', id: 'chatcmpl-1', model },
  { type: 'part-start', index: 0, candidate: 0, part: { type: 'reasoning' } },
  { type: 'part-delta', index: 0, delta: { type: 'text', text: 'Ask the ' } },
  { type: 'part-delta', index: 0, delta: { type: 'text', text: 'tool.' } },
  { type: 'part-delta', index: 0, delta: { type: 'seal', seal: openai } },
  { type: 'part-end', index: 0 },
  { type: 'part-start', index: 1, candidate: 0, part: { type: 'tool-call', id: 'call_1', name: 'weather' } },
  { type: 'part-delta', index: 1, delta: { type: 'arguments', text: '{"city":' } },
  { type: 'part-delta', index: 1, delta: { type: 'arguments', text: '"Oslo"}' } },
  { type: 'part-delta', index: 1, delta: { type: 'seal', seal: google } },
  { type: 'part-end', index: 1 },
  { type: 'part-start', index: 2, candidate: 0, part: { type: 'tool-call', id: 'call_2', name: 'weather' } },
  { type: 'part-delta', index: 2, delta: { type: 'arguments', text: '{"city":"Rome"}' } },
  { type: 'part-end', index: 2 },
  { type: 'finish', candidate: 0, reason: 'tool_calls' },
  { type: 'usage', usage: { buckets: { input: 100, cacheRead: 20, output: 7, reasoning: 3 }, served: {} } },
  { type: 'end' },
];

const answers: readonly ReplyEvent[] = [
  { type: 'start', id: 'chatcmpl-2', model },
  { type: 'part-start', index: 0, candidate: 0, part: { type: 'text' } },
  { type: 'part-delta', index: 0, delta: { type: 'text', text: 'Sunny in ' } },
  { type: 'part-delta', index: 0, delta: { type: 'text', text: 'both.' } },
  { type: 'part-delta', index: 0, delta: { type: 'citation', citation: { url: 'https://example.com/', title: 'Weather', quote: 'Sun' } } },
  { type: 'part-end', index: 0 },
  { type: 'finish', candidate: 0, reason: 'stop' },
  { type: 'usage', usage: { buckets: { input: 200, output: 9 }, served: {} } },
  { type: 'end' },
];

/** Calls as they were decoded, and fields nobody read. */
let calls: CanonicalCall[] = [];
let unread: string[] = [];
/** Whether the provider seals its thoughts and calls. */
let seals = true;
/** An error that is answered instead. */
let failure: ErrorKind | undefined;

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (failure) {
    const { status, headers, body } = anthropicMessages.encodeError({ kind: failure, message: 'It went wrong.' }, 'request-1');
    response.writeHead(status, [...headers]).end(body);
    return;
  }
  const decoded = anthropicMessages.decodeCall(JSON.parse(await textOf(request)) as Json, { headers: request.rawHeaders });
  calls.push(decoded.call);
  unread.push(...decoded.unread);
  const encoder = anthropicMessages.encodeReply({ call: decoded.call, requestId: 'request-1', createdAt: 1, framing: 'sse' });
  response.writeHead(200, { 'content-type': encoder.contentType });
  const isSeal = (event: ReplyEvent): boolean => event.type === 'part-delta' && event.delta.type === 'seal';
  for (const event of (calls.length === 1 ? asks : answers).filter((event) => seals || !isSeal(event))) {
    const bytes = encoder.write(event);
    if (bytes) response.write(bytes);
  }
  response.end();
}

const server = createServer((request, response) => void answer(request, response));
let url = '';
before(async () => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const warnings = (['warn', 'error'] as const).map((level) => mock.method(console, level, () => {}));
beforeEach(() => {
  calls = [];
  unread = [];
  seals = true;
  failure = undefined;
});
afterEach(() => {
  for (const { mock: seen } of warnings) {
    assert.deepEqual(
      seen.calls.map((call) => call.arguments),
      [],
    );
    seen.resetCalls();
  }
});

/** What the second call must hold of the first answer: the seals of both families at their places. */
function checkSecondCall(): void {
  assert.equal(calls.length, 2);
  assert.deepEqual(unread, []);
  const [, asked, results] = calls[1]!.messages;
  assert.deepEqual(asked, {
    role: 'assistant',
    parts: [
      { type: 'reasoning', text: 'Ask the tool.', ...(seals && { seal: openai }) },
      { type: 'tool-call', id: 'call_1', name: 'weather', arguments: '{"city":"Oslo"}', ...(seals && { seal: google }) },
      { type: 'tool-call', id: 'call_2', name: 'weather', arguments: '{"city":"Rome"}' },
    ],
  });
  assert.deepEqual(
    results?.parts.map((part) => part.type === 'tool-result' && [part.callId, part.name]),
    [
      ['call_1', 'weather'],
      ['call_2', 'weather'],
    ],
  );
}

const parameters = { type: 'object' as const, properties: { city: { type: 'string' as const } }, required: ['city'] };

describe('the SDKs of clients of Anthropic', () => {
  for (const stream of [true, false]) {
    for (const isSealed of [true, false]) testLoops(stream, isSealed);
  }
  testErrors();
});

function testLoops(stream: boolean, isSealed: boolean): void {
  const kind = `${stream ? 'streamed' : 'whole'}, ${isSealed ? 'sealed' : 'not sealed'}`;

  test(`@anthropic-ai/sdk: a tool loop of two steps, ${kind}`, async () => {
    seals = isSealed;
    const client = new Anthropic({ apiKey: 'test', baseURL: url, maxRetries: 0 });
    const request = { model, max_tokens: 100, tools: [{ name: 'weather', input_schema: parameters }] };
    const ask = (messages: Anthropic.MessageParam[]): Promise<Anthropic.Message> =>
      stream ? client.messages.stream({ ...request, messages }).finalMessage() : client.messages.create({ ...request, messages });
    const first = await ask([{ role: 'user', content: 'Weather?' }]);
    assert.equal(first.stop_reason, 'tool_use');
    assert.deepEqual(
      [first.usage.input_tokens, first.usage.cache_read_input_tokens, first.usage.output_tokens, first.usage.output_tokens_details],
      [100, 20, 10, { thinking_tokens: 3 }],
    );
    const results = first.content.flatMap((block): Anthropic.ToolResultBlockParam[] =>
      block.type === 'tool_use' ? [{ type: 'tool_result', tool_use_id: block.id, content: JSON.stringify(block.input) }] : [],
    );
    const second = await ask([
      { role: 'user', content: 'Weather?' },
      { role: 'assistant', content: first.content },
      { role: 'user', content: results },
    ]);
    checkSecondCall();
    const [block] = second.content;
    assert.equal(block?.type === 'text' && block.text, 'Sunny in both.');
    assert.equal(block?.type === 'text' && block.citations?.[0]?.cited_text, 'Sun');
    assert.equal(second.stop_reason, 'end_turn');
  });

  test(`@ai-sdk/anthropic: a tool loop of two steps, ${kind}`, async () => {
    seals = isSealed;
    const weather = tool({
      inputSchema: jsonSchema<{ city: string }>(parameters),
      execute: ({ city }) => Promise.resolve(`Sun in ${city}`),
    });
    const options = {
      model: createAnthropic({ baseURL: `${url}/v1`, apiKey: 'test' })(model),
      prompt: 'Weather?',
      maxOutputTokens: 100,
      tools: { weather },
      stopWhen: isStepCount(3),
    };
    const result = stream ? streamText(options) : await generateText(options);
    assert.equal(await result.text, 'Sunny in both.');
    const [first] = await result.steps;
    assert.equal(first?.reasoningText, 'Ask the tool.');
    assert.deepEqual([first?.usage.inputTokens, first?.usage.outputTokens], [120, 10]);
    assert.deepEqual(first?.warnings ?? [], []);
    checkSecondCall();
  });
}

function testErrors(): void {
  const classes: { readonly [K in ErrorKind]?: abstract new (...given: never[]) => Error } = {
    invalid_request: Anthropic.BadRequestError,
    context_length: Anthropic.BadRequestError,
    authentication: Anthropic.AuthenticationError,
    permission: Anthropic.PermissionDeniedError,
    not_found: Anthropic.NotFoundError,
    rate_limit: Anthropic.RateLimitError,
    server: Anthropic.InternalServerError,
  };
  for (const kind of Object.keys(errorKinds) as ErrorKind[])
    test(`an error of kind ${kind} is one of the SDK's, with its status and request`, async () => {
      failure = kind;
      const client = new Anthropic({ apiKey: 'test', baseURL: url, maxRetries: 0 });
      const error = await client.messages.create({ model, max_tokens: 1, messages: [{ role: 'user', content: 'Hi' }] }).then(
        () => undefined,
        (thrown: unknown) => thrown,
      );
      assert.ok(error instanceof (classes[kind] ?? Anthropic.APIError));
      assert.ok(error instanceof Anthropic.APIError);
      assert.deepEqual([error.status, error.requestID], [errorKinds[kind], 'request-1']);
      assert.match(error.message, /It went wrong\./);
    });
}
