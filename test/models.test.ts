import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { sendJson } from './client.ts';
import { sharedStand } from './harness.ts';

const messages = [{ role: 'user', content: 'Hello' }];

suite('models under other names', () => {
  const shared = sharedStand({
    emulator: { aliases: { 'gpt-5-mini-latest': 'gpt-5-mini' } },
    config: {
      models: {
        small: { provider: 'openai', model: 'gpt-5-mini' },
        house: { provider: 'openai', model: 'gpt-5', prices: { input: '1', output: '2' } },
        thinker: { provider: 'anthropic', model: 'claude-opus-5-5' },
        flash: { provider: 'google', model: 'gemini-2.5-flash' },
      },
    },
    more: (url) => [{ name: 'lab', protocol: 'openai', baseUrl: `${url}/v1`, apiKey: 'sk-lab' }],
  });

  /** Asked for, sent to the provider, named by the reply, served by. */
  const named: readonly (readonly [asked: string, sent: string, told: string, provider: string])[] = [
    ['small', 'gpt-5-mini', 'gpt-5-mini', 'openai'],
    ['openai/gpt-5-mini', 'gpt-5-mini', 'gpt-5-mini', 'openai'],
    ['lab/gpt-5-mini', 'gpt-5-mini', 'gpt-5-mini', 'lab'],
    ['gpt-5-mini-latest', 'gpt-5-mini-latest', 'gpt-5-mini', 'openai'],
  ];
  for (const [asked, sent, told, provider] of named)
    test(`${asked}: sent as ${sent}, priced as ${told}`, async () => {
      const stand = shared();
      const known = (await stand.records(0)).length;
      const back = await sendJson(`${stand.url}/v1/chat/completions`, { model: asked, messages });
      assert.deepEqual([back.status, (back.json as { readonly model: string }).model], [200, told]);
      const record = (await stand.records(known + 1)).at(-1)!;
      assert.deepEqual(
        [record.requestModel, record.attempts[0]!.requestModel, record.model, record.provider],
        [asked, sent, told, provider],
      );
      assert.equal(record.cost.total, Number(stand.emulator.bill().calls.at(-1)!.costNanoUsd));
    });

  test('a price of the user replaces the list price', async () => {
    const stand = shared();
    const known = (await stand.records(0)).length;
    await sendJson(`${stand.url}/v1/chat/completions`, { model: 'house', messages });
    const { cost, buckets } = (await stand.records(known + 1)).at(-1)!;
    assert.equal(cost.total, buckets.input! * 1000 + buckets.output! * 2000);
    assert.equal(cost.status, 'exact');
  });

  test('names of models of the other families', async () => {
    const stand = shared();
    const known = (await stand.records(0)).length;
    await sendJson(`${stand.url}/v1/messages`, { model: 'thinker', max_tokens: 100, messages }, { 'anthropic-version': '2023-06-01' });
    await sendJson(`${stand.url}/v1beta/models/flash:generateContent`, { contents: [{ parts: [{ text: 'Hello' }] }] });
    const records = (await stand.records(known + 2)).slice(known);
    assert.deepEqual(
      records.map(({ requestModel, model }) => [requestModel, model]),
      [
        ['thinker', 'claude-opus-5-5'],
        ['flash', 'gemini-2.5-flash'],
      ],
    );
    assert.equal(stand.seen.at(-1)!.url, '/v1beta/models/gemini-2.5-flash:generateContent');
  });

  test('a model nobody has a price for: cost unknown, never 0, counted in the report', async () => {
    const stand = shared();
    const known = (await stand.records(0)).length;
    const back = await sendJson(`${stand.url}/v1/chat/completions`, { model: 'lab/home-made-7b', messages });
    assert.equal(back.status, 200);
    const { cost, usageSource, buckets } = (await stand.records(known + 1)).at(-1)!;
    assert.deepEqual([cost.total, cost.status, usageSource], [null, 'unpriced', 'provider']);
    assert.ok(buckets.input! > 0);
    const row = stand.report(['model']).rows.find(({ key }) => key === 'home-made-7b')!;
    assert.deepEqual([row.costUsd, row.unpricedCalls, row.calls], [null, 1, 1]);
  });
});
