import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, suite, test } from 'node:test';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { ApiError, GoogleGenAI } from '@google/genai';
import { generateText, streamText } from 'ai';
import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { ReplyEvent } from '../../../core/canonical/reply-event.ts';
import type { Bytes, Json } from '../../../core/json.ts';
import { googleGenerateContent } from './index.ts';
import { encoder, encoded, chunksOf, start, part, text, json, closing, usageMetadata, anthropic } from './testing.ts';

suite('real SDKs against a server that answers with translated replies', () => {
  /** Bodies the SDKs sent, as calls. */
  const seen: CanonicalCall[] = [];
  let server: Server;
  let baseUrl: string;

  const firstAnswer: readonly ReplyEvent[] = [
    start,
    ...part(0, { type: 'reasoning' }, ...text('I must ', 'look.'), { type: 'seal', seal: anthropic }),
    ...part(1, { type: 'tool-call', id: 'toolu_1', name: 'get_weather' }, ...json('{"city":', '"Oslo"}')),
    ...part(2, { type: 'tool-call', id: 'toolu_2', name: 'get_weather' }, ...json('{"city":"Bergen"}')),
    ...closing('tool_calls'),
  ];
  const secondAnswer: readonly ReplyEvent[] = [start, ...part(0, { type: 'text' }, ...text('It is ', 'sunny.')), ...closing()];

  /** A few bytes a chunk. */
  function* pieces(bytes: Bytes): Generator<Bytes> {
    for (let at = 0; at < bytes.length; at += 37) yield bytes.subarray(at, at + 37);
  }

  before(async () => {
    server = createServer(async (request, response) => {
      const body = Buffer.concat(await request.toArray());
      const stream = request.url!.includes(':streamGenerateContent');
      const { call: found } = googleGenerateContent.decodeCall(JSON.parse(body.toString()) as Json, { model: 'm', stream });
      seen.push(found);
      if (JSON.stringify(found).includes('fail')) {
        const failed = googleGenerateContent.encodeError({ kind: 'rate_limit', message: 'Slow down.' }, 'r');
        return response.writeHead(failed.status, failed.headers as string[]).end(failed.body);
      }
      const answers = found.messages.at(-1)!.role === 'tool' ? secondAnswer : firstAnswer;
      const framing = request.url!.includes('alt=sse') ? 'sse' : 'json-list';
      response.writeHead(200, { 'content-type': encoder({ stream, framing }).contentType });
      for (const piece of pieces(Buffer.from(encoded(answers, { stream, framing })))) response.write(piece);
      return response.end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  after(() => server.close());

  const client = () => new GoogleGenAI({ apiKey: 'test', httpOptions: { baseUrl } });
  const parametersJsonSchema = { type: 'object', properties: { city: { type: 'string' } } };
  const config = { tools: [{ functionDeclarations: [{ name: 'get_weather', parametersJsonSchema }] }] };

  for (const stream of [false, true])
    test(`@google/genai, a tool loop with parallel calls, ${stream ? 'streamed' : 'whole'}`, async (context) => {
      const warn = context.mock.method(console, 'warn');
      const chat = client().chats.create({ model: 'm', config });
      const say = async (message: Parameters<typeof chat.sendMessage>[0]['message']) =>
        stream ? Array.fromAsync(await chat.sendMessageStream({ message })) : [await chat.sendMessage({ message })];
      const calls = (await say('Weather?')).flatMap(({ functionCalls }) => functionCalls ?? []);
      assert.deepEqual(calls, [
        { id: 'toolu_1', name: 'get_weather', args: { city: 'Oslo' } },
        { id: 'toolu_2', name: 'get_weather', args: { city: 'Bergen' } },
      ]);
      const second = await say(calls.map(({ id, name }) => ({ functionResponse: { id, name, response: { output: id } } })));
      assert.equal(second.map((reply) => reply.text ?? '').join(''), 'It is sunny.');
      assert.deepEqual(
        [second.at(-1)!.usageMetadata, second.at(-1)!.responseId, second.at(-1)!.modelVersion],
        [usageMetadata, 'r1', 'claude'],
      );
      assert.equal(warn.mock.callCount(), 0);
      const [, asked, answered] = seen.at(-1)!.messages;
      assert.deepEqual(asked, {
        role: 'assistant',
        parts: [
          { type: 'reasoning', text: 'I must look.', seal: anthropic },
          { type: 'tool-call', id: 'toolu_1', name: 'get_weather', arguments: '{"city":"Oslo"}' },
          { type: 'tool-call', id: 'toolu_2', name: 'get_weather', arguments: '{"city":"Bergen"}' },
        ],
      });
      assert.deepEqual(
        answered!.parts.map((one) => one.type === 'tool-result' && [one.callId, one.content]),
        [
          ['toolu_1', [{ type: 'text', text: 'toolu_1' }]],
          ['toolu_2', [{ type: 'text', text: 'toolu_2' }]],
        ],
      );
    });

  test('@google/genai throws its own error with our status and message', async () => {
    await assert.rejects(client().models.generateContent({ model: 'm', contents: 'fail' }), (error) => {
      assert.ok(error instanceof ApiError);
      assert.equal(error.status, 429);
      assert.match(error.message, /Slow down/);
      return true;
    });
  });

  for (const stream of [false, true])
    test(`AI SDK, a thought and calls, ${stream ? 'streamed' : 'whole'}`, async () => {
      const model = createGoogleGenerativeAI({ apiKey: 'test', baseURL: `${baseUrl}/v1beta` })('gemini-3-pro');
      const result = stream ? streamText({ model, prompt: 'Weather?' }) : await generateText({ model, prompt: 'Weather?' });
      assert.deepEqual(
        (await result.toolCalls).map(({ toolName, input }) => ({ toolName, input })),
        [
          { toolName: 'get_weather', input: { city: 'Oslo' } },
          { toolName: 'get_weather', input: { city: 'Bergen' } },
        ],
      );
      assert.equal(await result.reasoningText, 'I must look.');
      assert.equal((await result.usage).inputTokens, 11);
      assert.equal((await result.usage).outputTokens, 6);
    });

  test('a list without alt=sse is JSON of the same replies', async () => {
    const ask = { method: 'POST', body: JSON.stringify({ contents: [{ parts: [{ text: 'Weather?' }] }] }) };
    const list = (await (await fetch(`${baseUrl}/v1beta/models/m:streamGenerateContent`, ask)).json()) as Json;
    assert.deepEqual(list, chunksOf(encoded(firstAnswer)));
  });
});
