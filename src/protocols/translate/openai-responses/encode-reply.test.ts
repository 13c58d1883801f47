import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { createOpenAI } from '@ai-sdk/openai';
import { jsonSchema, streamText, generateText, tool } from 'ai';
import OpenAI from 'openai';
import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { ReplyEvent } from '../../../core/canonical/reply-event.ts';
import type { Json } from '../../../core/json.ts';
import { argumentsOf } from '../custom-tool.ts';
import type { ReplyClient } from '../translator.ts';
import { openaiResponses } from './index.ts';

const call: CanonicalCall = {
  model: 'model-1',
  stream: true,
  streamUsage: true,
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
  tools: [
    { type: 'function', name: 'exec_command', parameters: { type: 'object', properties: { cmd: { type: 'string' } } } },
    { type: 'custom', name: 'apply_patch' },
  ],
  sampling: {},
};

const client = (stream: boolean): ReplyClient => ({
  call: { ...call, stream },
  requestId: '01990000-0000-7000-8000-000000000001',
  createdAt: 1_790_000_000,
  framing: 'sse',
});

const start: ReplyEvent = { type: 'start', id: 'msg_1', model: 'claude', createdAt: 1_790_000_000 };
const thought: readonly ReplyEvent[] = [
  { type: 'part-start', index: 0, candidate: 0, part: { type: 'reasoning' } },
  { type: 'part-delta', index: 0, delta: { type: 'text', text: 'First.' } },
  { type: 'part-delta', index: 0, delta: { type: 'paragraph' } },
  { type: 'part-delta', index: 0, delta: { type: 'text', text: 'Second.' } },
  { type: 'part-delta', index: 0, delta: { type: 'seal', seal: { family: 'anthropic', kind: 'signature', data: 'c2ln' } } },
  { type: 'part-end', index: 0 },
];
const said: readonly ReplyEvent[] = [
  { type: 'part-start', index: 1, candidate: 0, part: { type: 'text' } },
  { type: 'part-delta', index: 1, delta: { type: 'text', text: 'Let me ' } },
  { type: 'part-delta', index: 1, delta: { type: 'text', text: 'look.' } },
  { type: 'part-delta', index: 1, delta: { type: 'citation', citation: { url: 'https://x.test', title: 'X', from: 0, to: 3 } } },
  { type: 'part-end', index: 1 },
];
const toolCall = (index: number, name: string, fragments: readonly string[]): readonly ReplyEvent[] => [
  { type: 'part-start', index, candidate: 0, part: { type: 'tool-call', id: `call_${index}`, name } },
  ...fragments.map((text): ReplyEvent => ({ type: 'part-delta', index, delta: { type: 'arguments', text } })),
  { type: 'part-end', index },
];
const closing: readonly ReplyEvent[] = [
  { type: 'usage', usage: { buckets: { input: 7, cacheRead: 3, output: 4, reasoning: 1 }, served: {} } },
  { type: 'finish', candidate: 0, reason: 'tool_calls' },
  { type: 'end' },
];
const patch = '*** Begin Patch\n+"Grüße" 😀\n*** End Patch';
const wrapped = argumentsOf(patch);
const reply: readonly ReplyEvent[] = [
  start,
  ...thought,
  ...said,
  ...toolCall(2, 'exec_command', ['{"cmd":', '"ls"}']),
  ...toolCall(3, 'apply_patch', [wrapped.slice(0, 14), wrapped.slice(14, 30), wrapped.slice(30)]),
  ...closing,
];

function bytesOf(events: readonly ReplyEvent[], stream: boolean): Buffer {
  const encoder = openaiResponses.encodeReply(client(stream));
  return Buffer.concat(events.flatMap((event) => encoder.write(event) ?? []));
}

interface WireEvent {
  readonly type: string;
  readonly sequence_number: number;
  readonly item_id?: string;
  readonly output_index?: number;
  readonly delta?: string;
  readonly code?: string;
  readonly item?: { readonly id: string; readonly type: string; readonly input?: string };
  readonly response?: {
    readonly id: string;
    readonly status: string;
    readonly output: readonly Json[];
    readonly error: { readonly code: string };
  };
}

function wireEvents(bytes: Buffer): readonly WireEvent[] {
  const blocks = bytes.toString().split('\n\n').filter(Boolean);
  return blocks.map((block) => {
    const [name, data] = block.split('\n');
    const event = JSON.parse(data!.slice('data: '.length)) as WireEvent;
    assert.equal(name, `event: ${event.type}`);
    return event;
  });
}

