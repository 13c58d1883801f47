// The vendors' own SDKs read what the emulator says.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI, Type } from '@google/genai';
import OpenAI from 'openai';
import { withEmulator } from './testing.ts';

const openai = (url: string): OpenAI => new OpenAI({ apiKey: 'key', baseURL: `${url}/v1`, maxRetries: 0 });
const anthropic = (url: string): Anthropic => new Anthropic({ apiKey: 'key', baseURL: url, maxRetries: 0 });
const google = (url: string): GoogleGenAI => new GoogleGenAI({ apiKey: 'key', httpOptions: { baseUrl: url } });
const weather = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] } as const;
const messages = [{ role: 'user', content: 'hello' }] as const;

test('openai: chat, whole and streamed, tell the same text and usage', () =>
  withEmulator({}, async ({ url, emulator }) => {
    const client = openai(url);
    const whole = await client.chat.completions.create({ model: 'gpt-5', messages: [...messages] });
    const stream = client.chat.completions.stream({ model: 'gpt-5', messages: [...messages], stream_options: { include_usage: true } });
    const streamed = await stream.finalChatCompletion();
    assert.equal(streamed.choices[0]!.message.content, whole.choices[0]!.message.content);
    assert.deepEqual(streamed.usage, whole.usage);
    assert.equal(emulator.bill().calls[1]!.responseId, streamed.id);
  }));

test('openai: a stream tells usage only when asked', () =>
  withEmulator({}, async ({ url }) => {
    const chunks = await Array.fromAsync(
      await openai(url).chat.completions.create({ model: 'gpt-5', messages: [...messages], stream: true }),
    );
    assert.equal(chunks[0]!.choices[0]!.delta.role, 'assistant');
    assert.equal(chunks.at(-1)!.choices[0]!.finish_reason, 'stop');
    assert.ok(chunks.every((chunk) => !('usage' in chunk)));
  }));

test('openai: a tool loop in chat', () =>
  withEmulator({}, async ({ url }) => {
    const client = openai(url);
    const tools = [{ type: 'function' as const, function: { name: 'get_weather', parameters: weather } }];
    const asked = { role: 'user' as const, content: 'use get_weather' };
    const first = await client.chat.completions.stream({ model: 'gpt-5', messages: [asked], tools }).finalChatCompletion();
    const call = first.choices[0]!.message.tool_calls![0]!;
    assert.ok(call.type === 'function');
    assert.deepEqual(
      [first.choices[0]!.finish_reason, call.function.name, JSON.parse(call.function.arguments)],
      ['tool_calls', 'get_weather', { city: 'emulator' }],
    );
    const result = { role: 'tool' as const, tool_call_id: call.id, content: 'sunny' };
    const second = await client.chat.completions.create({ model: 'gpt-5', messages: [asked, first.choices[0]!.message, result], tools });
    assert.equal(second.choices[0]!.finish_reason, 'stop');
  }));

test('openai: several choices, each with its own text', () =>
  withEmulator({}, async ({ url }) => {
    const { choices } = await openai(url).chat.completions.create({ model: 'gpt-5', messages: [...messages], n: 3 });
    assert.equal(new Set(choices.map(({ message }) => message.content)).size, 3);
  }));

