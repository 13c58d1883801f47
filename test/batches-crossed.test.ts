import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { OpenAI, toFile } from 'openai';
import type { CallRecord } from '../src/core/record.ts';
import { billed } from './batch-results.ts';
import { sharedStand } from './harness.ts';

const gpt = 'gpt-5-mini';
const claude = 'claude-sonnet-5-5';

const ask = (model: string, content: string, more: object = {}) => ({ model, messages: [{ role: 'user' as const, content }], ...more });
const lines = (bodies: readonly object[], ids = bodies.map((_, at) => `r ${at}`)): string =>
  bodies.map((body, at) => JSON.stringify({ custom_id: ids[at], method: 'POST', url: '/v1/chat/completions', body })).join('\n');

const parsedLines = (text: string) =>
  text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));

const of = (record: CallRecord) => {
  const [attempt] = record.attempts;
  return { api: record.api, upstream: attempt!.upstreamApi, tier: attempt!.served.serviceTier, provider: record.provider };
};

suite('batches of one API at a provider of another', () => {
  const shared = sharedStand();
  const openai = (): OpenAI => new OpenAI({ baseURL: `${shared().url}/v1`, apiKey: 'sk-of-the-client', maxRetries: 0 });
  const anthropic = (): Anthropic => new Anthropic({ baseURL: `${shared().url}/c/night`, apiKey: 'sk-ant-of-the-client', maxRetries: 0 });

  const uploaded = async (text: string) => openai().files.create({ file: await toFile(Buffer.from(text), 'in.jsonl'), purpose: 'batch' });
  const openaiBatch = async (text: string, metadata?: Record<string, string>) => {
    const { id } = await uploaded(text);
    return openai().batches.create({
      input_file_id: id,
      endpoint: '/v1/chat/completions',
      completion_window: '24h',
      ...(metadata && { metadata }),
    });
  };
  const contentOf = async (id: string): Promise<string> => (await openai().files.content(id)).text();

  test('an OpenAI client reads the answers of Claude, metered once at batch rates', async () => {
    const stand = shared();
    const { answer, records } = await billed(stand, 2, 2, async () => {
      const made = await openaiBatch(lines([ask(claude, 'One'), ask(claude, 'Two and more', { max_completion_tokens: 50 })]), {
        job: 'night',
      });
      const batch = await openai().batches.retrieve(made.id);
      assert.deepEqual(
        [batch.status, batch.request_counts, batch.metadata, batch.endpoint, batch.error_file_id],
        ['completed', { total: 2, completed: 2, failed: 0 }, { job: 'night' }, '/v1/chat/completions', null],
      );
      return [await contentOf(batch.output_file_id!), await contentOf(batch.output_file_id!)];
    });
    assert.equal(answer[0], answer[1]);
    const results = parsedLines(answer[0]!).sort((a, b) => (a.custom_id < b.custom_id ? -1 : 1));
    assert.deepEqual(
      results.map(({ custom_id, response }) => [custom_id, response.status_code, response.body.object, response.body.model]),
      ['r 0', 'r 1'].map((id) => [id, 200, 'chat.completion', claude]),
    );
    for (const { response } of results)
      assert.ok(response.body.choices[0].message.content.length > 0 && response.body.usage.total_tokens > 0);
    assert.deepEqual(
      records.map(of),
      Array.from({ length: 2 }, () => ({ api: 'openai.chat', upstream: 'anthropic.messages', tier: 'batch', provider: 'anthropic' })),
    );
  });

  test('an Anthropic client reads the answers of GPT, metered once at batch rates, under the labels of its path', async () => {
    const stand = shared();
    const requests = ['One', 'Two and more'].map((text, at) => ({ custom_id: `r${at}`, params: ask(gpt, text, { max_tokens: 100 }) }));
    const { answer, records } = await billed(stand, 2, 1, async () => {
      const { id } = await anthropic().messages.batches.create({ requests: requests as never });
      const batch = await anthropic().messages.batches.retrieve(id);
      assert.deepEqual([batch.processing_status, batch.request_counts.succeeded], ['ended', 2]);
      assert.equal(batch.results_url, `${stand.url}/c/night/v1/messages/batches/${id}/results`);
      const read = async () => Array.fromAsync(await anthropic().messages.batches.results(id));
      return [await read(), await read()];
    });
    assert.deepEqual(answer[0], answer[1]);
    assert.deepEqual(
      answer[0]!.map(({ custom_id, result }) => [custom_id, result.type, result.type === 'succeeded' && result.message.stop_reason]),
      [
        ['r0', 'succeeded', 'end_turn'],
        ['r1', 'succeeded', 'end_turn'],
      ],
    );
    assert.deepEqual(
      records.map((record) => ({ ...of(record), app: record.labels.app })),
      Array.from({ length: 2 }, () => ({
        api: 'anthropic.messages',
        upstream: 'openai.chat',
        tier: 'batch',
        provider: 'openai',
        app: 'night',
      })),
    );
  });

  test('a request that failed stands in the error file, and cost nothing', async () => {
    const { answer, records } = await billed(shared(), 2, 2, async () => {
      const batch = await openaiBatch(lines([ask(claude, 'One'), ask(claude, 'Two', { max_completion_tokens: -1 })]));
      assert.deepEqual(batch.request_counts, { total: 2, completed: 1, failed: 1 });
      return [await contentOf(batch.output_file_id!), await contentOf(batch.error_file_id!)];
    });
    assert.equal(parsedLines(answer[0]!).length, 1);
    const [error] = parsedLines(answer[1]!);
    assert.deepEqual([error.custom_id, error.response.status_code, error.response.body.error.type], ['r 1', 400, 'invalid_request_error']);
    assert.deepEqual(
      records.map(({ outcome, cost }) => `${outcome} ${cost.total === 0}`).sort((one, other) => (one < other ? -1 : 1)),
      ['failed true', 'ok false'],
    );
  });

  test('what another API lacks is named when the batch is made, and in each record', async () => {
    const { records } = await billed(shared(), 1, 2, async () => {
      const { id } = await uploaded(lines([ask(claude, 'One', { seed: 7, max_completion_tokens: 9 })]));
      const making = openai().batches.create({ input_file_id: id, endpoint: '/v1/chat/completions', completion_window: '24h' });
      const { data, response } = await making.withResponse();
      assert.equal(response.headers.get('x-modicum-dropped'), 'seed');
      return contentOf(data.output_file_id!);
    });
    assert.deepEqual(records[0]!.attempts[0]!.dropped, ['seed']);
  });

  const refusals: readonly (readonly [string, string, RegExp])[] = [
    [
      'tools of free text',
      lines([ask(claude, 'One', { tools: [{ type: 'custom', custom: { name: 'free' } }] })]),
      /request 1 \("r 0"\): tools/,
    ],
    ['two providers', lines([ask(claude, 'One'), ask(gpt, 'Two')]), /request 2 .*go to one provider/],
    ['a name that stands twice', lines([ask(claude, 'One'), ask(claude, 'Two')], ['a', 'a']), /"a" stands twice/],
    ['a name that is too long', lines([ask(claude, 'One')], ['ä'.repeat(40)]), /names of requests/],
    [
      'another endpoint',
      lines([ask(claude, 'One')]).replace('/v1/chat/completions', '/v1/embeddings'),
      /only \/v1\/chat\/completions crosses/,
    ],
    ['what cannot be read', `${lines([ask(claude, 'One')])}\n{`, /line 2 is not JSON/],
  ];
  for (const [name, text, message] of refusals)
    test(`refused with its reason: ${name}`, async () => {
      const before = shared().emulator.bill().calls.length;
      await assert.rejects(openaiBatch(text), (error: Error) => error instanceof OpenAI.BadRequestError && message.test(error.message));
      assert.equal(shared().emulator.bill().calls.length, before);
    });

  test('files that wait for their batch can be read and deleted; what is gone is not found', async () => {
    const text = lines([ask(claude, 'One')]);
    const { id } = await uploaded(text);
    assert.equal(await contentOf(id), text);
    assert.equal((await openai().files.retrieve(id)).bytes, Buffer.byteLength(text));
    assert.equal((await openai().files.delete(id)).deleted, true);
    for (const asked of [
      openai().files.retrieve(id),
      openai().batches.retrieve('batch_mdc_0'),
      openai().files.content('file-mdc-output-0'),
    ])
      await assert.rejects(asked, OpenAI.NotFoundError);
    await assert.rejects(anthropic().messages.batches.retrieve('msgbatch_mdc_0'), Anthropic.NotFoundError);
  });

  test('a file for the client’s own vendor goes there as it comes', async () => {
    const file = await uploaded(lines([ask(gpt, 'One')]));
    assert.ok(!file.id.startsWith('file-mdc-'));
  });
});
