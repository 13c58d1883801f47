import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDir } from '../ledger/fixtures.ts';
import { textWidth } from './table.ts';
import { ran } from './testing.ts';

const undated = (out: string): string => out.replace(/as of \d{4}-\d\d-\d\d/g, 'as of DATE').replace(/genai-prices-\S+/, 'VERSION');

test('one model: rates by context tier, modifiers, limits, source', async () => {
  const { code, out } = await ran(['prices', 'gemini-2.5-pro', '--at', '2026-11-25']);
  assert.equal(code, 0);
  assert.equal(
    undated(out).split('Also at')[0],
    `gemini-2.5-pro at google, USD

bucket     price  input above 200,000  per
input       1.25                  2.5  million tokens
cacheRead  0.125                 0.25  million tokens
output        10                   15  million tokens

The reply may change it:
  serviceTier batch: times 1/2, except cacheRead, cacheReadAudio, cacheReadImage, cacheReadVideo
  serviceTier flex: times 1/2
  serviceTier on_demand_flex: times 1/2

Limits:
  prompt cache from 2,048 tokens on

In force from  not told by the source
Source         @pydantic/genai-prices (of a third party), prices as of DATE
Version        VERSION
`,
  );
});

test('one model as JSON: exact decimals', async () => {
  const { out } = await ran(['prices', 'gpt-4o', '--json']);
  const { provider, model, rates } = JSON.parse(out) as { provider: string; model: string; rates: { bucket: string; usd: string }[] };
  assert.deepEqual([provider, model], ['openai', 'gpt-4o']);
  assert.deepEqual(rates.find(({ bucket }) => bucket === 'cacheRead')?.usd, '1.25');
});

for (const [word, provider] of [
  ['claude-sonnet-4-5', 'anthropic'],
  ['openai/gpt-4o', 'openai'],
  ['GPT-4o', 'openai'],
] as const) {
  test(`${word} is found at ${provider}`, async () => {
    const { code, out } = await ran(['prices', word, '--json']);
    assert.deepEqual([code, (JSON.parse(out) as { provider: string }).provider], [0, provider]);
  });
}

test('a part of a name lists the models that hold it', async () => {
  const { code, out } = await ran(['prices', 'gemini-2.5'], { columns: 80 });
  assert.equal(code, 0);
  assert.match(out, /^Google \(google\)\nmodel +input +cached +written +output/);
  assert.match(out, /^gemini-2\.5-flash-lite /m);
  assert.doesNotMatch(out, /gpt-/);
});

test('no word: the vendors’ models, within the width', async () => {
  for (const columns of [80, 100]) {
    const { out } = await ran(['prices'], { columns });
    for (const vendor of ['openai', 'anthropic', 'google', 'mistral']) assert.ok(out.includes(`(${vendor})`), vendor);
    assert.equal(out.includes('(openrouter)'), false);
    for (const line of out.split('\n')) assert.ok(textWidth(line) <= columns, line);
  }
});

test('a provider that sells on has its own list', async () => {
  assert.match((await ran(['prices', '--provider', 'groq'])).out, /^Groq \(groq\)/);
});

test('an unknown model: exit 1, the like of it, and how to set a price', async () => {
  const { code, out, err } = await ran(['prices', 'claude-sonet-4-5']);
  assert.deepEqual([code, out], [1, '']);
  assert.match(err, /no price is known for "claude-sonet-4-5"; did you mean claude-sonnet-4-5\?/);
  assert.match(err, /models: \{ "claude-sonet-4-5": \{ provider: NAME, prices: /);
});

test('an unknown provider: exit 1, and the like of it', async () => {
  const { code, err } = await ran(['prices', '--provider', 'antropic']);
  assert.deepEqual([code, err.includes('did you mean anthropic?')], [1, true]);
});

test('a name of any length is answered', async () => {
  assert.equal((await ran(['prices', 'x'.repeat(10_000)])).code, 1);
});

test('prices of the configuration are shown, and where they are from', async (context) => {
  const cwd = temporaryDir(context);
  writeFileSync(
    join(cwd, 'modicum.yaml'),
    'providers:\n  relay: { protocol: openai, baseUrl: "https://relay.example/v1" }\nmodels:\n  own-7b: { provider: relay, prices: { input: 0.5 } }\n',
  );
  const { code, out } = await ran(['prices', 'own-7b'], { cwd });
  assert.deepEqual([code, /set by you/.test(out), /^input +0\.5 /m.test(out)], [0, true, true]);
});
