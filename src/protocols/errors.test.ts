import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import Anthropic from '@anthropic-ai/sdk';
import { ApiError, GoogleGenAI } from '@google/genai';
import OpenAI from 'openai';
import { errorCodes, GatewayError, type ErrorCode } from '../core/errors.ts';
import { headerOf } from '../core/reply.ts';
import { encodeError, errorEvent } from './errors.ts';

const codes = Object.keys(errorCodes) as ErrorCode[];
const families = ['openai', 'anthropic', 'google'] as const;

const bodyOf = (family: (typeof families)[number], code: ErrorCode, param?: string): unknown =>
  JSON.parse(encodeError(family, new GatewayError(code, 'why', param ? { param } : {}), 'id-1').body.toString());

test("each family's shape", () => {
  assert.deepEqual(bodyOf('openai', 'invalid_request', 'model'), {
    error: { message: 'why', type: 'invalid_request_error', param: 'model', code: 'invalid_request' },
  });
  assert.deepEqual(bodyOf('anthropic', 'rate_limited'), {
    type: 'error',
    error: { type: 'rate_limit_error', message: 'why' },
    request_id: 'id-1',
  });
  assert.deepEqual(bodyOf('google', 'unauthorized'), {
    error: {
      code: 401,
      message: 'why',
      status: 'UNAUTHENTICATED',
      details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'UNAUTHORIZED', domain: 'modicum' }],
    },
  });
});

test('each code has its own status and says whether to try again, in every family', () => {
  for (const family of families)
    for (const code of codes) {
      const { status, headers, body } = encodeError(family, new GatewayError(code, 'why'), 'id-1');
      assert.equal(status, errorCodes[code].status);
      assert.equal(headerOf(headers, 'x-should-retry'), errorCodes[code].retryable ? undefined : 'false');
      assert.equal(headerOf(headers, 'content-length'), String(body.length));
      assert.equal(headerOf(headers, family === 'anthropic' ? 'request-id' : 'x-request-id'), 'id-1');
    }
});

const words: readonly { readonly code: ErrorCode; readonly openai: string; readonly anthropic: string; readonly google: string }[] = [
  { code: 'invalid_request', openai: 'invalid_request_error', anthropic: 'invalid_request_error', google: 'INVALID_ARGUMENT' },
  { code: 'unauthorized', openai: 'authentication_error', anthropic: 'authentication_error', google: 'UNAUTHENTICATED' },
  { code: 'budget_exceeded', openai: 'insufficient_quota', anthropic: 'billing_error', google: 'RESOURCE_EXHAUSTED' },
  { code: 'forbidden', openai: 'permission_error', anthropic: 'permission_error', google: 'PERMISSION_DENIED' },
  { code: 'model_not_found', openai: 'invalid_request_error', anthropic: 'not_found_error', google: 'NOT_FOUND' },
  { code: 'body_timeout', openai: 'invalid_request_error', anthropic: 'timeout_error', google: 'DEADLINE_EXCEEDED' },
  { code: 'body_too_large', openai: 'invalid_request_error', anthropic: 'request_too_large', google: 'INVALID_ARGUMENT' },
  { code: 'rate_limited', openai: 'rate_limit_error', anthropic: 'rate_limit_error', google: 'RESOURCE_EXHAUSTED' },
  { code: 'aborted', openai: 'invalid_request_error', anthropic: 'invalid_request_error', google: 'CANCELLED' },
  { code: 'internal', openai: 'server_error', anthropic: 'api_error', google: 'INTERNAL' },
  { code: 'provider_error', openai: 'server_error', anthropic: 'api_error', google: 'UNAVAILABLE' },
  { code: 'overloaded', openai: 'server_error', anthropic: 'overloaded_error', google: 'UNAVAILABLE' },
  { code: 'provider_timeout', openai: 'server_error', anthropic: 'timeout_error', google: 'DEADLINE_EXCEEDED' },
];
for (const { code, openai, anthropic, google } of words)
  test(`the vendors' words for ${code}`, () => {
    assert.equal((bodyOf('openai', code) as { error: { type: string } }).error.type, openai);
    assert.equal((bodyOf('anthropic', code) as { error: { type: string } }).error.type, anthropic);
    assert.equal((bodyOf('google', code) as { error: { status: string } }).error.status, google);
  });

/** A `fetch` that answers every request the same, and counts them. */
function answering(answer: () => Response): typeof fetch & { calls: number } {
  const fetch = Object.assign(
    () => {
      fetch.calls++;
      return Promise.resolve(answer());
    },
    { calls: 0 },
  );
  return fetch;
}

function refusal(family: (typeof families)[number], code: ErrorCode): Response {
  const { status, headers, body } = encodeError(family, new GatewayError(code, 'why'), 'id-1');
  const pairs = headers.flatMap((name, at) => (at % 2 === 0 ? [[name, headers[at + 1]!] as [string, string]] : []));
  return new Response(new Uint8Array(body), { status, headers: pairs });
}

const chat = { model: 'm', messages: [{ role: 'user' as const, content: 'hi' }] };
const caught = (work: Promise<unknown>): Promise<Error> =>
  work.then(
    () => assert.fail('no error'),
    (error: unknown) => error as Error,
  );

