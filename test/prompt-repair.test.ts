import assert from 'node:assert/strict';
import { test } from 'node:test';
import OpenAI from 'openai';
import { startStand } from './harness.ts';
import { clock, weather } from './metered.ts';

const tools = [weather, clock].map((tool) => ({ type: 'function' as const, function: tool }));
const system = 'You tell the weather. '.repeat(400);

for (const mode of ['on', 'observe'] as const)
  test(`${mode}: tools in another order are in the record, with what that is worth, and the bill agrees`, async (t) => {
    const stand = await startStand(t, { config: { savings: { holdout: 0, stageHoldout: 0, stages: { promptRepair: mode } } } });
    const openai = new OpenAI({ apiKey: 'k', baseURL: `${stand.url}/v1`, maxRetries: 0, defaultHeaders: { 'x-modicum-session': 's' } });
    const messages: OpenAI.ChatCompletionMessageParam[] = [
      { role: 'system', content: system },
      { role: 'user', content: 'Rome?' },
    ];
    await openai.chat.completions.create({ model: 'gpt-5.5', tools, messages });
    messages.push({ role: 'assistant', content: 'Sunny.' }, { role: 'user', content: 'And Paris?' });
    await openai.chat.completions.create({ model: 'gpt-5.5', tools: tools.toReversed(), messages });
    const [, record] = await stand.records(2);
    const { savings = [], signals = [] } = record!.annotations ?? {};
    const saving = savings.find(({ stage }) => stage === 'prompt-repair');
    assert.deepEqual([saving?.mode, saving?.rule, saving?.basis, saving!.cost! > 0], [mode, 'tool-order', 'estimated', true]);
    assert.ok(signals.includes('prefix:tool_order'));
    assert.equal((record!.buckets.cacheRead ?? 0) > 1024, mode === 'on', 'the prompt is read from the cache when it was repaired');
  });
