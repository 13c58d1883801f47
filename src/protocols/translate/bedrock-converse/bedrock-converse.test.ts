import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { ReplyEvent } from '../../../core/canonical/reply-event.ts';
import { GatewayError } from '../../../core/errors.ts';
import { parse } from '../../../core/json.ts';
import { openaiDialect } from '../../dialect.ts';
import { arbitraryCall } from '../arbitrary-call.ts';
import { exceptionOf } from './errors.ts';
import { bedrockConverse } from './index.ts';

const call: CanonicalCall = {
  model: 'asked',
  stream: false,
  streamUsage: true,
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
  tools: [],
  sampling: {},
};
const tool = { type: 'function', name: 'get', parameters: { type: 'object', properties: {} } } as const;
const used = {
  role: 'assistant',
  parts: [{ type: 'tool-call', id: 'call 1', name: 'get', arguments: '{"a":1}' }],
} as const;

const encode = (changes: Partial<CanonicalCall>, model = 'amazon.nova-lite-v1:0') => {
  const { body, path, dropped } = bedrockConverse.encodeCall({ ...call, ...changes }, { model, defaultMaxOutputTokens: 1000 });
  return { body: parse<Record<string, unknown>>(body), path, dropped: dropped.map(({ what }) => what) };
};

describe('a call for Converse', () => {
  test('model and stream stand in the path, whatever the name', () => {
    assert.equal(encode({ stream: true }, 'arn:aws:bedrock:x/y..z').path, '/model/arn%3Aaws%3Abedrock%3Ax%2Fy%2E%2Ez/converse-stream');
    assert.deepEqual(encode({}), {
      path: '/model/amazon.nova-lite-v1%3A0/converse',
      body: { messages: [{ role: 'user', content: [{ text: 'Hello' }] }] },
      dropped: [],
    });
  });

  type Row = readonly [name: string, changes: Partial<CanonicalCall>, part: object, dropped: readonly string[], model?: string];
  const rows: readonly Row[] = [
    [
      'settings have their own group',
      { maxOutputTokens: 5, stop: ['x'], sampling: { temperature: 0.5, topP: 0.9 } },
      { inferenceConfig: { maxTokens: 5, temperature: 0.5, topP: 0.9, stopSequences: ['x'] } },
      [],
    ],
    ['a temperature above 1 is 1', { sampling: { temperature: 2 } }, { inferenceConfig: { temperature: 1 } }, ['temperature']],
    ['top-k of Nova', { sampling: { topK: 3 } }, { additionalModelRequestFields: { inferenceConfig: { topK: 3 } } }, []],
    ['top-k of a model without it', { sampling: { topK: 3 } }, {}, ['top_k'], 'meta.llama4'],
    [
      'thinking of Claude stays below the limit',
      { maxOutputTokens: 2000, reasoning: { effort: 'high' } },
      { inferenceConfig: { maxTokens: 2000 }, additionalModelRequestFields: { thinking: { type: 'enabled', budget_tokens: 1999 } } },
      [],
      'eu.anthropic.claude-x',
    ],
    [
      'thinking of Nova 2',
      { reasoning: { effort: 'minimal' } },
      { additionalModelRequestFields: { reasoningConfig: { type: 'enabled', maxReasoningEffort: 'low' } } },
      [],
      'us.amazon.nova-2-lite',
    ],
    ['thinking of who cannot be told', { reasoning: { effort: 'low' } }, {}, ['reasoning.effort'], 'meta.llama4'],
    [
      'a schema is a text',
      { output: { type: 'schema', name: 'n', schema: { type: 'object' } } },
      { outputConfig: { textFormat: { type: 'json_schema', structure: { jsonSchema: { schema: '{"type":"object"}', name: 'n' } } } } },
      ['output.strict'],
    ],
    ['a tier', { serviceTier: 'flex' }, { serviceTier: { type: 'flex' } }, []],
    [
      'marks are blocks behind what they mark',
      { messages: [{ role: 'user', parts: [{ type: 'text', text: 'a', cache: { ttl: '1h' } }] }] },
      { messages: [{ role: 'user', content: [{ text: 'a' }, { cachePoint: { type: 'default', ttl: '1h' } }] }] },
      [],
    ],
    [
      'one tool that must be called',
      { tools: [tool], toolChoice: { type: 'tool', name: 'get' } },
      {
        toolConfig: {
          tools: [{ toolSpec: { name: 'get', inputSchema: { json: tool.parameters } } }],
          toolChoice: { tool: { name: 'get' } },
        },
      },
      [],
    ],
    ['no tool may be called: none is sent', { tools: [tool], toolChoice: { type: 'none' } }, {}, ['tools']],
  ];
  for (const [name, changes, part, dropped, model] of rows)
    test(name, () => {
      const { body, dropped: lost } = encode(changes, model);
      assert.deepEqual({ body, lost }, { body: { messages: [{ role: 'user', content: [{ text: 'Hello' }] }], ...part }, lost: dropped });
    });

  test('answers of tools are a user of the same id; tools that were called are named where none are given', () => {
    const answer = { type: 'tool-result', callId: 'call 1', content: [], isError: true } as const;
    const { body, dropped } = encode({ messages: [...call.messages, used, { role: 'tool', parts: [answer] }] });
    const [, asked, told] = body['messages'] as readonly { content: readonly Record<string, Record<string, unknown>>[] }[];
    const id = asked!.content[0]!['toolUse']!['toolUseId'];
    assert.match(String(id), /^tooluse_[0-9a-f]{32}$/);
    assert.deepEqual(told!.content, [{ toolResult: { toolUseId: id, content: [{ text: '(empty)' }], status: 'error' } }]);
    assert.deepEqual(body['toolConfig'], { tools: [{ toolSpec: { name: 'get', inputSchema: { json: { type: 'object' } } } }] });
    assert.deepEqual(dropped.toSorted(), ['tool_call', 'tool_result', 'tools']);
  });

  test('media go in the request only', () => {
    const image = { type: 'image', source: { kind: 'data', mediaType: 'image/jpg', data: 'AA==' } } as const;
    const file = { type: 'file', name: 'a_b.pdf', source: { kind: 'data', mediaType: 'application/pdf', data: 'AA==' } } as const;
    const { body, dropped } = encode({ messages: [{ role: 'user', parts: [image, file] }] });
    assert.deepEqual(body['messages'], [
      {
        role: 'user',
        content: [
          { image: { format: 'jpeg', source: { bytes: 'AA==' } } },
          { document: { name: 'a-b-pdf', format: 'pdf', source: { bytes: 'AA==' } } },
        ],
      },
    ]);
    assert.deepEqual(dropped, ['file.name']);
    const byUrl = { ...image, source: { kind: 'url', url: 'https://x' } } as const;
    assert.throws(() => encode({ messages: [{ role: 'user', parts: [byUrl] }] }), /image\.url/);
  });

  test('any call is written as a conversation that alternates, or refused by name', () => {
    fc.assert(
      fc.property(arbitraryCall(), (any) => {
        let roles: readonly string[];
        try {
          roles = (encode(any).body['messages'] as readonly { role: string }[]).map(({ role }) => role);
        } catch (error) {
          assert.ok(error instanceof GatewayError);
          assert.equal(error.code, 'invalid_request');
          return;
        }
        assert.ok(roles.every((role, at) => role !== roles[at + 1]));
      }),
    );
  });
});