test('openai: structured output parses', () =>
  withEmulator({}, async ({ url }) => {
    const schema = { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'], additionalProperties: false };
    const format = { type: 'json_schema' as const, json_schema: { name: 'n', schema, strict: true } };
    const reply = await openai(url).chat.completions.create({ model: 'gpt-5', messages: [...messages], response_format: format });
    assert.deepEqual(JSON.parse(reply.choices[0]!.message.content!), { n: 1 });
  }));

test('openai: responses, in the order of events that the API documents', () =>
  withEmulator({}, async ({ url }) => {
    const client = openai(url);
    const body = { model: 'gpt-5.6-sol', input: 'hello', reasoning: { effort: 'low', summary: 'auto' } } as const;
    const stream = client.responses.stream(body);
    const events = await Array.fromAsync(stream);
    const order = events.map(({ type }) => type).filter((type, at, all) => type !== all[at - 1]);
    assert.deepEqual(order, [
      'response.created',
      'response.in_progress',
      'response.output_item.added',
      'response.reasoning_summary_part.added',
      'response.reasoning_summary_text.delta',
      'response.reasoning_summary_text.done',
      'response.reasoning_summary_part.done',
      'response.output_item.done',
      'response.output_item.added',
      'response.content_part.added',
      'response.output_text.delta',
      'response.output_text.done',
      'response.content_part.done',
      'response.output_item.done',
      'response.completed',
    ]);
    assert.deepEqual(
      events.map(({ sequence_number }) => sequence_number),
      events.map((_, at) => at),
    );
    const final = await stream.finalResponse();
    const whole = await client.responses.create(body);
    assert.equal(final.output_text, whole.output_text);
    assert.equal(final.usage!.output_tokens_details.reasoning_tokens, 32);
  }));

test('openai: responses call a function, go on from the previous response, and stop at a limit', () =>
  withEmulator({}, async ({ url }) => {
    const client = openai(url);
    const tools = [
      {
        type: 'function' as const,
        name: 'exec_command',
        strict: false,
        parameters: { type: 'object', properties: { cmd: { type: 'string' } }, required: ['cmd'] },
      },
    ];
    const first = await client.responses.stream({ model: 'gpt-5.5', input: 'use exec_command', tools }).finalResponse();
    const call = first.output.find((item) => item.type === 'function_call')!;
    assert.deepEqual(JSON.parse(call.arguments), { cmd: 'echo emulator' });
    const output = { type: 'function_call_output' as const, call_id: call.call_id, output: 'emulator' };
    const second = await client.responses.create({ model: 'gpt-5.5', previous_response_id: first.id, input: [output], tools });
    assert.match(second.output_text, /^\[emulator\]/);
    assert.ok(second.usage!.input_tokens > first.usage!.input_tokens);
    const cut = await client.responses.create({ model: 'gpt-5.5', input: 'hello', max_output_tokens: 5 });
    assert.deepEqual([cut.status, cut.incomplete_details?.reason, cut.usage!.output_tokens], ['incomplete', 'max_output_tokens', 5]);
    await assert.rejects(client.responses.create({ model: 'gpt-5.5', previous_response_id: 'resp_unknown', input: 'x' }), { status: 400 });
  }));

test('openai: a prewarming response fills the cache and says nothing', () =>
  withEmulator({}, async ({ url }) => {
    const client = openai(url);
    const body = { model: 'gpt-5.6-sol', input: 'word '.repeat(1500) };
    const warm = await client.responses.create({ ...body, prompt_cache_options: { prewarm: true } });
    assert.deepEqual([warm.status, warm.output, warm.usage!.output_tokens], ['completed', [], 0]);
    const { input_tokens_details: details } = (await client.responses.create(body)).usage!;
    assert.deepEqual([details.cached_tokens, details.cache_write_tokens], [warm.usage!.input_tokens_details.cache_write_tokens, 0]);
  }));

test('anthropic: max_tokens 0 fills the cache and says nothing', () =>
  withEmulator({}, async ({ url }) => {
    const system = [{ type: 'text' as const, text: 'word '.repeat(1500), cache_control: { type: 'ephemeral' as const } }];
    const warm = await anthropic(url).messages.create({ model: 'claude-sonnet-5', max_tokens: 0, system, messages: [...messages] });
    assert.deepEqual([warm.content, warm.stop_reason, warm.usage.output_tokens], [[], 'max_tokens', 0]);
    assert.ok(warm.usage.cache_creation_input_tokens! > 1024);
  }));

test('openai: counts, embeddings, old completions and models', () =>
  withEmulator({}, async ({ url, emulator }) => {
    const client = openai(url);
    const counted = await client.responses.inputTokens.count({ model: 'gpt-5', input: 'hello' });
    assert.equal(counted.input_tokens, (await client.responses.create({ model: 'gpt-5', input: 'hello' })).usage!.input_tokens);
    const base64 = await client.embeddings.create({ model: 'text-embedding-3-small', input: 'hello', dimensions: 8 }); // asks for base64 by itself
    const floats = await client.embeddings.create({
      model: 'text-embedding-3-small',
      input: 'hello',
      dimensions: 8,
      encoding_format: 'float',
    });
    assert.deepEqual(base64.data[0]!.embedding, floats.data[0]!.embedding.map(Math.fround));
    const completion = await client.completions.create({ model: 'gpt-3.5-turbo-instruct', prompt: 'hello', max_tokens: 9 });
    assert.deepEqual([completion.choices[0]!.finish_reason, completion.usage!.completion_tokens], ['length', 9]);
    assert.ok((await client.models.list()).data.some(({ id }) => id === 'gpt-5.5'));
    assert.deepEqual(
      emulator.bill().calls.map(({ api }) => api),
      ['openai.responses', 'openai.embeddings', 'openai.embeddings', 'openai.completions'],
    );
  }));

test('anthropic: messages, whole and streamed, tell the same content and usage', () =>
  withEmulator({}, async ({ url }) => {
    const client = anthropic(url);
    const body = { model: 'claude-opus-5-5', max_tokens: 500, messages: [...messages], thinking: { type: 'adaptive' as const } };
    const whole = await client.messages.create(body);
    const stream = client.messages.stream(body);
    const order: string[] = [];
    stream.on('streamEvent', ({ type }) => order.push(type));
    const streamed = await stream.finalMessage();
    assert.deepEqual(
      streamed.content.map(({ type }) => type),
      ['thinking', 'text'],
    );
    assert.deepEqual(
      streamed.content.map((block) => (block.type === 'text' ? block.text : block.type === 'thinking' ? block.thinking : '')),
      whole.content.map((block) => (block.type === 'text' ? block.text : block.type === 'thinking' ? block.thinking : '')),
    );
    assert.deepEqual(streamed.usage, whole.usage);
    assert.equal(whole.usage.output_tokens_details!.thinking_tokens, 128);
    assert.deepEqual([order[0], ...order.slice(-2)], ['message_start', 'message_delta', 'message_stop']);
  }));

test('anthropic: a tool loop, and a limit', () =>
  withEmulator({}, async ({ url }) => {
    const client = anthropic(url);
    const tools = [
      {
        name: 'Bash',
        input_schema: {
          type: 'object' as const,
          properties: { command: { type: 'string' }, description: { type: 'string' } },
          required: ['command', 'description'],
        },
      },
    ];
    const asked = {
      role: 'user' as const,
      content: [
        { type: 'text' as const, text: '<system-reminder>never mind read</system-reminder>' },
        { type: 'text' as const, text: 'use Bash' },
      ],
    };
    const base = { model: 'claude-sonnet-5', max_tokens: 500, tools };
    const first = await client.messages.stream({ ...base, messages: [asked] }).finalMessage();
    const use = first.content.find((block) => block.type === 'tool_use')!;
    assert.deepEqual(
      [first.stop_reason, use.name, use.input],
      ['tool_use', 'Bash', { command: 'echo emulator', description: 'Say emulator' }],
    );
    const result = { role: 'user' as const, content: [{ type: 'tool_result' as const, tool_use_id: use.id, content: 'emulator' }] };
    const second = await client.messages.create({
      ...base,
      messages: [asked, { role: 'assistant', content: first.content as never }, result],
    });
    assert.equal(second.stop_reason, 'end_turn');
    const cut = await client.messages.create({ ...base, max_tokens: 3, messages: [...messages] });
    assert.deepEqual([cut.stop_reason, cut.usage.output_tokens], ['max_tokens', 3]);
  }));

test('anthropic: the prompt cache is written, read, and billed', () =>
  withEmulator({}, async ({ url, emulator }) => {
    const client = anthropic(url);
    const system = [
      { type: 'text' as const, text: 'word '.repeat(1500), cache_control: { type: 'ephemeral' as const, ttl: '1h' as const } },
    ];
    const body = { model: 'claude-sonnet-5', max_tokens: 5, system, messages: [...messages] };
    const first = (await client.messages.create(body)).usage;
    const second = (await client.messages.stream(body).finalMessage()).usage;
    assert.deepEqual(
      [first.cache_creation!.ephemeral_1h_input_tokens, first.cache_read_input_tokens],
      [first.cache_creation_input_tokens, 0],
    );
    assert.deepEqual([second.cache_read_input_tokens, second.cache_creation_input_tokens], [first.cache_creation_input_tokens, 0]);
    const written = first.cache_creation_input_tokens!;
    const expected =
      BigInt(first.input_tokens * 1000 + written * 2000 + 5 * 10_000) + BigInt(second.input_tokens * 1000 + written * 100 + 5 * 10_000);
    assert.equal(emulator.bill().totals.costNanoUsd, expected);
  }));

test('anthropic: automatic caching, counting and models', () =>
  withEmulator({}, async ({ url }) => {
    const client = anthropic(url);
    const long = [{ role: 'user' as const, content: 'word '.repeat(1500) }];
    const { usage } = await client.messages.create({
      model: 'claude-sonnet-5',
      max_tokens: 5,
      cache_control: { type: 'ephemeral' },
      messages: long,
    });
    const { input_tokens: counted } = await client.messages.countTokens({ model: 'claude-sonnet-5', messages: long });
    assert.deepEqual([usage.input_tokens, usage.cache_creation_input_tokens], [0, counted]);
    assert.ok((await client.models.list()).data.every(({ type }) => type === 'model'));
  }));

test('google: contents, whole and streamed, tell the same text; usage is cumulative', () =>
  withEmulator({}, async ({ url }) => {
    const client = google(url);
    const body = { model: 'gemini-2.5-pro', contents: 'hello', config: { thinkingConfig: { includeThoughts: true, thinkingBudget: 40 } } };
    const whole = await client.models.generateContent(body);
    const chunks = await Array.fromAsync(await client.models.generateContentStream(body));
    assert.equal(chunks.map(({ text }) => text ?? '').join(''), whole.text);
    assert.deepEqual(chunks.at(-1)!.usageMetadata, whole.usageMetadata);
    assert.equal(whole.usageMetadata!.thoughtsTokenCount, 40);
    const totals = chunks.map(({ usageMetadata }) => usageMetadata!.totalTokenCount!);
    assert.deepEqual(
      totals,
      totals.toSorted((left, right) => left - right),
    );
  }));

test('google: a tool loop, structured output, a limit', () =>
  withEmulator({}, async ({ url }) => {
    const client = google(url);
    const model = 'gemini-2.5-flash';
    const tools = [{ functionDeclarations: [{ name: 'get_weather', parametersJsonSchema: weather }] }];
    const asked = { role: 'user', parts: [{ text: 'use get_weather' }] };
    const first = await client.models.generateContent({ model, contents: [asked], config: { tools } });
    assert.deepEqual(
      first.functionCalls!.map(({ name, args }) => [name, args]),
      [['get_weather', { city: 'emulator' }]],
    );
    const result = { role: 'user', parts: [{ functionResponse: { name: 'get_weather', response: { sky: 'clear' } } }] };
    const second = await client.models.generateContent({
      model,
      contents: [asked, first.candidates![0]!.content!, result],
      config: { tools },
    });
    assert.match(second.text!, /^\[emulator\]/);
    const responseSchema = { type: Type.OBJECT, properties: { n: { type: Type.INTEGER } }, required: ['n'] };
    const json = await client.models.generateContent({
      model,
      contents: 'x',
      config: { responseMimeType: 'application/json', responseSchema },
    });
    assert.deepEqual(JSON.parse(json.text!), { n: 1 });
    const cut = await client.models.generateContent({ model, contents: 'x', config: { maxOutputTokens: 4 } });
    assert.deepEqual([cut.candidates![0]!.finishReason, cut.usageMetadata!.candidatesTokenCount], ['MAX_TOKENS', 4]);
  }));

test('google: counts, embeddings and models', () =>
  withEmulator({}, async ({ url }) => {
    const client = google(url);
    const { totalTokens } = await client.models.countTokens({ model: 'gemini-2.5-pro', contents: 'hello' });
    assert.equal(
      totalTokens,
      (await client.models.generateContent({ model: 'gemini-2.5-pro', contents: 'hello' })).usageMetadata!.promptTokenCount,
    );
    const embedded = await client.models.embedContent({
      model: 'gemini-embedding-001',
      contents: ['a', 'b'],
      config: { outputDimensionality: 6 },
    });
    assert.deepEqual(
      embedded.embeddings!.map(({ values }) => values!.length),
      [6, 6],
    );
    const names = (await Array.fromAsync(await client.models.list())).map(({ name }) => name);
    assert.ok(names.includes('models/gemini-2.5-pro'));
  }));

test('a Mistral model tells usage on the chunk that finishes, unasked', () =>
  withEmulator({}, async ({ url }) => {
    const stream = await openai(url).chat.completions.create({ model: 'mistral-small-latest', messages: [...messages], stream: true });
    const chunks = await Array.fromAsync(stream);
    assert.deepEqual(
      chunks.filter((chunk) => 'usage' in chunk).map(({ choices }) => choices[0]!.finish_reason),
      ['stop'],
    );
  }));
