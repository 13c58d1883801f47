import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import OpenAI from 'openai';
import { providerKey, sharedStand, type Stand } from './harness.ts';
import { clock, emulated, metered, weather } from './metered.ts';

const client = /^OpenAI\/JS$/;

suite('openai SDK, nothing changed but the base URL', () => {
  const shared = sharedStand();
  let stand: Stand;
  let openai: OpenAI;

  before(() => {
    stand = shared();
    openai = new OpenAI({ apiKey: 'sk-of-the-client', baseURL: `${stand.url}/v1`, maxRetries: 0 });
  });

  test('chat', async () => {
    const model = 'gpt-5-mini';
    const { answer, records, seen } = await metered(stand, { api: 'openai.chat', model, client }, () =>
      openai.chat.completions.create({ model, messages: [{ role: 'user', content: 'Hello' }] }),
    );
    assert.match(answer.choices[0]!.message.content!, emulated);
    assert.equal(answer.usage!.prompt_tokens, records[0]!.buckets.input);
    assert.equal(answer.usage!.completion_tokens, records[0]!.buckets.output);
    assert.equal(seen[0]!.headers['authorization'], `Bearer ${providerKey}`);
  });

  test('the reply names the record, under the id every reply carries', async () => {
    const model = 'gpt-5';
    const { answer, records } = await metered(stand, { api: 'openai.chat', model, client }, async () => {
      const { data, response } = await openai.chat.completions
        .create({ model, messages: [{ role: 'user', content: 'Hi' }] })
        .withResponse();
      return { data, id: response.headers.get('x-modicum-request-id') };
    });
    assert.equal(answer.id, records[0]!.id);
    assert.equal(answer.data.id, records[0]!.attempts[0]!.responseId);
  });

  for (const include_usage of [true, false, undefined]) {
    test(`chat stream, include_usage ${include_usage}`, async () => {
      const model = 'gpt-5.5';
      const { answer } = await metered(stand, { api: 'openai.chat', model, stream: true, client }, async () => {
        const stream = await openai.chat.completions.create({
          model,
          stream: true,
          messages: [{ role: 'user', content: 'Stream please' }],
          reasoning_effort: 'low',
          ...(include_usage !== undefined && { stream_options: { include_usage } }),
        });
        return Array.fromAsync(stream);
      });
      assert.match(answer.map(({ choices }) => choices[0]?.delta.content ?? '').join(''), emulated);
      const usage = answer.filter(({ choices, usage }) => choices.length === 0 || usage);
      assert.equal(usage.length, include_usage ? 1 : 0, 'the usage chunk is there exactly when the client asked');
      if (include_usage) assert.ok(usage[0]!.usage!.completion_tokens_details!.reasoning_tokens! > 0);
    });
  }

  test('a tool loop of two steps', async () => {
    const model = 'gpt-5.6-sol';
    const tools = [{ type: 'function' as const, function: weather }];
    const messages: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Use get_weather for Paris' }];
    const { answer, records } = await metered(stand, { api: 'openai.chat', model, calls: 2, client }, async () => {
      const first = await openai.chat.completions.create({ model, messages, tools });
      const asked = first.choices[0]!.message;
      const call = asked.tool_calls![0]!;
      const result = { role: 'tool' as const, tool_call_id: call.id, content: '21 degrees' };
      const second = await openai.chat.completions.create({ model, messages: [...messages, asked, result], tools });
      return { call, second };
    });
    assert.equal(answer.call.type === 'function' && answer.call.function.name, 'get_weather');
    assert.match(answer.second.choices[0]!.message.content!, emulated);
    assert.equal(records[0]!.finishReason, 'tool_calls');
    assert.ok(records[0]!.parts!.tools! > 0 && records[1]!.parts!.toolResults! > 0);
  });

  for (const stream of [false, true]) {
    test(`parallel tools, ${stream ? 'streamed' : 'whole'}`, async () => {
      const model = 'gpt-5-mini';
      const body = {
        model,
        messages: [{ role: 'user' as const, content: 'get_weather and get_time, both' }],
        tools: [weather, clock].map((tool) => ({ type: 'function' as const, function: tool })),
      };
      const { answer } = await metered(stand, { api: 'openai.chat', model, stream, client }, () =>
        stream ? openai.chat.completions.stream(body).finalChatCompletion() : openai.chat.completions.create(body),
      );
      const names = answer.choices[0]!.message.tool_calls!.map((call) => call.type === 'function' && call.function.name);
      assert.deepEqual(names, ['get_weather', 'get_time']);
    });
  }

  for (const stream of [false, true])
    test(`legacy completions, ${stream ? 'streamed' : 'whole'}`, async () => {
      const model = 'gpt-4o';
      const { answer } = await metered(stand, { api: 'openai.completions', model, stream, client }, async () => {
        if (!stream) return (await openai.completions.create({ model, prompt: 'Hello', max_tokens: 200 })).choices[0]!.text;
        const chunks = await Array.fromAsync(await openai.completions.create({ model, prompt: 'Hello', max_tokens: 200, stream: true }));
        return chunks.map(({ choices }) => choices[0]?.text ?? '').join('');
      });
      assert.match(answer, emulated);
    });

  test('several choices are billed together', async () => {
    const model = 'gpt-5-mini';
    const { answer, records } = await metered(stand, { api: 'openai.chat', model, client }, () =>
      openai.chat.completions.create({ model, n: 3, messages: [{ role: 'user', content: 'Hello' }] }),
    );
    assert.equal(answer.choices.length, 3);
    assert.equal(records[0]!.buckets.output, answer.usage!.completion_tokens);
  });

  test('JSON of a schema', async () => {
    const model = 'gpt-5-mini';
    const schema = { name: 'answer', strict: true, schema: weather.parameters };
    const { answer } = await metered(stand, { api: 'openai.chat', model, client }, () =>
      openai.chat.completions.create({
        model,
        messages: [{ role: 'user', content: 'Hello' }],
        response_format: { type: 'json_schema', json_schema: schema },
      }),
    );
    assert.deepEqual(JSON.parse(answer.choices[0]!.message.content!), { city: 'Paris' });
  });

  test('responses', async () => {
    const model = 'gpt-5.6-sol';
    const { answer, records } = await metered(stand, { api: 'openai.responses', model, client }, () =>
      openai.responses.create({ model, input: 'Hello', reasoning: { effort: 'medium' } }),
    );
    assert.match(answer.output_text, emulated);
    assert.equal(answer.usage!.output_tokens_details.reasoning_tokens, records[0]!.buckets.reasoning);
  });

  test('responses stream', async () => {
    const model = 'gpt-5-mini';
    const { answer, records } = await metered(stand, { api: 'openai.responses', model, stream: true, client }, async () => {
      const events = await Array.fromAsync(await openai.responses.create({ model, input: 'Hello', stream: true }));
      return events.at(-1)!;
    });
    assert.ok(answer.type === 'response.completed');
    assert.equal(answer.response.usage!.input_tokens, records[0]!.buckets.input);
  });

  test('a responses tool loop by previous_response_id', async () => {
    const model = 'gpt-5-mini';
    const tools = [{ type: 'function' as const, strict: true, ...weather }];
    const { answer } = await metered(stand, { api: 'openai.responses', model, calls: 2, client }, async () => {
      const first = await openai.responses.create({ model, input: 'Use get_weather', tools });
      const call = first.output.find((item) => item.type === 'function_call')!;
      const output = { type: 'function_call_output' as const, call_id: call.call_id, output: '21 degrees' };
      return openai.responses.create({ model, input: [output], previous_response_id: first.id, tools });
    });
    assert.match(answer.output_text, emulated);
  });

  test('counting input tokens is free, and no row of the report', async () => {
    const model = 'gpt-5';
    const { answer, records } = await metered(stand, { api: 'openai.responses.input_tokens', model, client }, () =>
      openai.responses.inputTokens.count({ model, input: 'How many?' }),
    );
    assert.ok(answer.input_tokens > 0);
    assert.deepEqual([records[0]!.cost.total, records[0]!.cost.status, records[0]!.operation], [0, 'free', 'count_tokens']);
    assert.ok(stand.report(['model']).countTokensCalls > 0);
  });

  for (const encoding_format of [undefined, 'float', 'base64'] as const) {
    test(`embeddings, ${encoding_format ?? 'as the SDK asks by itself'}`, async () => {
      const model = 'text-embedding-3-small';
      const { answer, records } = await metered(stand, { api: 'openai.embeddings', model, client }, () =>
        openai.embeddings.create({ model, input: ['one', 'two words'], ...(encoding_format && { encoding_format }) }),
      );
      const first = answer.data[0]!.embedding as unknown;
      if (encoding_format === 'base64') assert.equal(Buffer.from(first as string, 'base64').length, 1536 * 4);
      else assert.equal((first as readonly number[]).length, 1536);
      assert.equal(answer.usage.prompt_tokens, records[0]!.buckets.input);
      assert.equal(records[0]!.buckets.output ?? 0, 0);
    });
  }

  test('a long conversation is read from the prompt cache, and billed so', async () => {
    const model = 'gpt-5-mini';
    const long = `Remember this: ${'sixteen blue horses ran. '.repeat(400)}`;
    const { records } = await metered(stand, { api: 'openai.chat', model, calls: 2, client }, async () => {
      for (const last of ['first', 'second'])
        await openai.chat.completions.create({
          model,
          messages: [
            { role: 'system', content: long },
            { role: 'user', content: last },
          ],
        });
    });
    assert.ok(records[1]!.buckets.cacheRead! >= 1024);
    assert.equal(records[0]!.buckets.cacheRead ?? 0, 0);
  });

  test('the models it may use', async () => {
    const models = await Array.fromAsync(openai.models.list());
    assert.ok(models.some(({ id }) => id === 'gpt-5-mini'));
    assert.equal((await openai.models.retrieve('gpt-5-mini')).id, 'gpt-5-mini');
    await assert.rejects(openai.models.retrieve('no-such-model'), { status: 404 });
  });

  test('labels come from the path, from headers, and from the body, in this order', async () => {
    const model = 'gpt-5-mini';
    const labelled = new OpenAI({
      apiKey: 'sk-of-the-client',
      baseURL: `${stand.url}/c/shop/v1`,
      defaultHeaders: {
        'x-modicum-feature': 'search',
        'x-modicum-session': 's-1',
        'x-modicum-task': 't-1',
        'x-modicum-team': 'blue',
        'x-modicum-tag-region': 'eu',
        'helicone-property-plan': 'pro',
      },
    });
    const labels = {
      app: 'shop',
      feature: 'search',
      session: 's-1',
      task: 't-1',
      team: 'blue',
      user: 'u-1',
      tags: { region: 'eu', plan: 'pro' },
    };
    await metered(stand, { api: 'openai.chat', model, labels, client }, () =>
      labelled.chat.completions.create({
        model,
        messages: [{ role: 'user', content: 'Hi' }],
        user: 'u-1',
        prompt_cache_key: 'k-1',
        metadata: { feature: 'ignored, the header wins' },
      }),
    );
    const session = { session: 'k-1', feature: 'from the body' };
    await metered(stand, { api: 'openai.responses', model, labels: session, client }, () =>
      openai.responses.create({ model, input: 'Hi', prompt_cache_key: 'k-1', metadata: { feature: 'from the body' } }),
    );
  });

  test('an error of the vendor reaches the SDK as the vendor sent it, and costs nothing', async () => {
    const known = (await stand.records(0)).length;
    await assert.rejects(openai.chat.completions.create({ model: 'gpt-5-mini', messages: [] }), {
      status: 400,
      message: /\[emulator\] messages must be a list/,
    });
    const record = (await stand.records(known + 1)).at(-1)!;
    assert.deepEqual([record.outcome, record.status, record.cost.total, record.cost.status], ['failed', 400, 0, 'none']);
  });

  test('an error of the gateway has the shape the SDK knows', async () => {
    const failing = openai.completions.create({ model: 'claude-opus-5-5', prompt: 'Hi' });
    await assert.rejects(failing, (error) => {
      assert.ok(error instanceof OpenAI.NotFoundError);
      assert.deepEqual([error.code, error.param], ['model_not_found', 'model']);
      assert.match(error.message, /speaks the anthropic API.*use \/v1\/messages/);
      return true;
    });
  });
});