describe('a stream of a response', () => {
  const events = wireEvents(bytesOf(reply, true));

  test('has its events in the order of OpenAI', () => {
    const short = events.map(({ type }) => type.replace('response.', ''));
    assert.deepEqual(short, [
      'created',
      'in_progress',
      'output_item.added',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'reasoning_summary_part.added',
      'reasoning_summary_text.delta',
      'reasoning_summary_text.done',
      'reasoning_summary_part.done',
      'output_item.done',
      'output_item.added',
      'content_part.added',
      'output_text.delta',
      'output_text.delta',
      'output_text.annotation.added',
      'output_text.done',
      'content_part.done',
      'output_item.done',
      'output_item.added',
      'function_call_arguments.delta',
      'function_call_arguments.delta',
      'function_call_arguments.done',
      'output_item.done',
      'output_item.added',
      'custom_tool_call_input.delta',
      'custom_tool_call_input.delta',
      'custom_tool_call_input.delta',
      'custom_tool_call_input.done',
      'output_item.done',
      'completed',
    ]);
  });

  test('is numbered from 0 without a gap, and has no [DONE]', () => {
    assert.deepEqual(
      events.map(({ sequence_number }) => sequence_number),
      events.map((_, at) => at),
    );
  });

  test('keeps the ids and places of its items', () => {
    const added = events.filter(({ type }) => type === 'response.output_item.added');
    const ids = added.map(({ item }) => item!.id);
    assert.equal(new Set(ids).size, 4);
    for (const { item_id: id, output_index: at } of events) if (id !== undefined) assert.equal(id, ids[at!]);
  });

  test('ends with the response that a whole body would be', () => {
    assert.deepEqual(events.at(-1)!.response, JSON.parse(bytesOf(reply, false).toString()));
  });

  test('brings the free text of a custom tool that the provider had as a function', () => {
    const item = events.findLast(({ type }) => type === 'response.output_item.done')!.item!;
    assert.deepEqual({ type: item.type, input: item.input }, { type: 'custom_tool_call', input: patch });
    const deltas = events.filter(({ type }) => type === 'response.custom_tool_call_input.delta');
    assert.equal(deltas.map(({ delta }) => delta).join(''), patch);
  });

  test('tells its own id, since those of other APIs may come twice', () => {
    assert.equal(events[0]!.response!.id, 'resp_01990000000070008000000000000001');
  });
});

test('an error in mid-stream is told twice: for the SDK, and as a failed response', () => {
  const error = { kind: 'rate_limit', message: 'Slow down.' } as const;
  const events = wireEvents(
    bytesOf([start, ...thought, ...toolCall(2, 'exec_command', ['{"cmd":']).slice(0, 2), { type: 'error', error }], true),
  );
  const [plain, failed] = events.slice(-2);
  assert.deepEqual([plain!.type, plain!.code], ['error', 'rate_limit_exceeded']);
  assert.equal(failed!.type, 'response.failed');
  assert.equal(failed!.response!.status, 'failed');
  assert.equal(failed!.response!.error.code, 'rate_limit_exceeded');
  assert.equal(failed!.response!.output.length, 1, 'a tool call that is not whole is not told');
});

test('log probabilities come in an empty delta behind their text, and in the whole text', () => {
  const tokens = [{ token: 'Hi', logprob: -0.1, bytes: [72, 105], top_logprobs: [] }];
  const weighed: readonly ReplyEvent[] = [...said.slice(0, 2), { type: 'part-delta', index: 1, delta: { type: 'logprobs', tokens } }];
  const all: readonly ReplyEvent[] = [start, ...weighed, ...said.slice(-1), ...closing];
  const content = (events: readonly WireEvent[]) =>
    (events.at(-1)!.response!.output[0] as { readonly content: readonly [{ readonly logprobs: unknown; readonly text: string }] })
      .content[0];
  const streamed = content(wireEvents(bytesOf(all, true)));
  assert.deepEqual([streamed.text, streamed.logprobs], ['Let me ', tokens]);
  assert.equal(wireEvents(bytesOf(all, true)).filter(({ delta }) => delta === '').length, 1);
});

