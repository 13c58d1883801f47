import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCatalog, modelNameLimit } from './catalog.ts';
import type { PriceOverride } from './overrides.ts';

const catalog = createCatalog();
const day = (text: string): number => Date.parse(text);
const now = day('2026-11-25T12:00:00Z');

/** USD per million tokens of fresh input and of output. */
function rates(provider: string, model: string, at = now, from = catalog): readonly [number, number] | undefined {
  const base = from.find(provider, model, at)?.tiers[0]?.rates;
  return base && [(base.input?.pico ?? Number.NaN) / 1e6, (base.output?.pico ?? Number.NaN) / 1e6];
}

describe('find', () => {
  const names: readonly (readonly [provider: string, model: string, row: string | undefined])[] = [
    ['openai', 'gpt-5-2025-08-07', 'gpt-5'],
    ['openai', 'GPT-5', 'gpt-5'],
    ['anthropic', 'claude-opus-5-5-20261007', 'claude-opus-5-5'],
    ['anthropic', 'claude-sonnet-5-20260630', 'claude-sonnet-5'],
    ['google', 'models/gemini-2.5-pro', 'gemini-2.5-pro'],
    ['google', 'publishers/google/models/gemini-2.5-pro', 'gemini-2.5-pro'],
    ['x-ai', 'grok-4', 'grok-4-0709'],
    ['xai', 'grok-4', 'grok-4-0709'],
    ['openrouter', 'anthropic/claude-sonnet-5', 'anthropic/claude-sonnet-5'],
    ['openai', 'a-model-nobody-knows', undefined],
    ['a-provider-nobody-knows', 'gpt-5', undefined],
    ['openai', 'constructor', undefined],
    ['__proto__', 'gpt-5', undefined],
    ['openai', '', undefined],
  ];
  for (const [provider, model, row] of names)
    test(`${provider} ${JSON.stringify(model)} -> ${row ?? 'unknown'}`, () => assert.equal(catalog.find(provider, model, now)?.model, row));

  test('a model of another vendor at a provider that hosts it is priced by the vendor’s row', () => {
    assert.deepEqual(rates('google', 'claude-opus-5-5'), [4, 20]);
    assert.equal(catalog.find('google', 'claude-opus-5-5', now)?.provider, 'google');
  });

  test('rows of our own go before rows of the base that would also match', () => {
    assert.equal(catalog.find('anthropic', 'claude-sonnet-5-5', now)?.model, 'claude-sonnet-5-5');
    assert.equal(catalog.find('anthropic', 'claude-sonnet-5-5', now)?.tiers[0]?.rates.cacheRead?.pico, 100_000);
    assert.equal(catalog.find('anthropic', 'claude-haiku-5-5', now)?.confidence, 'third-party');
  });

  test('a name at the limit of length is looked at, a longer one is not', () => {
    const name = `claude-sonnet-5-${'x'.repeat(modelNameLimit - 'claude-sonnet-5-'.length)}`;
    assert.equal(name.length, modelNameLimit);
    assert.equal(catalog.find('anthropic', name, now)?.model, 'claude-sonnet-5');
    assert.equal(catalog.find('anthropic', `${name}x`, now), undefined);
    assert.equal(catalog.vendorOf(name), 'anthropic');
    assert.equal(catalog.vendorOf(`${name}x`), undefined);
    assert.deepEqual(catalog.limits('anthropic', `${name}x`), {});
  });

  test('asking again gives the same card', () =>
    assert.equal(catalog.find('openai', 'gpt-5', now), catalog.find('openai', 'gpt-5', now + 1)));
});

describe('prices change at 00:00 UTC of their date', () => {
  const changes: readonly (readonly [
    provider: string,
    model: string,
    date: string,
    before: readonly [number, number],
    after: readonly [number, number],
  ])[] = [
    ['openai', 'gpt-5.6-sol', '2026-08-21', [5, 30], [4, 20]],
    ['openai', 'gpt-5.6-luna', '2026-07-30', [1, 6], [0.2, 1.2]],
    ['google', 'gemini-3.8-flash', '2027-01-01', [0.75, 3.75], [1.5, 7.5]],
    ['openai', 'o3', '2025-06-10', [10, 40], [2, 8]],
  ];
  for (const [provider, model, date, before, after] of changes)
    test(`${model}, ${date}`, () => {
      const midnight = day(`${date}T00:00:00Z`);
      assert.deepEqual(rates(provider, model, midnight - 1), before);
      assert.deepEqual(rates(provider, model, midnight), after);
      assert.equal(catalog.find(provider, model, midnight)?.from, date);
    });
});

