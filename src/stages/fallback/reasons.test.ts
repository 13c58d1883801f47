import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { deployment, planOf, stand, type Act } from './testing.ts';
import { isErrorEvent, reasonIn } from './reasons.ts';

const refusals: readonly { readonly vendor: string; readonly body: string; readonly reason: 'overflow' | 'filtered' | undefined }[] = [
  {
    vendor: 'OpenAI',
    body: '{"error":{"message":"This model\'s maximum context length is 128000 tokens.","type":"invalid_request_error","param":"messages","code":"context_length_exceeded"}}',
    reason: 'overflow',
  },
  {
    vendor: 'OpenAI responses',
    body: '{"error": {"message": "Your input exceeds the context window of this model.", "code": "context_length_exceeded"}}',
    reason: 'overflow',
  },
  {
    vendor: 'Anthropic',
    body: '{"type":"error","error":{"type":"invalid_request_error","message":"prompt is too long: 210000 tokens > 200000 maximum"}}',
    reason: 'overflow',
  },
  {
    vendor: 'Anthropic, with output',
    body: '{"type":"error","error":{"type":"invalid_request_error","message":"input length and `max_tokens` exceed context limit: 190000 + 20000 > 200000"}}',
    reason: 'overflow',
  },
  { vendor: 'Anthropic, bytes', body: '{"type":"error","error":{"type":"request_too_large","message":"..."}}', reason: 'overflow' },
  {
    vendor: 'Google',
    body: '{"error":{"code":400,"message":"The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}',
    reason: 'overflow',
  },
  { vendor: 'Bedrock', body: '{"message":"Input is too long for requested model."}', reason: 'overflow' },
  {
    vendor: 'Mistral',
    body: '{"object":"error","message":"Prompt contains 40000 tokens and 0 draft tokens, too large for model with 32768 maximum context length"}',
    reason: 'overflow',
  },
  {
    vendor: 'vLLM',
    body: '{"object":"error","message":"This model\'s maximum context length is 8192 tokens. However, you requested 9000 tokens","code":400}',
    reason: 'overflow',
  },
  {
    vendor: 'llama.cpp',
    body: '{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}',
    reason: 'overflow',
  },
  { vendor: 'OpenAI', body: '{"error":{"message":"...","code":"content_policy_violation"}}', reason: 'filtered' },
  {
    vendor: 'Azure',
    body: '{"error":{"message":"...","code":"content_filter","innererror":{"code":"ResponsibleAIPolicyViolation"}}}',
    reason: 'filtered',
  },
  { vendor: 'Anthropic', body: '{"error":{"message":"Output blocked by content filtering policy"}}', reason: 'filtered' },
  { vendor: 'any', body: '{"error":{"message":"temperature must be at most 2","code":"invalid_value"}}', reason: undefined },
];

describe('refusals tell their reason', () => {
  for (const { vendor, body, reason } of refusals)
    test(`${vendor}: ${reason ?? 'another one'}`, () => {
      assert.equal(reasonIn(body), reason);
    });
});

describe('the first event of a stream may be an error', () => {
  for (const [event, expected] of [
    ['event: error\ndata: {"type":"error","error":{"type":"overloaded_error"}}\n\n', true],
    ['data: {"error":{"message":"overloaded","code":503}}\n\n', true],
    ['data: {"error": "model is loading"}\n\n', true],
    ['data: {"type":"response.failed","response":{}}\n\n', true],
    ['data: {"id":"c","choices":[{"delta":{"content":"{\\"error\\": {"}}]}\n\n', false],
    ['event: message_start\ndata: {"type":"message_start","message":{}}\n\n', false],
    [': OPENROUTER PROCESSING\n\n', false],
  ] as const)
    test(`${JSON.stringify(event.slice(0, 40))}: ${expected}`, () => {
      assert.equal(isErrorEvent(event), expected);
    });
});

const sse = ['content-type', 'text/event-stream'];
const overflow: Act = { status: 400, chunks: [refusals[0]!.body] };
const filtered: Act = { status: 400, chunks: [refusals[10]!.body] };
const only = (act: Act) => (id: string) => (id === 'a/m' ? act : {});
const lists = { fallbacks: [deployment('f/m')], onContextOverflow: [deployment('long/m')], onContentFilter: [deployment('mild/m')] };

