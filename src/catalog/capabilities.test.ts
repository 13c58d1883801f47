import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { knobs } from '../core/canonical/knob.ts';
import { efforts } from '../core/canonical/reasoning.ts';
import { capabilityFinder, modalities, verified, type ModelCapabilities } from './capabilities.ts';
import { createCatalog, memoLimit, modelNameLimit } from './catalog.ts';
import { loadCapabilities, type CapabilityRow } from './data.ts';
import { matcherOf } from './match.ts';

const catalog = createCatalog();
const sampling = ['temperature', 'top_p', 'top_k'];

describe('what models take', () => {
  const rules: readonly [provider: string, model: string, Partial<ModelCapabilities>][] = [
    ['anthropic', 'claude-opus-5-5', { refuses: sampling as never, forcedTools: false, thinkingOff: false, thinkingBudget: false }],
    ['anthropic', 'claude-opus-5-5', { contextTokens: 1_000_000, maxOutputTokens: 128_000, effortDefault: 'medium' }],
    ['anthropic', 'claude-sonnet-5-5-20261001', { refuses: sampling as never, forcedTools: false, thinkingOff: false }],
    ['anthropic', 'claude-haiku-5.5', { refuses: sampling as never, forcedTools: true, thinkingOff: true, effortDefault: 'medium' }],
    ['anthropic', 'claude-fable-5', { forcedTools: true, thinkingOff: false }],
    ['anthropic', 'claude-fable-5-1', { forcedTools: false, thinkingOff: false }],
    ['anthropic', 'claude-opus-4-7', { thinkingBudget: false, thinkingOff: true, refuses: sampling as never }],
    ['anthropic', 'claude-opus-4-6', { efforts: ['low', 'medium', 'high', 'max'], refuses: undefined, thinkingBudget: undefined }],
    ['anthropic', 'claude-sonnet-4-5', { maxOutputTokens: 64_000, adaptiveThinking: false, refuses: undefined }],
    ['anthropic', 'claude-opus-4-1', { maxOutputTokens: 32_000, structuredOutputs: true }],
    ['anthropic', 'claude-opus-4-20250514', { maxOutputTokens: 32_000, structuredOutputs: false }],
    ['openai', 'gpt-5-mini', { efforts: ['minimal', 'low', 'medium', 'high'], thinkingOff: false }],
    ['openai', 'gpt-5.1', { efforts: ['none', 'low', 'medium', 'high'], refusesThinking: ['temperature', 'top_p', 'logprobs'] }],
    ['openai', 'gpt-5.4-2026-03-05', { efforts: ['none', 'low', 'medium', 'high', 'xhigh'] }],
    ['azure', 'gpt-5.6-sol', { efforts: ['none', 'low', 'medium', 'high', 'xhigh', 'max'] }],
    ['openai', 'gpt-6-astra', { efforts: ['low', 'medium', 'high', 'xhigh', 'max'], thinkingOff: false }],
    ['openai', 'gpt-6-sol', { thinkingOff: true, refuses: ['frequency_penalty', 'presence_penalty', 'logit_bias'] }],
    ['google', 'models/gemini-3.5-flash', { thinkingBudget: false, efforts: ['minimal', 'low', 'medium', 'high'] }],
    ['google', 'gemini-3.8-flash', { thinkingBudget: false, efforts: ['low', 'medium', 'high'], thinkingOff: false }],
    ['google', 'gemini-4-hydrogen', { efforts: ['low', 'medium', 'high', 'xhigh'] }],
    ['google', 'gemini-2.5-pro', { thinkingBudget: true, thinkingOff: false, maxOutputTokens: 65_536 }],
    ['google', 'gemini-2.5-flash', { thinkingBudget: true, thinkingOff: true, efforts: undefined }],
  ];
  for (const [provider, model, expected] of rules)
    test(`${model} at ${provider}: ${Object.keys(expected).join(', ')}`, () => {
      const known = catalog.capabilities(provider, model);
      for (const [name, value] of Object.entries(expected)) assert.deepEqual(known[name as keyof ModelCapabilities], value, name);
    });

  test('what is partly from memory is shown, and changes no call', () => {
    const known = catalog.capabilities('anthropic', 'claude-opus-4-6');
    assert.deepEqual([known.efforts, verified(known).efforts], [['low', 'medium', 'high', 'max'], undefined]);
    for (const { source, confidence } of loadCapabilities().rows)
      if (source.includes('from memory')) assert.equal(confidence, 'unverified', source);
  });

  for (const [provider, model] of [
    ['nobody', 'claude-opus-5-5'],
    ['anthropic', 'mystery-1'],
    ['anthropic', 'x'.repeat(modelNameLimit + 1)],
  ] as const)
    test(`nothing is assumed of ${model.slice(0, 20)} at ${provider}`, () =>
      assert.deepEqual(catalog.capabilities(provider, model), { unverified: [], sources: [] }));

  test('are remembered', () => {
    assert.equal(catalog.capabilities('anthropic', 'claude-opus-5'), catalog.capabilities('anthropic', 'claude-opus-5'));
    for (let at = 0; at <= 2 * memoLimit; at++) catalog.capabilities('anthropic', `claude-opus-5-${at}x`);
    assert.equal(catalog.capabilities('anthropic', 'claude-opus-5').thinkingOff, true);
  });

  test("are the user's where the user says so, field by field, under the user's name of the provider", () => {
    const own = createCatalog({
      aliases: { mine: 'anthropic' },
      capabilities: [{ provider: 'mine', model: 'Claude-Opus-5-5', capabilities: { refuses: [], maxOutputTokens: 9 } }],
    });
    const { refuses, maxOutputTokens, forcedTools } = own.capabilities('mine', 'claude-opus-5-5');
    assert.deepEqual([refuses, maxOutputTokens, forcedTools], [[], 9, false]);
    assert.equal(own.capabilities('anthropic', 'claude-opus-5-5').maxOutputTokens, 128_000);
  });
});