describe('prices by the time of day, UTC', () => {
  const times: readonly (readonly [model: string, time: string, input: number])[] = [
    ['deepseek-v4-flash', '00:59:59.999', 0.22],
    ['deepseek-v4-flash', '01:00:00', 0.44],
    ['deepseek-v4-flash', '03:59:59.999', 0.44],
    ['deepseek-v4-flash', '04:00:00', 0.22],
    ['deepseek-v4-flash', '06:00:00', 0.44],
    ['deepseek-v4-flash', '10:00:00', 0.22],
    ['deepseek-reasoner', '00:29:59.999', 0.135],
    ['deepseek-reasoner', '00:30:00', 0.55],
    ['deepseek-reasoner', '16:30:00', 0.135],
  ];
  for (const [model, time, input] of times)
    test(`${model} at ${time}`, () => assert.equal(rates('deepseek', model, day(`2026-11-25T${time}Z`))?.[0], input));

  test('before 1970 too', () => assert.equal(rates('deepseek', 'deepseek-reasoner', day('1969-12-31T23:00:00Z'))?.[0], 0.135));
});

describe('prices of the user', () => {
  const withOverrides = (...overrides: readonly PriceOverride[]) => createCatalog({ overrides });

  test('win over the catalog, whole: a rate left out is not taken from it', () => {
    const own = withOverrides({ model: 'gpt-5', prices: { input: '1.25', output: 7 } });
    const card = own.find('openai', 'gpt-5', now);
    assert.deepEqual(rates('openai', 'gpt-5', now, own), [1.25, 7]);
    assert.deepEqual(card?.tiers[0]?.rates.cacheRead, { pico: 1_250_000, of: 'input', flag: 'cache_read_rate_fallback' });
    assert.equal(card?.confidence, 'user');
    assert.match(card?.priceVersion ?? '', /^override\+[0-9a-f]{8}$/);
  });

  test('0 is a price', () =>
    assert.deepEqual(rates('ollama', 'qwen3:8b', now, withOverrides({ model: 'qwen3:8b', prices: { input: 0, output: 0 } })), [0, 0]));

  test('hold for dated releases of the name, and a full name goes before it', () => {
    const own = withOverrides({ model: 'gpt-5', prices: { input: 1 } }, { model: 'gpt-5-2025-08-07', prices: { input: 3 } });
    assert.equal(rates('openai', 'gpt-5-2025-10-01', now, own)?.[0], 1);
    assert.equal(rates('openai', 'GPT-5-20251001', now, own)?.[0], 1);
    assert.equal(rates('openai', 'gpt-5@20251001', now, own)?.[0], 1);
    assert.equal(rates('openai', 'gpt-5-latest', now, own)?.[0], 1);
    assert.equal(rates('openai', 'gpt-5-2025-08-07', now, own)?.[0], 3);
    assert.equal(rates('openai', 'gpt-5-mini', now, own)?.[0], 0.25);
  });

  test('hold from their date on; before it the catalog does', () => {
    const own = withOverrides(
      { model: 'gpt-5', prices: { input: 3 }, from: '2026-09-01' },
      { model: 'gpt-5', prices: { input: 2 }, from: '2026-06-01' },
    );
    assert.equal(rates('openai', 'gpt-5', day('2026-06-01') - 1, own)?.[0], 1.25);
    assert.equal(rates('openai', 'gpt-5', day('2026-06-01'), own)?.[0], 2);
    assert.equal(rates('openai', 'gpt-5', day('2026-09-01'), own)?.[0], 3);
    assert.equal(own.find('openai', 'gpt-5', now)?.from, '2026-09-01');
  });

  test('of one provider only, where they name it; before those of any provider', () => {
    const own = withOverrides({ model: 'm', provider: 'vllm', prices: { input: 1 } }, { model: 'm', prices: { input: 2 } });
    assert.equal(rates('vllm', 'm', now, own)?.[0], 1);
    assert.equal(rates('other', 'm', now, own)?.[0], 2);
  });

  test('a provider may go by a name of the user, and by other names of the catalog', () => {
    const overrides = [
      { model: 'gpt-5', provider: 'corp', prices: { input: 1 } },
      { model: 'grok-4', provider: 'xai', prices: { input: 2 } },
    ];
    const own = createCatalog({ overrides, aliases: { corp: 'openai' } });
    assert.equal(rates('corp', 'gpt-5', now, own)?.[0], 1);
    assert.equal(rates('openai', 'gpt-5', now, own)?.[0], 1.25);
    assert.deepEqual(rates('corp', 'gpt-5-mini', now, own), [0.25, 2]);
    assert.equal(rates('x-ai', 'grok-4', now, own)?.[0], 2);
  });

  const wrong: readonly (readonly [name: string, override: PriceOverride, message: RegExp])[] = [
    ['a negative number', { model: 'm', prices: { input: -1 } }, /price of m, input: not a price: -1/],
    ['no number', { model: 'm', prices: { output: 'ten' } }, /price of m, output: not a decimal number/],
    ['infinity', { model: 'm', prices: { output: Infinity } }, /not a price/],
    ['an unknown bucket', { model: 'm', prices: { ouput: 1 } as PriceOverride['prices'] }, /there is no bucket ouput/],
    ['a date that is none', { model: 'm', prices: { input: 1 }, from: 'yesterday' }, /`from` is no ISO date: yesterday/],
    ['a day that is none', { model: 'm', prices: { input: 1 }, from: '2026-13-01' }, /no ISO date/],
  ];
  for (const [name, override, message] of wrong)
    test(`${name} is refused, by name`, () => assert.throws(() => withOverrides(override), { name: 'RangeError', message }));
});

