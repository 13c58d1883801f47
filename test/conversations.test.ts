import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import OpenAI from 'openai';
import { sharedStand } from './harness.ts';
import { emulated, metered, weather } from './metered.ts';
import { standFor } from './matrix/run.ts';
import { upstreams } from './matrix/upstreams.ts';

const tool = { type: 'function' as const, ...weather, strict: true };
const client = /^OpenAI\/JS$/;

for (const upstream of upstreams.filter(({ api }) => api !== 'openai.responses'))
  suite(`a client goes on from its last response while ${upstream.name} keeps none`, () => {
    const shared = sharedStand(standFor(upstream));
    const model = `${upstream.provider('http://x').name}/${upstream.model}`;
    const openaiOf = (apiKey: string): OpenAI => new OpenAI({ apiKey, baseURL: `${shared().url}/v1`, maxRetries: 0 });

    for (const stream of [false, true])
      test(`a tool loop, ${stream ? 'streamed' : 'whole'}: the provider gets all that was said before`, async () => {
        const openai = openaiOf('sk-one');
        const ask = async (
          body: Pick<OpenAI.Responses.ResponseCreateParamsNonStreaming, 'input' | 'instructions' | 'previous_response_id'>,
        ): Promise<OpenAI.Responses.Response> => {
          const whole = { model, tools: [tool], ...body };
          if (!stream) return openai.responses.create(whole);
          return openai.responses.stream(whole).finalResponse();
        };
        const { answer, records } = await metered(shared(), { api: 'openai.responses', model, stream, calls: 2, client }, async () => {
          const first = await ask({ input: 'Use get_weather for Rome', instructions: 'Be brief.' });
          const call = first.output.find((item) => item.type === 'function_call')!;
          const second = await ask({
            previous_response_id: first.id,
            input: [{ type: 'function_call_output', call_id: call.call_id, output: '30 degrees' }],
          });
          return { call, second };
        });
        assert.equal(answer.call.name, 'get_weather');
        assert.match(answer.second.output_text || JSON.stringify(answer.second.output), /\[emulator\]/);
        const input = records.map(({ buckets }) => (buckets.input ?? 0) + (buckets.cacheRead ?? 0));
        assert.ok(input[1]! > input[0]!, 'the second prompt holds the first');
      });

    test('a response that is not kept, was not to be kept, or is another client’s: 400 with the code OpenAI has for it', async () => {
      const openai = openaiOf('sk-one');
      const notFound = { status: 400, code: 'previous_response_not_found', param: 'previous_response_id' };
      const goOn = (id: string, from = openai) => from.responses.create({ model, input: 'And?', previous_response_id: id });
      await assert.rejects(goOn('resp_unknown'), notFound);
      const notStored = await openai.responses.create({ model, input: 'Hello', store: false });
      await assert.rejects(goOn(notStored.id), notFound);
      const stored = await openai.responses.create({ model, input: 'Hello' });
      await assert.rejects(goOn(stored.id, openaiOf('sk-another')), notFound);
      assert.match((await goOn(stored.id)).output_text, emulated);
    });
  });
