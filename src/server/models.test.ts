import assert from 'node:assert/strict';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI, type Model } from '@google/genai';
import OpenAI from 'openai';
import type { JsonObject } from '../core/json.ts';
import { modelsBody, type ListedModel } from './models.ts';
import { route } from './routes.ts';

const listed: readonly ListedModel[] = [
  { id: 'gpt-5', provider: 'openai', created: 1_754_524_800, displayName: 'GPT-5', contextWindow: 400_000, maxOutputTokens: 128_000 },
  { id: 'claude-sonnet-4-5', provider: 'anthropic', created: 1_759_104_000, contextWindow: 200_000, maxOutputTokens: 64_000 },
  { id: 'local/llama', provider: 'ollama' },
];
const ids = listed.map(({ id }) => id);
const list = (models: readonly ListedModel[], headers: Readonly<Record<string, unknown>> = {}) =>
  modelsBody({ family: undefined, headers, models, googlePath: false });

let server: Server;
let origin: string;
before(async () => {
  server = createServer((request, response) => {
    const { pathname } = new URL(request.url!, 'http://gateway');
    const found = route(request.method!, pathname);
    assert.ok(typeof found === 'object' && found.kind === 'models', `${pathname} is the path of a listing`);
    const { family, id } = found;
    const googlePath = family === 'google';
    const { status, body } = modelsBody({ family, headers: request.headers, models: listed, googlePath, ...(id !== undefined && { id }) });
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const item of items) found.push(item);
  return found;
}

test('the OpenAI SDK lists the models and gets one', async () => {
  const client = new OpenAI({ baseURL: `${origin}/v1`, apiKey: 'key' });
  const models = await all(client.models.list());
  assert.deepEqual(
    models.map(({ id, object, created, owned_by }) => ({ id, object, created, owned_by })),
    listed.map(({ id, provider, created = 0 }) => ({ id, object: 'model', created, owned_by: provider })),
  );
  assert.equal((await client.models.retrieve('gpt-5')).owned_by, 'openai');
  await assert.rejects(client.models.retrieve('gpt-1'), OpenAI.NotFoundError);
});

test('the Anthropic SDK lists the models, page size or not, and gets one', async () => {
  const client = new Anthropic({ baseURL: origin, apiKey: 'key' });
  for (const params of [{}, { limit: 1 }, { limit: 1000 }, { after_id: 'gpt-5' }]) {
    const models = await all(client.models.list(params));
    assert.deepEqual(
      models.map(({ id }) => id),
      ids,
    );
  }
  const page = await client.models.list();
  assert.deepEqual([page.has_more, page.first_id, page.last_id], [false, 'gpt-5', 'local/llama']);
  const { type, display_name, created_at, max_input_tokens, max_tokens } = await client.models.retrieve('gpt-5');
  assert.deepEqual(
    [type, display_name, created_at, max_input_tokens, max_tokens],
    ['model', 'GPT-5', '2025-08-07T00:00:00.000Z', 400_000, 128_000],
  );
});

for (const apiVersion of ['v1', 'v1beta']) {
  test(`the Google SDK lists the models under /${apiVersion} and gets one`, async () => {
    const client = new GoogleGenAI({ apiKey: 'key', httpOptions: { baseUrl: origin, apiVersion } });
    const models: Model[] = await all(await client.models.list({ config: { pageSize: 1 } }));
    assert.deepEqual(
      models.map(({ name }) => name),
      ids.map((id) => `models/${id}`),
    );
    const { displayName, inputTokenLimit, outputTokenLimit, supportedActions } = await client.models.get({ model: 'gpt-5' });
    assert.deepEqual([displayName, inputTokenLimit, outputTokenLimit], ['GPT-5', 400_000, 128_000]);
    assert.ok(supportedActions?.includes('generateContent'));
  });
}

test('an unknown model is 404, for each family to word', () => {
  assert.deepEqual(modelsBody({ family: undefined, headers: {}, models: listed, id: 'gpt-1', googlePath: false }), {
    status: 404,
    body: null,
  });
  assert.equal(modelsBody({ family: 'google', headers: {}, models: listed, id: 'gpt-1', googlePath: true }).status, 404);
});

test('no models make an empty list in every form', () => {
  assert.deepEqual(list([]).body, { object: 'list', data: [], has_more: false, first_id: null, last_id: null, models: [] });
  assert.deepEqual(list([], { 'x-goog-api-key': 'key' }).body, { models: [] });
});

/** Fields without which some version of Codex from 0.143 on refuses the whole list; `null` stands for those that may be null. */
const codexRequires: Readonly<Record<string, string>> = {
  slug: 'string',
  display_name: 'string',
  description: 'null',
  supported_reasoning_levels: 'list',
  shell_type: 'string',
  visibility: 'string',
  supported_in_api: 'boolean',
  priority: 'number',
  availability_nux: 'null',
  upgrade: 'null',
  base_instructions: 'string',
  supports_reasoning_summaries: 'boolean',
  support_verbosity: 'boolean',
  default_verbosity: 'null',
  apply_patch_tool_type: 'null',
  truncation_policy: 'object',
  supports_parallel_tool_calls: 'boolean',
  experimental_supported_tools: 'list',
};
const typeOf = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'list' : typeof value);

test('Codex gets every field it requires of a model that has instructions', () => {
  const [model] = (list([{ ...listed[0]!, codexInstructions: 'Work in small steps.' }]).body as { readonly models: readonly JsonObject[] })
    .models;
  const shape = Object.fromEntries(Object.keys(codexRequires).map((field) => [field, typeOf(model![field])]));
  assert.deepEqual(shape, codexRequires);
  assert.deepEqual([model!.slug, model!.base_instructions, model!.context_window], ['gpt-5', 'Work in small steps.', 400_000]);
  assert.deepEqual(Object.keys(model!.truncation_policy as JsonObject), ['mode', 'limit']);
});

test("a model without instructions stays out of Codex's list, so that Codex keeps its own prompt for it", () => {
  const models = [{ ...listed[0]!, codexInstructions: 'x' }, listed[1]!];
  const body = list(models).body as { readonly data: readonly JsonObject[]; readonly models: readonly JsonObject[] };
  assert.deepEqual(
    [body.data, body.models].map((entries) => entries.length),
    [2, 1],
  );
});