describe('vendorOf', () => {
  const vendors: readonly (readonly [model: string, vendor: string | undefined])[] = [
    ['claude-opus-5-5', 'anthropic'],
    ['Claude-3-5-Sonnet', 'anthropic'],
    ['gpt-6-astra', 'openai'],
    ['chatgpt-4o-latest', 'openai'],
    ['o3', 'openai'],
    ['o4-mini-2025-04-16', 'openai'],
    ['text-embedding-3-small', 'openai'],
    ['ft:gpt-4o-mini:org::id', 'openai'],
    ['text-embedding-004', 'google'],
    ['gemini-2.5-flash', 'google'],
    ['models/gemini-2.5-flash', 'google'],
    ['mistral-small-latest', 'mistral'],
    ['codestral-2508', 'mistral'],
    ['deepseek-chat', 'deepseek'],
    ['grok-4', 'x-ai'],
    ['command-r', 'cohere'],
    ['voyage-3', 'voyageai'],
    ['sonar-pro', 'perplexity'],
    ['kimi-k2', 'moonshotai'],
    ['glm-4.6', 'zhipuai'],
    ['llama3:8b', undefined],
    ['mistral:7b', undefined],
    ['gpt-oss:20b', undefined],
    ['gpt-oss-120b', undefined],
    ['deepseek-r1-distill-llama-70b', undefined],
    ['anthropic/claude-opus-5', undefined],
    ['us.anthropic.claude-opus-4-1-20250805-v1:0', undefined],
    ['my-claude-clone', undefined],
    ['', undefined],
  ];
  for (const [model, vendor] of vendors)
    test(`${JSON.stringify(model)} -> ${vendor ?? 'none'}`, () => assert.equal(catalog.vendorOf(model), vendor));
});

describe('providers', () => {
  const urls: readonly (readonly [url: string, provider: string | undefined])[] = [
    ['https://api.openai.com/v1', 'openai'],
    ['https://api.anthropic.com', 'anthropic'],
    ['https://generativelanguage.googleapis.com', 'google'],
    ['https://us-central1-aiplatform.googleapis.com', 'google'],
    ['https://corp.openai.azure.com/openai', 'azure'],
    ['https://openrouter.ai/api/v1', 'openrouter'],
    ['https://api.x.ai/v1', 'x-ai'],
    ['https://bedrock-runtime.us-east-1.amazonaws.com', 'aws'],
    ['http://127.0.0.1:11434', undefined],
    ['https://proxy.example/https://api.openai.com', undefined],
  ];
  for (const [url, provider] of urls) test(`${url} -> ${provider ?? 'none'}`, () => assert.equal(catalog.providerAt(url), provider));

  test('are listed with their hosts', () => {
    const openai = catalog.providers().find(({ id }) => id === 'openai');
    assert.deepEqual(openai, { id: 'openai', name: 'OpenAI', hosts: [String.raw`https://api\.openai\.com`] });
  });
});