test('an answer cut by the limit is an incomplete response', () => {
  const cut: readonly ReplyEvent[] = [start, ...said, { type: 'finish', candidate: 0, reason: 'length' }, { type: 'end' }];
  assert.equal(wireEvents(bytesOf(cut, true)).at(-1)!.type, 'response.incomplete');
});

test('parts of a second answer are left out, also between those of the first', () => {
  const other: readonly ReplyEvent[] = [
    { type: 'part-start', index: 9, candidate: 1, part: { type: 'text' } },
    { type: 'part-delta', index: 9, delta: { type: 'text', text: 'other' } },
  ];
  const mixed: readonly ReplyEvent[] = [start, ...said.slice(0, 2), ...other, ...said.slice(2), ...closing];
  assert.ok(!bytesOf(mixed, true).includes('other'));
  assert.ok(!bytesOf(mixed, false).includes('other'));
});

/** A server that answers each request with the next body. */
async function serve<T>(bodies: readonly Buffer[], use: (url: string, requests: Json[]) => Promise<T>): Promise<T> {
  const requests: Json[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const body = JSON.parse(Buffer.concat(chunks).toString()) as { readonly stream?: boolean };
      const answer = bodies[Math.min(requests.push(body), bodies.length) - 1];
      response.writeHead(200, { 'content-type': body.stream ? 'text/event-stream' : 'application/json' });
      response.end(answer);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  try {
    return await use(`http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`, requests);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const answer: readonly ReplyEvent[] = [
  start,
  { type: 'part-start', index: 0, candidate: 0, part: { type: 'text' } },
  { type: 'part-delta', index: 0, delta: { type: 'text', text: 'Done.' } },
  { type: 'part-end', index: 0 },
  { type: 'usage', usage: { buckets: { input: 20, output: 2 }, served: {} } },
  { type: 'finish', candidate: 0, reason: 'stop' },
  { type: 'end' },
];
const asking: readonly ReplyEvent[] = [start, ...thought, ...said, ...toolCall(2, 'exec_command', ['{"cmd":', '"ls"}']), ...closing];

describe('the SDKs', () => {
  test('openai: the final response of a stream is the whole one, and a failed one throws', async () => {
    await serve([bytesOf(reply, true)], async (baseURL) => {
      const openai = new OpenAI({ apiKey: 'test', baseURL, maxRetries: 0 });
      const final = await openai.responses.stream({ model: 'm', input: 'Hi' }).finalResponse();
      assert.deepEqual(
        final.output.map(({ type }) => type),
        ['reasoning', 'message', 'function_call', 'custom_tool_call'],
      );
      assert.equal(final.usage?.input_tokens_details.cached_tokens, 3);
    });
    const broken = bytesOf([start, { type: 'error', error: { kind: 'server', message: 'Broken.' } }], true);
    await serve([broken], async (baseURL) => {
      const openai = new OpenAI({ apiKey: 'test', baseURL, maxRetries: 0 });
      await assert.rejects(openai.responses.stream({ model: 'm', input: 'Hi' }).finalResponse(), /Broken/);
    });
  });

  for (const stream of [true, false])
    test(`ai: a tool loop of two steps, ${stream ? 'streamed' : 'whole'}, without a warning`, async () => {
      await serve([bytesOf(asking, stream), bytesOf(answer, stream)], async (baseURL, requests) => {
        const options = {
          model: createOpenAI({ apiKey: 'test', baseURL })('gpt-5.5'),
          prompt: 'list',
          tools: {
            exec_command: tool({
              inputSchema: jsonSchema<{ cmd: string }>({ type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] }),
              execute: ({ cmd }) => `ran ${cmd}`,
            }),
          },
          stopWhen: ({ steps }: { readonly steps: readonly unknown[] }) => steps.length >= 2,
        };
        const result = stream ? streamText(options) : await generateText(options);
        assert.equal(await result.text, 'Done.');
        const steps = await result.steps;
        assert.equal(steps[0]!.reasoningText, 'First.Second.');
        assert.deepEqual(steps[0]!.warnings ?? [], []);
        assert.equal(steps[0]!.usage.inputTokens, 10);
        assert.equal(steps[0]!.sources[0]?.sourceType, 'url');
        const types = (requests[1] as { readonly input: readonly { readonly type?: string }[] }).input.map(({ type }) => type);
        assert.deepEqual(types.slice(-2), ['function_call', 'function_call_output']);
        assert.ok(types.includes('item_reference'), 'this SDK refers to items instead of repeating them');
      });
    });
});
