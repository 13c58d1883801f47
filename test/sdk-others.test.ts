import assert from 'node:assert/strict';
import { before, suite, test } from 'node:test';
import { HumanMessage, type UsageMetadata } from '@langchain/core/messages';
import { ChatOpenAI, OpenAIEmbeddings } from '@langchain/openai';
import { Mistral } from '@mistralai/mistralai';
import { sharedStand, type Stand } from './harness.ts';
import { emulated, metered, weather } from './metered.ts';

/** LangChain's types of a message know no usage unless the message says which model made it. */
const usageOf = (message: object) => (message as { readonly usage_metadata: UsageMetadata }).usage_metadata;

/** Mistral's content may be parts as well; the emulator's is text. */
function said(content: unknown): string {
  assert.ok(typeof content === 'string');
  return content;
}

const apiKey = 'key-of-the-client';
const model = 'gpt-5-mini';

suite('LangChain, nothing changed but the base URL', () => {
  const client = /^langchainjs-openai/;
  const shared = sharedStand();
  let stand: Stand;
  const chat = (options: { readonly useResponsesApi?: boolean } = {}): ChatOpenAI =>
    new ChatOpenAI({ model, apiKey, maxRetries: 0, configuration: { baseURL: `${stand.url}/c/chain/v1` }, ...options });
  const labels = { app: 'chain' };
  before(() => {
    stand = shared();
  });

  for (const useResponsesApi of [false, true]) {
    const api = useResponsesApi ? 'openai.responses' : 'openai.chat';
    test(`${api}: invoke`, async () => {
      const { answer, records } = await metered(stand, { api, model, client, labels }, () => chat({ useResponsesApi }).invoke('Hello'));
      assert.match(answer.text, emulated);
      assert.equal(usageOf(answer).input_tokens, records[0]!.buckets.input);
      assert.equal(usageOf(answer).output_tokens, records[0]!.buckets.output);
    });

    test(`${api}: stream`, async () => {
      const { answer, records } = await metered(stand, { api, model, stream: true, client, labels }, async () => {
        const chunks = await Array.fromAsync(await chat({ useResponsesApi }).stream('Hello'));
        return chunks.reduce((all, chunk) => all.concat(chunk));
      });
      assert.match(answer.text, emulated);
      assert.equal(usageOf(answer).output_tokens, records[0]!.buckets.output);
    });

    test(`${api}: a tool loop of two steps`, async () => {
      const { answer } = await metered(stand, { api, model, calls: 2, client, labels }, async () => {
        const bound = chat({ useResponsesApi }).bindTools([{ type: 'function', function: weather }]);
        const asked = new HumanMessage('Use get_weather');
        const first = await bound.invoke([asked]);
        const { id = '', name, args } = first.tool_calls![0]!;
        const second = await bound.invoke([asked, first, { role: 'tool', tool_call_id: id, content: '21 degrees' }]);
        return { name, args, text: second.text };
      });
      assert.deepEqual([answer.name, answer.args], ['get_weather', { city: 'Paris' }]);
      assert.match(answer.text, emulated);
    });
  }

  test('embeddings', async () => {
    const embedder = 'text-embedding-3-small';
    const { answer } = await metered(
      stand,
      { api: 'openai.embeddings', model: embedder, client: /^(OpenAI\/JS|langchainjs-openai)/, labels },
      () =>
        new OpenAIEmbeddings({ model: embedder, apiKey, configuration: { baseURL: `${stand.url}/c/chain/v1` } }).embedDocuments([
          'one',
          'two',
        ]),
    );
    assert.deepEqual(
      answer.map((vector) => vector.length),
      [1536, 1536],
    );
  });
});

suite('Mistral SDK, nothing changed but the base URL', () => {
  const client = /^mistral-client-typescript/;
  const id = 'mistral-small-latest';
  const shared = sharedStand({ more: (url) => [{ name: 'mistral', protocol: 'openai', baseUrl: `${url}/v1`, apiKey: 'sk-mistral' }] });
  let stand: Stand;
  let mistral: Mistral;
  const messages = [{ role: 'user' as const, content: 'Hello' }];
  before(() => {
    stand = shared();
    mistral = new Mistral({ apiKey, serverURL: stand.url });
  });

  test('chat', async () => {
    const { answer, seen } = await metered(stand, { api: 'openai.chat', model: id, client }, () =>
      mistral.chat.complete({ model: id, messages }),
    );
    assert.match(said(answer.choices[0]!.message!.content), emulated);
    assert.ok(answer.usage.promptTokens! > 0);
    assert.equal(seen[0]!.headers['authorization'], 'Bearer sk-mistral');
  });

  test('chat stream', async () => {
    const { answer } = await metered(stand, { api: 'openai.chat', model: id, stream: true, client }, async () =>
      Array.fromAsync(await mistral.chat.stream({ model: id, messages })),
    );
    const text = answer.map(({ data }) => said(data.choices[0]?.delta.content ?? '')).join('');
    assert.match(text, emulated);
  });

  test('a tool loop of two steps', async () => {
    const tools = [{ type: 'function' as const, function: weather }];
    const { answer } = await metered(stand, { api: 'openai.chat', model: id, calls: 2, client }, async () => {
      const user = { role: 'user' as const, content: 'Use get_weather' };
      const first = await mistral.chat.complete({ model: id, messages: [user], tools });
      const asked = first.choices[0]!.message!;
      const toolCallId = asked.toolCalls![0]!.id!;
      const result = { role: 'tool' as const, toolCallId, content: '21 degrees' };
      return mistral.chat.complete({ model: id, messages: [user, { role: 'assistant', toolCalls: asked.toolCalls! }, result], tools });
    });
    assert.match(said(answer.choices[0]!.message!.content), emulated);
  });
});