test("OpenAI's SDK knows our errors as its own, and does not repeat what it should not", async () => {
  const classes = [
    ['invalid_request', OpenAI.BadRequestError],
    ['unauthorized', OpenAI.AuthenticationError],
    ['forbidden', OpenAI.PermissionDeniedError],
    ['model_not_found', OpenAI.NotFoundError],
    ['internal', OpenAI.InternalServerError],
  ] as const;
  for (const [code, type] of classes) {
    const fetch = answering(() => refusal('openai', code));
    const error = await caught(new OpenAI({ apiKey: 'k', fetch, maxRetries: 2 }).chat.completions.create(chat));
    assert.ok(error instanceof type);
    assert.deepEqual([error.code, error.requestID, fetch.calls], [code, 'id-1', 1]);
    assert.match(error.message, /why/);
  }
  const limited = await caught(
    new OpenAI({ apiKey: 'k', fetch: answering(() => refusal('openai', 'rate_limited')), maxRetries: 0 }).chat.completions.create(chat),
  );
  assert.ok(limited instanceof OpenAI.RateLimitError);
});

test("Anthropic's SDK knows our errors as its own", async () => {
  const classes = [
    ['invalid_request', Anthropic.BadRequestError],
    ['unauthorized', Anthropic.AuthenticationError],
    ['model_not_found', Anthropic.NotFoundError],
    ['internal', Anthropic.InternalServerError],
  ] as const;
  for (const [code, type] of classes) {
    const fetch = answering(() => refusal('anthropic', code));
    const error = await caught(new Anthropic({ apiKey: 'k', fetch, maxRetries: 2 }).messages.create({ ...chat, max_tokens: 5 }));
    assert.ok(error instanceof type);
    assert.deepEqual([error.requestID, fetch.calls], ['id-1', 1]);
    assert.match(error.message, /why/);
  }
});

test("Google's SDK shows our message and status", async (context) => {
  context.mock.method(
    globalThis,
    'fetch',
    answering(() => refusal('google', 'forbidden')),
  );
  const error = await caught(new GoogleGenAI({ apiKey: 'k' }).models.generateContent({ model: 'm', contents: 'hi' }));
  assert.ok(error instanceof ApiError);
  assert.equal(error.status, 403);
  assert.match(error.message, /why/);
});

const broken = new GatewayError('provider_error', 'the provider broke off');
const eventStream = (...parts: readonly (string | Buffer)[]): Response =>
  new Response(parts.map(String).join(''), { status: 200, headers: { 'content-type': 'text/event-stream' } });
async function drain(stream: Promise<AsyncIterable<unknown>>): Promise<number> {
  let count = 0;
  for await (const _ of await stream) count++;
  return count;
}

test("OpenAI's SDK throws at the error event, in chat and in responses", async () => {
  const chunk = 'data: {"id":"c","object":"chat.completion.chunk","choices":[{"index":0,"delta":{"content":"a"}}]}\n\n';
  const streams = [
    {
      answer: () => eventStream(chunk, errorEvent('openai.chat', broken)),
      ask: (client: OpenAI) => client.chat.completions.create({ ...chat, stream: true }),
    },
    {
      answer: () => eventStream(errorEvent('openai.responses', broken)),
      ask: (client: OpenAI) => client.responses.create({ model: 'm', input: 'hi', stream: true }),
    },
  ];
  for (const { answer, ask } of streams) {
    const error = await caught(drain(ask(new OpenAI({ apiKey: 'k', fetch: answering(answer) }))));
    assert.ok(error instanceof OpenAI.APIError);
    assert.match(error.message, /broke off/);
  }
});

test('the AI SDK knows the error event, in chat and in responses', async () => {
  const prompt = [{ role: 'user' as const, content: [{ type: 'text' as const, text: 'hi' }] }];
  const ai = (api: 'openai.responses' | 'openai.chat') =>
    createOpenAI({ apiKey: 'k', fetch: answering(() => eventStream(errorEvent(api, broken))) });
  for (const model of [ai('openai.responses').responses('m'), ai('openai.chat').chat('m')]) {
    const error = await caught(Promise.resolve(model.doStream({ prompt })));
    assert.equal(error.message, 'the provider broke off');
  }
});

test("Anthropic's SDK throws at the error event", async () => {
  const start =
    'event: message_start\ndata: {"type":"message_start","message":{"id":"m","type":"message","role":"assistant","content":[],"usage":{}}}\n\n';
  const fetch = answering(() => eventStream(start, errorEvent('anthropic.messages', broken)));
  const error = await caught(drain(new Anthropic({ apiKey: 'k', fetch }).messages.create({ ...chat, max_tokens: 5, stream: true })));
  assert.ok(error instanceof Anthropic.APIError);
  assert.match(error.message, /broke off/);
});

test("Google's SDK throws at the error event", async (context) => {
  const chunk = 'data: {"candidates":[{"content":{"parts":[{"text":"a"}]}}]}\n\n';
  context.mock.method(
    globalThis,
    'fetch',
    answering(() => eventStream(chunk, errorEvent('google.generate_content', broken))),
  );
  const error = await caught(drain(new GoogleGenAI({ apiKey: 'k' }).models.generateContentStream({ model: 'm', contents: 'hi' })));
  assert.match(error.message, /broke off/);
});

test('an error event ends the event that was being sent, and is no clean end', () => {
  for (const api of ['openai.chat', 'openai.responses', 'anthropic.messages', 'google.generate_content'] as const) {
    const event = errorEvent(api, broken, 'id-1').toString();
    assert.match(event, /^\n\n.*data: \{.*broke off.*\}\n\n$/s);
    assert.doesNotMatch(event, /\[DONE\]|message_stop|completed/);
  }
});
