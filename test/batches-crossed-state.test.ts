import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { suite, test, type TestContext } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { OpenAI, toFile } from 'openai';
import { createEmulator } from '../src/emulator/emulator.ts';
import { startGateway, temporaryFolder, until, vendorsAt, type Gateway } from './harness.ts';

const gpt = 'gpt-5-mini';
const claude = 'claude-sonnet-5-5';
const ask = (model: string, more: object = {}) => ({ model, messages: [{ role: 'user' as const, content: 'One' }], ...more });
const line = (id: string) => JSON.stringify({ custom_id: id, method: 'POST', url: '/v1/chat/completions', body: ask(claude) });

const openaiAt = ({ url }: Gateway): OpenAI => new OpenAI({ baseURL: `${url}/v1`, apiKey: 'sk-of-the-client', maxRetries: 0 });
const anthropicAt = ({ url }: Gateway): Anthropic => new Anthropic({ baseURL: url, apiKey: 'sk-ant-of-the-client', maxRetries: 0 });

/** A gateway that can be started again over its data; the emulator's batches take `batchMs`. */
async function restartable(t: TestContext, batchMs: number) {
  const emulator = createEmulator({ batchMs });
  const { url } = await emulator.listen();
  t.after(() => emulator.close());
  const dataDir = await temporaryFolder(t);
  return { emulator, start: (config = {}) => startGateway(t, { providers: vendorsAt(url, {}), dataDir, config }) };
}

const uploaded = async (client: OpenAI, ids: readonly string[]): Promise<string> =>
  (await client.files.create({ file: await toFile(Buffer.from(ids.map(line).join('\n')), 'in.jsonl'), purpose: 'batch' })).id;
const made = (client: OpenAI, file: string) =>
  client.batches.create({ input_file_id: file, endpoint: '/v1/chat/completions', completion_window: '24h' });

suite('batches that cross, over time', () => {
  test('files, batches and what was metered outlive a restart of the gateway', async (t) => {
    const { emulator, start } = await restartable(t, 0);
    const first = await start();
    const file = await uploaded(openaiAt(first), ['a', 'b']);
    await first.close();
    const second = await start();
    const batch = await made(openaiAt(second), file);
    const read = async (gateway: Gateway): Promise<string> => (await openaiAt(gateway).files.content(batch.output_file_id!)).text();
    const before = await read(second);
    await second.close();
    const third = await start();
    assert.equal((await openaiAt(third).batches.retrieve(batch.id)).status, 'completed');
    assert.equal(await read(third), before);
    const results = (await third.records(2)).filter(({ flags }) => flags.includes('batch_result'));
    assert.equal(results.length, 2);
    assert.equal(
      results.reduce((sum, { cost }) => sum + BigInt(cost.total!), 0n),
      emulator.bill().totals.costNanoUsd,
    );
  });

  test('a batch that runs has no results yet, and then ends', async (t) => {
    const { start } = await restartable(t, 300);
    const gateway = await start();
    const client = openaiAt(gateway);
    const batch = await made(client, await uploaded(client, ['a']));
    assert.deepEqual([batch.status, batch.output_file_id], ['in_progress', null]);
    await assert.rejects(client.files.content(`file-mdc-output-${batch.id.slice('batch_mdc_'.length)}`), OpenAI.NotFoundError);
    await until(async () => (await client.batches.retrieve(batch.id)).status === 'completed', 'the end of the batch');
  });

  test('an OpenAI client cancels a batch of Anthropic’s', async (t) => {
    const { start } = await restartable(t, 60_000);
    const client = openaiAt(await start());
    const { id } = await made(client, await uploaded(client, ['a', 'b']));
    const batch = await client.batches.cancel(id);
    assert.deepEqual(
      [batch.status, batch.request_counts, batch.output_file_id, batch.error_file_id],
      ['cancelled', { total: 2, completed: 0, failed: 2 }, null, null],
    );
  });

  test('an Anthropic client cancels a batch of OpenAI’s, is told of each request, and deletes it', async (t) => {
    const { start } = await restartable(t, 60_000);
    const client = anthropicAt(await start());
    const requests = ['a', 'b'].map((custom_id) => ({ custom_id, params: ask(gpt, { max_tokens: 10 }) }));
    const { id, processing_status: status } = await client.messages.batches.create({ requests: requests as never });
    assert.equal(status, 'in_progress');
    const batch = await client.messages.batches.cancel(id);
    assert.deepEqual([batch.processing_status, batch.request_counts.canceled], ['ended', 2]);
    const results = await Array.fromAsync(await client.messages.batches.results(id));
    assert.deepEqual(
      results.map(({ custom_id, result }) => [custom_id, result.type]),
      [
        ['a', 'canceled'],
        ['b', 'canceled'],
      ],
    );
    assert.equal((await client.messages.batches.delete(id)).type, 'message_batch_deleted');
    await assert.rejects(client.messages.batches.retrieve(id), Anthropic.NotFoundError);
  });

  test('what the provider refuses is refused in the client’s own shape, and nothing is kept', async (t) => {
    const server = createServer((_, response) => {
      response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '7' });
      response.end('{"error":{"message":"too many batches","type":"requests","code":"rate_limit_exceeded"}}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    t.after(() => server.close());
    const gateway = await startGateway(t, { providers: vendorsAt(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, {}) });
    const requests = [{ custom_id: 'a', params: ask(gpt, { max_tokens: 10 }) }];
    await assert.rejects(
      anthropicAt(gateway).messages.batches.create({ requests: requests as never }),
      (error: unknown) =>
        error instanceof Anthropic.RateLimitError && error.headers.get('retry-after') === '7' && /too many batches/.test(error.message),
    );
  });
});