describe('models', () => {
  test('of one provider, with limits and the prices of the day', () => {
    const sol = catalog.models('openai', now).find(({ id }) => id === 'gpt-5.6-sol');
    assert.equal(sol?.contextTokens, 1_050_000);
    assert.equal(sol?.card.tiers[0]?.rates.input?.pico, 4_000_000);
    assert.equal(
      catalog.models('openai', day('2026-08-20')).find(({ id }) => id === 'gpt-5.6-sol')?.card.tiers[0]?.rates.input?.pico,
      5_000_000,
    );
    assert.ok(catalog.models('openai', now).every(({ provider }) => provider === 'openai'));
  });

  test('include ours, and every id of a direct vendor finds its own row', () => {
    const ids = catalog.models('anthropic', now).map(({ id }) => id);
    assert.ok(ids.includes('claude-haiku-5-5'));
    assert.deepEqual(
      ids.filter((id) => catalog.find('anthropic', id, now)?.model !== id),
      [],
    );
  });

  test('show the user’s prices in their row, and models only the user has at the end', () => {
    const overrides = [
      { model: 'gpt-5', prices: { input: 9 } },
      { model: 'qwen3:8b', provider: 'local', prices: { input: 0 }, from: '2026-01-01' },
      { model: 'qwen3:8b', provider: 'local', prices: { input: 1 } },
      { model: 'gpt-5', provider: 'corp', prices: { input: 8 } },
    ];
    const own = createCatalog({ overrides, aliases: { corp: 'openai' } });
    const list = own.models(undefined, now);
    assert.equal(list.find(({ provider, id }) => provider === 'openai' && id === 'gpt-5')?.card.tiers[0]?.rates.input?.pico, 9_000_000);
    assert.deepEqual(
      list.slice(-2).map(({ provider, id, card }) => [provider, id, card.tiers[0]?.rates.input?.pico]),
      [
        ['corp', 'gpt-5', 8_000_000],
        ['local', 'qwen3:8b', 0],
      ],
    );
    assert.deepEqual(
      own.models('local', now).map(({ id }) => id),
      ['qwen3:8b'],
    );
  });

  test('of nobody are none', () => assert.deepEqual(catalog.models('nobody'), []));
});

describe('limits', () => {
  const minima: readonly (readonly [provider: string, model: string, tokens: number | undefined])[] = [
    ['anthropic', 'claude-opus-5', 2048],
    ['anthropic', 'claude-fable-5', 2048],
    ['anthropic', 'claude-sonnet-5', 1024],
    ['anthropic', 'claude-opus-4-8', 4096],
    ['anthropic', 'claude-sonnet-4-6', 2048],
    ['anthropic', 'claude-sonnet-4-5', 1024],
    ['anthropic', 'claude-haiku-4-5-20251001', 4096],
    ['anthropic', 'claude-opus-5-5', undefined],
    ['openai', 'gpt-5.6-sol', 1024],
    ['google', 'gemini-2.5-pro', 2048],
    ['google', 'gemini-3.8-flash', 4096],
    ['nobody', 'm', undefined],
  ];
  for (const [provider, model, tokens] of minima)
    test(`the shortest prefix ${model} caches: ${tokens ?? 'not known'}`, () =>
      assert.equal(catalog.limits(provider, model).cachePrefixTokens, tokens));

  test('the first matching row counts, field by field', () => {
    assert.deepEqual(catalog.limits('anthropic', 'Claude-Opus-5-5'), {
      cacheTtlSeconds: [300, 3600],
    });
  });
});

test('the version names the base release, its content and our own rows', () => {
  assert.match(catalog.version, /^genai-prices-\d+\.\d+\.\d+\+[0-9a-f]{8}\.[0-9a-f]{8}$/);
  assert.match(catalog.asOf, /^20\d\d-\d\d-\d\d$/);
  assert.equal(catalog.find('openai', 'gpt-5', now)?.priceVersion, catalog.version);
});