describe('what nobody has verified', () => {
  const row: CapabilityRow = {
    providers: ['p'],
    models: { equals: 'm' },
    asOf: '2026-11-25',
    source: 'memory',
    confidence: 'unverified',
    tools: true,
    maxOutputTokens: 5,
  };
  const { maxOutputTokens: _, ...unlimited } = row;
  const find = capabilityFinder({ rows: [{ ...unlimited, tools: false, confidence: 'vendor', source: 'page' }, row] });

  test('is told apart, with its source', () => {
    const { tools, unverified, sources } = find('p', 'm');
    assert.deepEqual([tools, unverified, sources], [false, ['maxOutputTokens'], ['page (2026-11-25)', 'memory (2026-11-25)']]);
  });

  test('changes no call, unless the user says the same', () => {
    assert.deepEqual(verified(capabilityFinder({ rows: [row] })('p', 'm')), {});
    const known = catalog.capabilities('openai', 'gpt-4o');
    assert.deepEqual([known.maxOutputTokens, verified(known).maxOutputTokens], [16_384, undefined]);
    const own = createCatalog({ capabilities: [{ provider: 'openai', model: 'gpt-4o', capabilities: { maxOutputTokens: 16_384 } }] });
    assert.equal(verified(own.capabilities('openai', 'gpt-4o')).maxOutputTokens, 16_384);
  });
});

describe('the rows', () => {
  const words = {
    input: new Set<string>(modalities),
    efforts: new Set<string>(efforts),
    refuses: new Set<string>(knobs),
    refusesThinking: new Set<string>(knobs),
  };
  for (const row of loadCapabilities().rows)
    test(`${row.providers.join(', ')} ${JSON.stringify(row.models)}`, () => {
      assert.doesNotThrow(() => matcherOf(row.models));
      assert.match(row.asOf, /^20\d\d-\d\d-\d\d$/);
      assert.ok(row.source.length > 0 && ['vendor', 'third-party', 'unverified'].includes(row.confidence));
      for (const [field, known] of Object.entries(words) as [keyof typeof words, ReadonlySet<string>][])
        for (const word of row[field] ?? []) assert.ok(known.has(word), `${field}: ${word}`);
    });
});
