import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import type { ConfigInput } from '../src/config/schema.ts';
import { startGateway } from './harness.ts';
import { startUpstream, type Answer } from './upstream.ts';

type Body = Readonly<Record<string, unknown>>;

/** What Anthropic answers to a call that its newest models do not take; `undefined`: they take it. */
function refusal({ temperature, top_p, top_k, thinking, tool_choice, max_tokens }: Body): string | undefined {
  if ([temperature, top_p, top_k].some((value) => value !== undefined)) return 'sampling parameters are not supported';
  const mode = (thinking as { type: string } | undefined)?.type;
  if (mode === 'enabled' || mode === 'disabled') return `thinking.type ${mode} is not supported`;
  if (['any', 'tool'].includes((tool_choice as { type: string } | undefined)?.type ?? 'auto')) return 'forced tool use is not supported';
  return typeof max_tokens === 'number' && max_tokens <= 128_000 ? undefined : 'max_tokens is above the limit of the model';
}

const strict: Answer = ({ body }, response) => {
  const wrong = refusal(JSON.parse(body.toString()) as Body);
  response.writeHead(wrong ? 400 : 200, { 'content-type': 'application/json' });
  const error = { type: 'error', error: { type: 'invalid_request_error', message: wrong } };
  const message = {
    id: 'msg_1',
    type: 'message',
    role: 'assistant',
    model: 'claude-opus-5-5',
    content: [{ type: 'text', text: 'Hi' }],
    stop_reason: 'end_turn',
    usage: { input_tokens: 3, output_tokens: 2 },
  };
  response.end(JSON.stringify(wrong ? error : message));
};

async function standWith(t: TestContext, models: NonNullable<ConfigInput['models']> = {}) {
  const upstream = await startUpstream(t, strict);
  const gateway = await startGateway(t, {
    providers: [{ name: 'claude', protocol: 'anthropic', baseUrl: upstream.url, apiKey: 'k', prices: 'anthropic' }],
    config: { models },
  });
  const ask = async (path: string, body: object) => {
    const reply = await fetch(`${gateway.url}${path}`, { method: 'POST', body: JSON.stringify(body) });
    const text = await reply.text();
    const [record] = (await gateway.records(1)).slice(-1);
    return { reply, text, sent: upstream.arrived.at(-1)!.body.toString(), record: record! };
  };
  return { ask, ofOpenai: (fields: object) => ask('/v1/chat/completions', { model: 'claude/claude-opus-5-5', messages, ...fields }) };
}

const messages = [{ role: 'user', content: 'Hello' }];
const tools = [{ type: 'function', function: { name: 'look', parameters: { type: 'object' } } }];

describe('a call from an OpenAI client to a Claude model that refuses much', () => {
  const calls: readonly [name: string, fields: object, dropped: string, sent: Body][] = [
    ['sampling', { temperature: 0.2, top_p: 0.9, max_tokens: 50 }, 'temperature, top_p', { max_tokens: 50 }],
    ['no limit of the answer', {}, 'max_output_tokens', { max_tokens: 32_000 }],
    ['a limit above the model’s', { max_tokens: 200_000 }, 'max_output_tokens', { max_tokens: 128_000 }],
    ['no thinking', { reasoning_effort: 'none', max_tokens: 50 }, 'reasoning.effort', { output_config: { effort: 'low' } }],
    ['an effort it takes', { reasoning_effort: 'xhigh', max_tokens: 50 }, '', { output_config: { effort: 'xhigh' } }],
    ['a tool that must be called', { tools, tool_choice: 'required', max_tokens: 50 }, 'tool_choice', { tool_choice: { type: 'auto' } }],
  ];
  for (const [name, fields, dropped, sent] of calls)
    test(`${name}: no 400, and what was changed is named in the header and in the record`, async (t) => {
      const { ofOpenai } = await standWith(t);
      const answer = await ofOpenai(fields);
      assert.equal(answer.reply.status, 200, answer.text);
      assert.equal(answer.reply.headers.get('x-modicum-dropped') ?? '', dropped);
      assert.equal(answer.record.attempts[0]?.dropped?.join(', '), dropped);
      const body = JSON.parse(answer.sent) as Body;
      for (const [field, value] of Object.entries(sent)) assert.deepEqual(body[field], value, field);
    });
});

test('a call in the API of its provider is sent as it came, whatever its model refuses', async (t) => {
  const { ask } = await standWith(t);
  const body = { model: 'claude-opus-5-5', max_tokens: 5, temperature: 0.2, messages };
  const { reply, sent } = await ask('/v1/messages', body);
  assert.deepEqual([reply.status, sent], [400, JSON.stringify(body)]);
});

test('the configuration says otherwise: the setting is sent, and its own limit counts', async (t) => {
  const own = {
    provider: 'claude',
    model: 'claude-opus-5-5',
    limits: { maxOutputTokens: 77 },
    capabilities: { refuses: ['top_p' as const] },
  };
  const { ask } = await standWith(t, { own });
  const { reply, sent } = await ask('/v1/chat/completions', { model: 'own', messages, temperature: 0.2, top_p: 0.5 });
  const { temperature, top_p, max_tokens } = JSON.parse(sent) as Body;
  assert.deepEqual([reply.status, temperature, top_p, max_tokens], [400, 0.2, undefined, 77]);
});

test('nothing is assumed of a model nobody knows', async (t) => {
  const { ask } = await standWith(t);
  const { sent } = await ask('/v1/chat/completions', {
    model: 'claude/mystery-1',
    messages,
    temperature: 0.2,
    tools,
    tool_choice: 'required',
  });
  const { temperature, tool_choice: choice } = JSON.parse(sent) as Body;
  assert.deepEqual([temperature, choice], [0.2, { type: 'any' }]);
});
