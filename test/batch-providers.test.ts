import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import Anthropic from '@anthropic-ai/sdk';
import { GoogleGenAI } from '@google/genai';
import { startStand, startGateway, temporaryFolder, vendorsAt } from './harness.ts';

const request = (model: string, at = 0) => ({
  custom_id: `r${at}`,
  params: { model, max_tokens: 50, messages: [{ role: 'user' as const, content: 'Hello' }] },
});

suite('which provider a batch goes to', () => {
  const options = {
    config: {
      models: { house: { provider: 'second', model: 'claude-haiku-4-5' }, flash: { provider: 'google', model: 'gemini-2.5-flash' } },
    },
    more: (url: string) => [{ name: 'second', protocol: 'anthropic' as const, baseUrl: url, apiKey: 'sk-second', prices: 'anthropic' }],
  };

  test('the one of its models, by their names there; later requests follow it', async (t) => {
    const stand = await startStand(t, options);
    const client = new Anthropic({ baseURL: stand.url, apiKey: 'sk-any', maxRetries: 0 });
    const { id } = await client.messages.batches.create({ requests: [request('house')] });
    const results = await Array.fromAsync(await client.messages.batches.results(id));
    assert.ok(results[0]?.result.type === 'succeeded');
    assert.equal(results[0].result.message.model, 'claude-haiku-4-5');
    assert.deepEqual(
      stand.seen.map(({ headers }) => headers['x-api-key']),
      ['sk-second', 'sk-second', 'sk-second'],
    );
    const [, result] = await stand.records(2);
    assert.deepEqual([result!.provider, result!.requestModel], ['second', 'claude-haiku-4-5']);
  });

  test("Google's path takes the model's name there", async (t) => {
    const stand = await startStand(t, options);
    const client = new GoogleGenAI({ apiKey: 'any', httpOptions: { baseUrl: stand.url } });
    await client.batches.create({ model: 'flash', src: [{ contents: [{ role: 'user', parts: [{ text: 'Hello' }] }] }] });
    assert.equal(stand.seen[0]!.url, '/v1/models/gemini-2.5-flash:batchGenerateContent');
  });

  test('requests for models of two providers, or of another family, are refused and recorded', async (t) => {
    const stand = await startStand(t, options);
    const client = new Anthropic({ baseURL: stand.url, apiKey: 'sk-any', maxRetries: 0 });
    const two = client.messages.batches.create({ requests: [request('house'), request('claude-sonnet-5-5', 1)] });
    await assert.rejects(two, /the requests of one batch go to one provider: \\"house\\" is at \\"second\\"/);
    await assert.rejects(
      client.messages.batches.create({ requests: [request('gemini-2.5-flash')] }),
      /batches of the anthropic API cannot/,
    );
    const named = client.messages.batches.create({ requests: [] }, { headers: { 'x-modicum-provider': 'nobody' } });
    await assert.rejects(named, /no provider \\"nobody\\" is configured/);
    const records = await stand.records(3);
    assert.deepEqual([stand.seen.length, records.map(({ status }) => status)], [0, [400, 400, 404]]);
  });
});

test('results read again after a restart stay one row', async (t) => {
  const stand = await startStand(t);
  const dataDir = await temporaryFolder(t);
  const providers = vendorsAt(stand.emulatorUrl, {});
  const body = JSON.stringify({ requests: [request('claude-sonnet-5-5'), request('claude-sonnet-5-5', 1)] });
  const made = await fetch(`${stand.emulatorUrl}/v1/messages/batches`, { method: 'POST', body });
  const { id } = (await made.json()) as { id: string };
  for (let life = 0; life < 2; life++) {
    const gateway = await startGateway(t, { dataDir, providers });
    await (await fetch(`${gateway.url}/v1/messages/batches/${id}/results`)).text();
    assert.equal((await gateway.records(2)).length, 2); // both lives have written two
    await gateway.close();
  }
});

test('a batch that takes its time has no results before it ends', async (t) => {
  let now = Date.now();
  const stand = await startStand(t, { emulator: { now: () => now, batchMs: 60_000 } });
  const client = new Anthropic({ baseURL: stand.url, apiKey: 'sk-any', maxRetries: 0 });
  const { id, processing_status } = await client.messages.batches.create({ requests: [request('claude-sonnet-5-5')] });
  assert.equal(processing_status, 'in_progress');
  await assert.rejects(client.messages.batches.results(id), /no batch `results_url`/i);
  now += 60_000;
  assert.equal((await Array.fromAsync(await client.messages.batches.results(id))).length, 1);
});
