import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryDir } from '../ledger/fixtures.ts';
import { textWidth } from './table.ts';
import { ran } from './testing.ts';

test('one model: limits, input, settings, prices, sources', async () => {
  const { code, out } = await ran(['models', 'gpt-4o']);
  assert.equal(code, 0);
  assert.equal(
    out,
    `gpt-4o at openai

Context          128,000 tokens
Output           16,384 tokens
Cached from      1,024 tokens
Cache lifetime   not known
Reads            text, image
Tools            yes
JSON Schema      yes
Effort           not known
Thinking budget  not known
Thinking off     not known
Refuses          reasoning.effort, reasoning.budget, reasoning.adaptive, reasoning.summary

Prices, USD:
bucket      price  per
input         2.5  million tokens
cacheRead    1.25  million tokens
output         10  million tokens
webSearch      10  thousand uses
fileSearch    2.5  thousand uses

Sources:
  @ai-sdk/openai 4.0.118 model table: no reasoning (2026-11-25)
  OpenAI, from memory of the model pages (2026-11-25)
  @ai-sdk/openai 4.0.118 model table (2026-11-25)

Not verified, and no call is changed for it: maxOutputTokens
`,
  );
});

test('a model known by what it takes alone: its prices are not known', async () => {
  const { code, out } = await ran(['models', 'gemini-4-hydrogen']);
  assert.deepEqual([code, /^Effort +low, medium, high, xhigh$/m.test(out), /Prices, USD:\nnot known\n/.test(out)], [0, true, true]);
});

test('one model as JSON', async () => {
  const { out } = await ran(['models', 'claude-opus-5-5', '--json']);
  const { provider, capabilities, rates } = JSON.parse(out) as {
    provider: string;
    capabilities: { forcedTools: boolean; refuses: string[] };
    rates: { bucket: string; usd: string }[];
  };
  assert.deepEqual(
    [provider, capabilities.forcedTools, capabilities.refuses, rates[0]?.bucket],
    ['anthropic', false, ['temperature', 'top_p', 'top_k'], 'input'],
  );
});

test('the list, and of one provider, within the width', async () => {
  for (const argv of [['models'], ['models', '--provider', 'google'], ['models', 'gemini-3']]) {
    const { code, out } = await ran(argv, { columns: 80 });
    assert.equal(code, 0);
    assert.match(out, /^gemini-3\.8-flash +1\.00M/m);
    for (const line of out.split('\n')) assert.ok(textWidth(line) <= 80, line);
  }
});

test('the list as JSON', async () => {
  const { models } = JSON.parse((await ran(['models', '--provider', 'anthropic', '--json'])).out) as { models: { provider: string }[] };
  assert.ok(models.length > 10 && models.every(({ provider }) => provider === 'anthropic'));
});

test('an unknown model or provider: exit 1, and the like of it', async () => {
  const model = await ran(['models', 'claude-sonet-4-5']);
  assert.deepEqual(
    [model.code, /nothing is known of the model "claude-sonet-4-5"; did you mean claude-sonnet-4-5/.test(model.err)],
    [1, true],
  );
  const provider = await ran(['models', '--provider', 'antropic']);
  assert.deepEqual([provider.code, provider.err.includes('did you mean anthropic?')], [1, true]);
  assert.equal((await ran(['models', 'x'.repeat(10_000)])).code, 1);
});

test('what the configuration says is shown, and that it does', async (context) => {
  const cwd = temporaryDir(context);
  const model = '{ provider: relay, limits: { maxOutputTokens: 4000 }, capabilities: { input: [text, audio] }, prices: { input: 1 } }';
  writeFileSync(
    join(cwd, 'modicum.yaml'),
    `providers:\n  relay: { protocol: openai, baseUrl: "https://relay.example/v1" }\nmodels:\n  own-7b: ${model}\n`,
  );
  const { code, out } = await ran(['models', 'own-7b', '--provider', 'relay'], { cwd });
  assert.equal(code, 0);
  assert.match(out, /^Output +4,000 tokens\n(.*\n)+Reads +text, audio\n(.*\n)+ {2}your configuration\n/m);
});
