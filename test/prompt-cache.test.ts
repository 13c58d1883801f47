import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import OpenAI from 'openai';
import { assertSameAsBill, sharedStand } from './harness.ts';
import { weather } from './metered.ts';

const long = Array.from({ length: 400 }, (_, at) => `Rule ${at}: answer in one short sentence and name your source.`).join('\n');
const maxRounds = 6;

suite('prompts are marked', () => {
  const shared = sharedStand({
    config: { savings: { holdout: 0, stageHoldout: 0, stages: { promptCache: 'on' } }, promptCache: { keys: true, maxLossPercent: 25 } },
  });

  test('@anthropic-ai/sdk: an agent with thoughts and tools reads from the cache, and what it saved is recorded', async () => {
    const stand = shared();
    const anthropic = new Anthropic({ apiKey: 'sk-ant', baseURL: stand.url, maxRetries: 0 });
    const messages: Anthropic.MessageParam[] = [{ role: 'user', content: 'Use get_weather for Rome' }];
    const before = structuredClone(messages);
    for (let round = 0; round < maxRounds; round += 1) {
      const answer = await anthropic.messages
        .stream({
          model: 'claude-sonnet-5',
          max_tokens: 4000,
          system: long,
          thinking: { type: 'adaptive' },
          tools: [{ name: weather.name, description: weather.description, input_schema: weather.parameters }],
          messages,
        })
        .finalMessage();
      messages.push({ role: 'assistant', content: answer.content });
      const uses = answer.content.flatMap((block) => (block.type === 'tool_use' ? [block] : []));
      const results = uses.map(({ id }) => ({ type: 'tool_result' as const, tool_use_id: id, content: `30 degrees at ${round}` }));
      messages.push({ role: 'user', content: results.length > 0 ? results : `Use get_weather for city ${round}` });
    }
    assert.deepEqual(messages.slice(0, 1), before, 'the client’s own messages are as it wrote them');
    const records = await stand.records(maxRounds);
    const read = records.map(({ buckets }) => buckets.cacheRead ?? 0);
    assert.ok(read.at(-1)! > 4000, `read: ${read.join(', ')}`);
    const savings = records.flatMap(({ annotations }) => annotations?.savings ?? []);
    assert.ok(savings.length > 0 && savings.every(({ stage, basis }) => stage === 'prompt-cache' && basis === 'measured'));
    assert.ok(Number(savings.at(-1)!.cost) > 0);
    assertSameAsBill(records, stand.emulator.bill());
  });

  test('openai: chat and responses get a key, and answer as ever', async () => {
    const stand = shared();
    const earlier = (await stand.records(0)).length;
    const openai = new OpenAI({ apiKey: 'sk', baseURL: `${stand.url}/v1`, maxRetries: 0 });
    for (const question of ['one', 'two']) {
      const chat = await openai.chat.completions.create({
        model: 'gpt-5.5',
        messages: [
          { role: 'system', content: long },
          { role: 'user', content: question },
        ],
      });
      assert.match(chat.choices[0]!.message.content!, /emulator/);
      const response = await openai.responses.create({ model: 'gpt-5.6-sol', instructions: long, input: question });
      assert.match(response.output_text, /emulator/);
    }
    const records = (await stand.records(earlier + 4)).slice(earlier);
    assert.ok(records[2]!.buckets.cacheRead! > 4000);
    assert.ok(records.every(({ outcome }) => outcome === 'ok'));
  });
});

suite('calls stay where the beginning of their prompt is kept', () => {
  const model = 'gpt-5.5';
  const shared = sharedStand({
    config: {
      savings: { holdout: 0, stageHoldout: 0, stages: { promptCache: 'on' } },
      models: { pair: { targets: ['one', 'two'].map((provider) => ({ provider, model })), balance: 'weight' } },
    },
    more: (url) =>
      ['one', 'two'].map((name) => ({ name, protocol: 'openai' as const, baseUrl: `${url}/v1`, apiKey: `sk-${name}`, prices: 'openai' })),
  });

  test('each conversation goes to one of two targets, all the way', async () => {
    const stand = shared();
    const openai = new OpenAI({ apiKey: 'sk', baseURL: `${stand.url}/v1`, maxRetries: 0 });
    const conversations = 6;
    const turns = 4;
    for (let conversation = 0; conversation < conversations; conversation += 1) {
      const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: `${conversation} ${long}` }];
      for (let turn = 0; turn < turns; turn += 1) {
        const { choices } = await openai.chat.completions.create({ model: 'pair', messages, user: String(conversation) });
        messages.push(choices[0]!.message, { role: 'user', content: `turn ${turn}` });
      }
    }
    const records = await stand.records(conversations * turns);
    const providers = Array.from(
      { length: conversations },
      (_, at) => new Set(records.slice(at * turns, (at + 1) * turns).map(({ provider }) => provider)),
    );
    assert.ok(providers.every(({ size }) => size === 1));
    const read = records.filter(({ buckets }) => (buckets.cacheRead ?? 0) > 0).length;
    assert.equal(read, conversations * (turns - 1), 'every call but the first of each reads');
  });
});
