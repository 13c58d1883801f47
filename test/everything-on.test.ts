import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { assertIdentitiesKept, instruction, secretAddress, startRelayedStand, type RelayedStand } from './everything-on.ts';
import { assertCleanUpstream, assertSameAsBill } from './harness.ts';
import { emulated, weather } from './metered.ts';

const system = 'You plan journeys, and you look things up before you answer. '.repeat(150);
const rounds = 4;
/** A masked conversation is given no instruction: two stages do not change the same bytes. */
const question = (step: number): string => `${step}: use get_weather for ${step === rounds - 1 ? secretAddress : 'a friend'}`;

/** The ledger is the bill, the provider saw neither the address nor a header of ours, and each request went on once. */
async function assertWhole(stand: RelayedStand, calls: number): Promise<void> {
  const records = await stand.records(calls);
  assert.equal(records.length, calls);
  assertSameAsBill(records, stand.emulator.bill());
  assertCleanUpstream(stand.received);
  assert.equal(stand.received.length, calls);
  for (const { body } of stand.received) assert.ok(!body.includes(secretAddress), 'the address stays here');
  assert.ok(stand.received.some(({ body }) => body.includes(instruction)), 'the instruction is said'); // prettier-ignore
  assert.deepEqual(
    stand.log.filter(({ level }) => level === 'error'),
    [],
  );
}

const ids = (all: readonly string[], key: string): readonly string[] => all.filter((each) => each.startsWith(`${key} `));

suite('with everything on', () => {
  for (const stream of [false, true])
    test(`@anthropic-ai/sdk: tool loops with thoughts, ${stream ? 'streamed' : 'whole'}`, async (t) => {
      const stand = await startRelayedStand(t);
      const anthropic = new Anthropic({ apiKey: 'k', baseURL: `${stand.url}/c/sdk`, maxRetries: 0, defaultHeaders: { 'x-modicum-session': 's' } }); // prettier-ignore
      const tools = [{ name: weather.name, description: weather.description, input_schema: weather.parameters }];
      const messages: Anthropic.MessageParam[] = [];
      const ask = async (content: Anthropic.MessageParam['content']): Promise<Anthropic.Message> => {
        messages.push({ role: 'user', content });
        const body = { model: 'claude-opus-5-5', max_tokens: 4000, system, tools, messages, thinking: { type: 'adaptive' } } as const; // prettier-ignore
        const reply = await (stream ? anthropic.messages.stream(body).finalMessage() : anthropic.messages.create(body));
        messages.push({ role: 'assistant', content: reply.content });
        return reply;
      };
      const signatures: string[] = [];
      for (let step = 0; step < rounds; step += 1) {
        const { content } = await ask(question(step));
        const use = content.find((block) => block.type === 'tool_use')!;
        for (const block of content) if (block.type === 'thinking') signatures.push(`signature ${block.signature}`);
        const { content: answer } = await ask([{ type: 'tool_result', tool_use_id: use.id, content: `${step}0 degrees` }]);
        assert.match(answer.map((block) => (block.type === 'text' ? block.text : '')).join(''), emulated);
      }
      await assertWhole(stand, rounds * 2);
      const kept = assertIdentitiesKept(stand.sent, stand.received);
      assert.equal(signatures.length, rounds);
      for (const signature of signatures) assert.ok(kept.includes(signature));
      assert.ok(ids(kept, 'tool_use_id').length > rounds);
      assert.ok(stand.received.some(({ body }) => body.includes('"cache_control"')), 'marks were set'); // prettier-ignore
      const last = (await stand.records(rounds * 2)).at(-1)!;
      assert.ok((last.buckets.cacheRead ?? 0) > 1024, 'and the prompt is read from the cache');
    });

  test('openai: tool loops by Chat Completions', async (t) => {
    const stand = await startRelayedStand(t);
    const openai = new OpenAI({ apiKey: 'k', baseURL: `${stand.url}/c/sdk/v1`, maxRetries: 0 });
    const tools = [{ type: 'function' as const, function: weather }];
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'system', content: system }];
    const ask = async (message: OpenAI.ChatCompletionMessageParam): Promise<OpenAI.ChatCompletionMessage> => {
      messages.push(message);
      const stream = openai.chat.completions.stream({ model: 'gpt-5.6-sol', tools, messages });
      const reply = (await stream.finalChatCompletion()).choices[0]!.message;
      messages.push({ role: 'assistant', content: reply.content, ...(reply.tool_calls && { tool_calls: reply.tool_calls }) });
      return reply;
    };
    for (let step = 0; step < rounds; step += 1) {
      const { tool_calls } = await ask({ role: 'user', content: question(step) });
      const { content } = await ask({ role: 'tool', tool_call_id: tool_calls![0]!.id, content: `${step}0 degrees` });
      assert.match(content!, emulated);
    }
    await assertWhole(stand, rounds * 2);
    assert.ok(ids(assertIdentitiesKept(stand.sent, stand.received), 'tool_call_id').length > rounds);
  });

  test('openai: tool loops by Responses, with encrypted reasoning', async (t) => {
    const stand = await startRelayedStand(t);
    const openai = new OpenAI({ apiKey: 'k', baseURL: `${stand.url}/c/sdk/v1`, maxRetries: 0 });
    const tools = [{ type: 'function' as const, strict: true, ...weather }];
    const input: OpenAI.Responses.ResponseInputItem[] = [];
    const ask = async (item: OpenAI.Responses.ResponseInputItem): Promise<OpenAI.Responses.Response> => {
      input.push(item);
      const reply = await openai.responses.create({ model: 'gpt-5.6-sol', instructions: system, tools, input, store: false, include: ['reasoning.encrypted_content'], reasoning: { effort: 'medium' } }); // prettier-ignore
      input.push(...(reply.output as OpenAI.Responses.ResponseInputItem[]));
      return reply;
    };
    for (let step = 0; step < rounds; step += 1) {
      const { output } = await ask({ role: 'user', content: question(step) });
      const call = output.find((item) => item.type === 'function_call')!;
      const { output_text } = await ask({ type: 'function_call_output', call_id: call.call_id, output: `${step}0 degrees` });
      assert.match(output_text, emulated);
    }
    await assertWhole(stand, rounds * 2);
    const kept = assertIdentitiesKept(stand.sent, stand.received);
    assert.ok(ids(kept, 'call_id').length > rounds);
    assert.ok(ids(kept, 'encrypted_content').length > 0);
  });

  test('the same question twice is answered once, and the client reads the same', async (t) => {
    const stand = await startRelayedStand(t);
    const anthropic = new Anthropic({ apiKey: 'k', baseURL: `${stand.url}/c/sdk`, maxRetries: 0 });
    const ask = () => anthropic.messages.create({ model: 'claude-opus-5-5', max_tokens: 400, messages: [{ role: 'user', content: 'Hello' }] }); // prettier-ignore
    const [first, second] = [await ask(), await ask()];
    assert.deepEqual(second.content, first.content);
    const records = await stand.records(2);
    assert.deepEqual([records.length, stand.received.length, records[1]!.cost.total], [2, 1, 0]);
  });
});