describe('reasons have lists of their own', () => {
  const cases: readonly { readonly name: string; readonly act: Act; readonly plan?: object; readonly asked: readonly string[] }[] = [
    { name: 'a prompt that does not fit goes to onContextOverflow', act: overflow, asked: ['a/m', 'long/m'] },
    { name: 'a filtered one to onContentFilter', act: filtered, asked: ['a/m', 'mild/m'] },
    { name: 'any other refusal is an answer', act: { status: 400, chunks: ['{"error":{}}'] }, asked: ['a/m'] },
    { name: 'without its list a reason is an answer', act: overflow, plan: { onContextOverflow: [] }, asked: ['a/m'] },
    { name: 'an error goes to the fallbacks', act: { status: 500, chunks: ['context_length_exceeded'] }, asked: ['a/m', 'f/m'] },
    {
      name: 'Google refuses with 200',
      act: { status: 200, chunks: ['{"promptFeedback":', '{"blockReason":"SAFETY"}}'] },
      asked: ['a/m', 'mild/m'],
    },
    {
      name: 'and in the first event of a stream',
      act: { status: 200, headers: sse, chunks: ['data: {"promptFeedback":{"blockReason":"SAFETY"}}\r\n\r\n'] },
      asked: ['a/m', 'mild/m'],
    },
    {
      name: 'an answer about such things is an answer',
      act: { chunks: ['{"content":"the maximum context length is set by \\"blockReason\\": content_filter"}'] },
      asked: ['a/m'],
    },
    { name: 'a compressed reply is not read', act: { ...overflow, headers: ['content-encoding', 'gzip'] }, asked: ['a/m'] },
  ];
  for (const { name, act, plan, asked } of cases)
    test(name, async () => {
      const answer = await stand({ plan: planOf(['a/m'], { ...lists, ...plan }), act: only(act) }).call();
      assert.deepEqual(answer.asked, asked);
      if (asked.length === 1) assert.equal(answer.text, (act.chunks ?? []).join(''), 'what was looked at is still all there');
    });
});

describe('streams are held until their first event where another place could be asked', () => {
  const ab = planOf(['a/m', 'b/m']);
  const first = 'data: {"id":1}\n\n';
  const cases: readonly { readonly name: string; readonly act: Act; readonly asked: readonly string[]; readonly text: string }[] = [
    { name: 'a good stream', act: { headers: sse, chunks: [first, 'data: [DONE]\n\n'] }, asked: ['a/m'], text: `${first}data: [DONE]\n\n` },
    {
      name: 'an error as its first event',
      act: { headers: sse, chunks: ['data: {"error":', '{}}\n\n'] },
      asked: ['a/m', 'b/m'],
      text: 'answer',
    },
    { name: 'broken off before it', act: { headers: sse, chunks: ['data: '], breaksOff: true }, asked: ['a/m', 'b/m'], text: 'answer' },
    { name: 'an empty stream', act: { headers: sse, chunks: [] }, asked: ['a/m', 'b/m'], text: 'answer' },
    {
      name: 'an error later on',
      act: { headers: sse, chunks: [first, 'data: {"error":{}}\n\n'] },
      asked: ['a/m'],
      text: `${first}data: {"error":{}}\n\n`,
    },
    {
      name: 'a first event without end',
      act: { headers: sse, chunks: ['x'.repeat(16 * 1024), 'y'] },
      asked: ['a/m'],
      text: `${'x'.repeat(16 * 1024)}y`,
    },
  ];
  for (const { name, act, asked, text } of cases)
    test(name, async () => {
      const answer = await stand({ plan: ab, act: only(act) }).call({ stream: true });
      assert.deepEqual([answer.asked, answer.text, answer.ends], [asked, text, 1]);
    });

  test('not when it is switched off', async () => {
    const act: Act = { headers: sse, chunks: ['data: {"error":{}}\n\n'] };
    const answer = await stand({ plan: ab, act: only(act), resilience: { peekFirstEvent: false } }).call();
    assert.deepEqual(answer.asked, ['a/m']);
  });

  test('a client that leaves meanwhile breaks it off', async () => {
    const tried = stand({ plan: ab, act: only({ headers: sse, chunks: [], hangs: true }) });
    const answer = await tried.call({ during: (leave) => tried.clock.after(50, leave) });
    assert.deepEqual([answer.asked, answer.error, answer.attempts.length], [['a/m'], 'aborted', 1]);
  });
});
