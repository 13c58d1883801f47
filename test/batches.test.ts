import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { OpenAI, toFile } from 'openai';
import type { CallRecord } from '../src/core/record.ts';
import { billed } from './batch-results.ts';
import { sharedStand } from './harness.ts';
import { emulated } from './metered.ts';

const chatModel = 'gpt-5-mini';
const claude = 'claude-sonnet-5-5';
const gemini = 'gemini-2.5-flash';

/** Lines of a file of OpenAI's, one a body. */
const lines = (url: string, bodies: readonly object[]): string =>
  bodies.map((body, at) => JSON.stringify({ custom_id: `r${at}`, method: 'POST', url, body })).join('\n');

const ask = (model: string, content: string) => ({ model, messages: [{ role: 'user' as const, content }] });

suite('batches of a vendor’s own client', () => {
  const shared = sharedStand();
  const openai = (): OpenAI => new OpenAI({ baseURL: `${shared().url}/v1`, apiKey: 'sk-of-the-client', maxRetries: 0 });
  const anthropic = (): Anthropic => new Anthropic({ baseURL: `${shared().url}/c/night`, apiKey: 'sk-ant-of-the-client', maxRetries: 0 });
  const google = (): GoogleGenAI => new GoogleGenAI({ apiKey: 'key-of-the-client', httpOptions: { baseUrl: shared().url } });

  const openaiBatch = async (endpoint: '/v1/chat/completions' | '/v1/responses' | '/v1/embeddings', bodies: readonly object[]) => {
    const file = await openai().files.create({ file: await toFile(Buffer.from(lines(endpoint, bodies)), 'in.jsonl'), purpose: 'batch' });
    const batch = await openai().batches.create({ input_file_id: file.id, endpoint, completion_window: '24h' });
    return openai().batches.retrieve(batch.id);
  };
  const contentOf = async (id: string): Promise<string> => (await openai().files.content(id)).text();
  const parsedLines = (text: string) =>
    text
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line));

  for (const [endpoint, bodies] of [
    ['/v1/chat/completions', [ask(chatModel, 'One'), ask(chatModel, 'Two and more')]],
    [
      '/v1/responses',
      [
        { model: chatModel, input: 'One' },
        { model: chatModel, input: 'Two and more' },
      ],
    ],
    [
      '/v1/embeddings',
      [
        { model: 'text-embedding-3-small', input: 'One' },
        { model: 'text-embedding-3-small', input: ['Two', 'more'] },
      ],
    ],
  ] as const)
    test(`OpenAI, ${endpoint}: results are metered at the rates of a batch, once however often they are read`, async () => {
      const stand = shared();
      const { answer, records, others } = await billed(stand, 2, 2, async () => {
        const batch = await openaiBatch(endpoint, bodies);
        assert.deepEqual([batch.status, batch.request_counts?.completed], ['completed', 2]);
        return [await contentOf(batch.output_file_id!), await contentOf(batch.output_file_id!)];
      });
      assert.equal(answer[0], answer[1]);
      assert.deepEqual(
        parsedLines(answer[0]!).map(({ custom_id }) => custom_id),
        ['r0', 'r1'],
      );
      assert.deepEqual(
        others.map(({ cost }) => [cost.status, cost.total]),
        [
          ['free', 0],
          ['free', 0],
        ],
      );
      assert.ok(records.every(({ attempts }) => attempts[0]!.served.serviceTier === 'batch'));
    });

  test('OpenAI: a request that failed is a record that cost nothing', async () => {
    const stand = shared();
    const { records } = await billed(stand, 2, 2, async () => {
      const batch = await openaiBatch('/v1/chat/completions', [ask(chatModel, 'One'), { model: chatModel, messages: [] }]);
      for (const id of [batch.output_file_id, batch.error_file_id]) await contentOf(id!);
    });
    assert.deepEqual(
      records.map(({ outcome, status, cost }) => [outcome, status, cost.total === 0]),
      [
        ['ok', 200, false],
        ['failed', 400, true],
      ],
    );
  });

  test('OpenAI: a file that holds no results is passed on, and nothing is recorded of it', async () => {
    const stand = shared();
    const known = (await stand.records(0)).length;
    const text = lines('/v1/chat/completions', [ask(chatModel, 'One')]);
    const file = await openai().files.create({ file: await toFile(Buffer.from(text), 'in.jsonl'), purpose: 'batch' });
    assert.equal(await contentOf(file.id), text);
    assert.equal((await stand.records(known + 1)).length, known + 1);
  });

  test('Anthropic: the SDK reads results through the gateway, under the labels of its path', async () => {
    const stand = shared();
    const requests = ['One', 'Two and more'].map((text, at) => ({
      custom_id: `r${at}`,
      params: { ...ask(claude, text), max_tokens: 100 },
    }));
    const { answer, records } = await billed(stand, 2, 1, async () => {
      const { id } = await anthropic().messages.batches.create({ requests });
      const batch = await anthropic().messages.batches.retrieve(id);
      assert.equal(batch.results_url, `${stand.url}/c/night/v1/messages/batches/${id}/results`);
      const read = async () => Array.fromAsync(await anthropic().messages.batches.results(id));
      return [await read(), await read()];
    });
    assert.deepEqual(answer[0], answer[1]);
    for (const { custom_id, result } of answer[0]!) {
      assert.match(custom_id, /^r[01]$/);
      assert.ok(result.type === 'succeeded');
      assert.equal(result.message.model, claude);
    }
    assert.deepEqual(
      records.map(({ labels, operation }) => [labels.app, operation]),
      [
        ['night', 'chat'],
        ['night', 'chat'],
      ],
    );
  });

  test('Anthropic: batches can be listed, cancelled and deleted', async () => {
    const { id } = await anthropic().messages.batches.create({
      requests: [{ custom_id: 'a', params: { ...ask(claude, 'One'), max_tokens: 9 } }],
    });
    const listed = await Array.fromAsync(anthropic().messages.batches.list());
    assert.ok(listed.some((batch) => batch.id === id && batch.results_url!.startsWith(shared().url)));
    assert.equal((await anthropic().messages.batches.cancel(id)).processing_status, 'ended');
    assert.equal((await anthropic().messages.batches.delete(id)).type, 'message_batch_deleted');
    await assert.rejects(anthropic().messages.batches.retrieve(id), Anthropic.NotFoundError);
  });

  for (const apiVersion of ['v1', 'v1beta'])
    test(`Google, ${apiVersion}: results in the operation are metered once`, async () => {
      const client = new GoogleGenAI({ apiKey: 'key-of-the-client', httpOptions: { baseUrl: shared().url, apiVersion } });
      const src = ['One', 'Two and more'].map((text) => ({ contents: [{ role: 'user', parts: [{ text }] }] }));
      const { answer, records } = await billed(shared(), 2, 1, async () => {
        const { name } = await client.batches.create({ model: gemini, src });
        await client.batches.get({ name: name! });
        return client.batches.get({ name: name! });
      });
      assert.equal(answer.state, 'JOB_STATE_SUCCEEDED');
      assert.equal(answer.dest!.inlinedResponses!.length, 2);
      for (const { response } of answer.dest!.inlinedResponses!)
        assert.match(response!.candidates![0]!.content!.parts![0]!.text!, emulated);
      assert.deepEqual(
        records.map(({ model, provider }) => [model, provider]),
        [
          [gemini, 'google'],
          [gemini, 'google'],
        ],
      );
    });

  test('a batch that is not there is an error in the client’s own shape, and recorded', async () => {
    const stand = shared();
    const known = (await stand.records(0)).length;
    await assert.rejects(openai().batches.retrieve('batch_none'), OpenAI.NotFoundError);
    await assert.rejects(anthropic().messages.batches.retrieve('msgbatch_none'), Anthropic.NotFoundError);
    await assert.rejects(google().batches.get({ name: 'batches/none' }), (error: { status?: number }) => error.status === 404);
    const records: readonly CallRecord[] = (await stand.records(known + 3)).slice(known);
    assert.deepEqual(
      records.map(({ outcome, status }) => [outcome, status]),
      Array.from({ length: 3 }, () => ['failed', 404]),
    );
  });
});