const events = (chunks: readonly Buffer[], isStream = true): readonly ReplyEvent[] => {
  const decoder = bedrockConverse.decodeReply({ isStream, dialect: openaiDialect, maxEventBytes: 1 << 20 });
  return [...chunks.flatMap((chunk) => decoder.write(chunk)), ...decoder.end()];
};
const sse = (...all: readonly object[]): Buffer => Buffer.from(all.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
const usage = { inputTokens: 3, outputTokens: 5, totalTokens: 18, cacheReadInputTokens: 10 };
const stream = sse(
  { messageStart: { role: 'assistant' } },
  { contentBlockDelta: { contentBlockIndex: 0, delta: { reasoningContent: { text: 'hm' } } } },
  { contentBlockDelta: { contentBlockIndex: 0, delta: { reasoningContent: { signature: 's' } } } },
  { contentBlockStop: { contentBlockIndex: 0 } },
  { contentBlockDelta: { contentBlockIndex: 1, delta: { text: 'Hé' } } },
  { contentBlockStop: { contentBlockIndex: 1 } },
  { contentBlockStart: { contentBlockIndex: 2, start: { toolUse: { toolUseId: 't', name: 'get' } } } },
  { contentBlockDelta: { contentBlockIndex: 2, delta: { toolUse: { input: '{}' } } } },
  { contentBlockStop: { contentBlockIndex: 2 } },
  { messageStop: { stopReason: 'tool_use' } },
  { metadata: { usage } },
);
const told: readonly ReplyEvent[] = [
  { type: 'start', id: '', model: '' },
  { type: 'part-start', index: 0, candidate: 0, part: { type: 'reasoning' } },
  { type: 'part-delta', index: 0, delta: { type: 'text', text: 'hm' } },
  { type: 'part-delta', index: 0, delta: { type: 'seal', seal: { family: 'bedrock', kind: 'signature', data: 's' } } },
  { type: 'part-end', index: 0 },
  { type: 'part-start', index: 1, candidate: 0, part: { type: 'text' } },
  { type: 'part-delta', index: 1, delta: { type: 'text', text: 'Hé' } },
  { type: 'part-end', index: 1 },
  { type: 'part-start', index: 2, candidate: 0, part: { type: 'tool-call', id: 't', name: 'get' } },
  { type: 'part-delta', index: 2, delta: { type: 'arguments', text: '{}' } },
  { type: 'part-end', index: 2 },
  { type: 'finish', candidate: 0, reason: 'tool_calls' },
  { type: 'usage', usage: { buckets: { input: 3, cacheRead: 10, output: 5 }, served: {} } },
  { type: 'end' },
];

describe('a reply of Converse', () => {
  test('a stream, cut anywhere', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(stream.length), { maxLength: 8 }), (cuts) => {
        const places = [0, ...cuts.toSorted((a, b) => a - b), stream.length];
        assert.deepEqual(events(places.slice(1).map((to, at) => stream.subarray(places[at], to))), told);
      }),
    );
  });

  test('a whole body is the same events', () => {
    const content = [
      { reasoningContent: { reasoningText: { text: 'hm', signature: 's' } } },
      { text: 'Hé' },
      { toolUse: { toolUseId: 't', name: 'get', input: {} } },
    ];
    const body = { output: { message: { role: 'assistant', content } }, stopReason: 'tool_use', usage };
    assert.deepEqual(events([Buffer.from(JSON.stringify(body))], false), told);
  });

  test('a stream that lacks its last word is an error', () => {
    assert.deepEqual(events([sse({ messageStart: { role: 'assistant' } })]).at(-1)?.type, 'error');
    assert.deepEqual(
      events([Buffer.from('{}')], false).map(({ type }) => type),
      ['error'],
    );
  });

  test('an exception is an error, behind which nothing comes', () => {
    const thrown = sse({ __type: 'throttlingException', message: 'slow down' }, { messageStop: { stopReason: 'end_turn' } });
    assert.deepEqual(events([thrown]), [
      { type: 'error', error: { kind: 'rate_limit', message: 'slow down', code: 'throttlingException' } },
    ]);
  });
});

test('errors by status and words', () => {
  const of = (status: number, body: string) => bedrockConverse.decodeError(status, Buffer.from(body));
  assert.deepEqual(of(400, '{"message":"Input is too long for requested model."}').kind, 'context_length');
  assert.deepEqual(of(403, '{"Message":"no"}'), { kind: 'permission', status: 403, message: 'no' });
  assert.deepEqual(of(500, ''), { kind: 'server', status: 500, message: 'the provider answered 500' });
  assert.equal(exceptionOf('validationException', { message: 'Input is too long' }).kind, 'context_length');
  assert.equal(exceptionOf('newException', undefined).kind, 'server');
});
