import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { createAnthropic } from '@ai-sdk/anthropic';
import { createGoogleGenerativeAI } from '@ai-sdk/google';
import { createOpenAI } from '@ai-sdk/openai';
import { createOpenAICompatible } from '@ai-sdk/openai-compatible';
import { embedMany, generateText, isStepCount, jsonSchema, streamText, tool, type EmbeddingModel, type LanguageModel } from 'ai';
import type { ApiId } from '../src/core/api.ts';
import { sharedStand, type Stand } from './harness.ts';
import { emulated, metered, weather } from './metered.ts';

const client = /^ai(-sdk\/|$|\/)|^ai-sdk/;

interface Way {
  readonly name: string;
  readonly api: ApiId;
  readonly id: string;
  readonly model: (url: string) => LanguageModel;
  /** Its streams end without usage, for it does not ask. */
  readonly streamsWithoutUsage?: boolean;
}

const apiKey = 'key-of-the-client';
const ways: readonly Way[] = [
  {
    name: '@ai-sdk/openai',
    api: 'openai.responses',
    id: 'gpt-5-mini',
    model: (url) => createOpenAI({ baseURL: `${url}/v1`, apiKey })('gpt-5-mini'),
  },
  {
    name: '@ai-sdk/openai .chat',
    api: 'openai.chat',
    id: 'gpt-5-mini',
    model: (url) => createOpenAI({ baseURL: `${url}/v1`, apiKey }).chat('gpt-5-mini'),
  },
  {
    name: '@ai-sdk/anthropic',
    api: 'anthropic.messages',
    id: 'claude-sonnet-5-5',
    model: (url) => createAnthropic({ baseURL: `${url}/v1`, apiKey })('claude-sonnet-5-5'),
  },
  {
    name: '@ai-sdk/google',
    api: 'google.generate_content',
    id: 'gemini-2.5-flash',
    model: (url) => createGoogleGenerativeAI({ baseURL: `${url}/v1beta`, apiKey })('gemini-2.5-flash'),
  },
  {
    name: '@ai-sdk/openai-compatible',
    api: 'openai.chat',
    id: 'gpt-5-mini',
    model: (url) => createOpenAICompatible({ name: 'gateway', baseURL: `${url}/v1`, apiKey })('gpt-5-mini'),
    streamsWithoutUsage: true,
  },
  {
    name: '@ai-sdk/openai-compatible, includeUsage',
    api: 'openai.chat',
    id: 'gpt-5-mini',
    model: (url) => createOpenAICompatible({ name: 'gateway', baseURL: `${url}/v1`, apiKey, includeUsage: true })('gpt-5-mini'),
  },
];

suite('AI SDK, nothing changed but the base URL', () => {
  const shared = sharedStand();
  let stand: Stand;
  before(() => {
    stand = shared();
  });

  for (const { name, api, id, model, streamsWithoutUsage = false } of ways) {
    test(`${name}: generateText`, async () => {
      const { answer, records } = await metered(stand, { api, model: id, client, labels: { app: 'web' } }, () =>
        generateText({ model: model(`${stand.url}/c/web`), prompt: 'Hello', maxRetries: 0 }),
      );
      assert.match(answer.text, emulated);
      assert.equal(answer.usage.inputTokens, records[0]!.buckets.input);
      assert.equal(answer.usage.outputTokens, records[0]!.buckets.output);
    });

    test(`${name}: streamText`, async () => {
      const { answer, records } = await metered(stand, { api, model: id, stream: true, client }, async () => {
        const result = streamText({ model: model(stand.url), prompt: 'Hello', maxRetries: 0 });
        return { text: await result.text, usage: await result.usage };
      });
      assert.match(answer.text, emulated);
      if (streamsWithoutUsage) assert.equal(answer.usage.outputTokens, undefined, 'asked for by the gateway, and kept from the client');
      else assert.equal(answer.usage.outputTokens, records[0]!.buckets.output);
    });

    test(`${name}: a tool loop that the SDK runs by itself`, async () => {
      const asked: unknown[] = [];
      const tools = {
        get_weather: tool({
          description: weather.description,
          inputSchema: jsonSchema(weather.parameters),
          execute: (input) => {
            asked.push(input);
            return { degrees: 21 };
          },
        }),
      };
      const { answer } = await metered(stand, { api, model: id, calls: 2, client }, () =>
        generateText({ model: model(stand.url), prompt: 'Use get_weather now', tools, stopWhen: isStepCount(3), maxRetries: 0 }),
      );
      assert.deepEqual(asked, [{ city: 'Paris' }]);
      assert.match(answer.text, emulated);
    });
  }

  const embedders: readonly { readonly api: ApiId; readonly id: string; readonly model: (url: string) => EmbeddingModel }[] = [
    {
      api: 'openai.embeddings',
      id: 'text-embedding-3-small',
      model: (url) => createOpenAI({ baseURL: `${url}/v1`, apiKey }).embedding('text-embedding-3-small'),
    },
    {
      api: 'google.batch_embed_contents',
      id: 'gemini-embedding-001',
      model: (url) => createGoogleGenerativeAI({ baseURL: `${url}/v1beta`, apiKey }).embedding('gemini-embedding-001'),
    },
  ];
  for (const { api, id, model } of embedders) {
    test(`${id}: embedMany`, async () => {
      const { answer } = await metered(stand, { api, model: id, client }, () =>
        embedMany({ model: model(stand.url), values: ['one', 'two words'], maxRetries: 0 }),
      );
      assert.equal(answer.embeddings.length, 2);
    });
  }
});
