import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createEmulator } from '../src/emulator/emulator.ts';
import { filled, startGateway, type ProviderSpec } from './harness.ts';

type Form = readonly [name: string, base: string, cloud: NonNullable<ProviderSpec['cloud']>, path: string];
const forms: readonly Form[] = [
  ['v1 paths', '/openai/v1', { hosting: 'cloud', auth: 'azure-key' }, '/openai/v1/chat/completions'],
  [
    'paths of deployments',
    '/openai',
    { hosting: 'cloud', auth: 'azure-key', paths: 'azure-deployments', apiVersion: '2024-10-21' },
    '/openai/deployments/mine/chat/completions?api-version=2024-10-21',
  ],
];

for (const [name, base, cloud, path] of forms)
  test(`Azure OpenAI by ${name}: the key in its header, the price by the model that the reply names`, async (t) => {
    const emulator = createEmulator({ aliases: { mine: 'gpt-5-mini' } });
    const arrived: (readonly (string | undefined)[])[] = [];
    emulator.server.prependListener('request', ({ url, headers }) => {
      arrived.push([url, headers['api-key']?.toString(), headers.authorization]);
    });
    const { url } = await emulator.listen();
    t.after(() => emulator.close());
    const provider = { name: 'azure', protocol: 'openai', baseUrl: `${url}${base}`, apiKey: 'of-azure', prices: 'azure', cloud } as const;
    const gateway = await startGateway(t, { providers: [provider] });
    for (const stream of [false, true]) {
      const body = { model: 'azure/mine', stream, messages: [{ role: 'user', content: 'Hello' }] };
      const reply = await fetch(`${gateway.url}/v1/chat/completions`, { method: 'POST', body: JSON.stringify(body) });
      assert.deepEqual([reply.status, (await reply.text()).includes('"model":"gpt-5-mini"')], [200, true]);
    }
    const records = await gateway.records(2);
    const { calls } = emulator.bill();
    assert.deepEqual(arrived, [
      [path, 'of-azure', undefined],
      [path, 'of-azure', undefined],
    ]);
    for (const [at, record] of records.entries()) {
      const bill = calls[at]!;
      assert.deepEqual(
        [record.attempts[0]!.requestModel, record.model, record.hosting, record.cost.status],
        ['mine', 'gpt-5-mini', 'cloud', 'exact'],
        'the deployment is not the model',
      );
      assert.deepEqual([filled(record.buckets), record.cost.total], [filled(bill.buckets), Number(bill.costNanoUsd)]);
    }
  });
