import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Family } from '../core/api.ts';
import { newProvider } from './provider.ts';
import { createResolver, maxRememberedModels } from './resolve.ts';
import type { ModelConfig, ProviderConfig } from './schema.ts';

const openai = newProvider('openai', { protocol: 'openai', baseUrl: 'https://api.openai.com/v1' });
const anthropic = newProvider('anthropic', { protocol: 'anthropic', baseUrl: 'https://api.anthropic.com' });
const google = newProvider('google', { protocol: 'google', baseUrl: 'https://generativelanguage.googleapis.com' });
const claude = newProvider('claude-eu', { protocol: 'anthropic', baseUrl: 'https://eu.example' }, { pricesAt: () => 'anthropic' });
const reseller = newProvider('openrouter', {
  protocol: 'openai',
  baseUrl: 'https://openrouter.ai/api/v1',
  models: ['anthropic/claude-x', 'meta/*'],
});
const relay = newProvider('relay', { protocol: 'openai', baseUrl: 'https://relay.example/v1' });
const groq = newProvider('groq', { protocol: 'openai', baseUrl: 'https://api.groq.com/openai/v1' });
const local = newProvider('local', { protocol: 'openai', baseUrl: 'http://127.0.0.1:11434/v1', models: ['llama3', 'qwen3*'] });

const vendorOf = (model: string): string | undefined =>
  ({ 'gpt-5': 'openai', 'claude-x': 'anthropic', 'gemini-3': 'google', 'grok-4': 'x-ai' })[model];

const resolver = (providers: readonly ProviderConfig[], models: Record<string, ModelConfig> = {}) =>
  createResolver({ providers: Object.fromEntries(providers.map((provider) => [provider.name, provider])), models }, { vendorOf });

const answerOf = (providers: readonly ProviderConfig[], model: string, family: Family, models?: Record<string, ModelConfig>): string => {
  const resolution = resolver(providers, models)(model, family);
  return resolution.target ? `${resolution.target.provider.name}: ${resolution.target.model}` : resolution.reason;
};

interface Case {
  readonly name: string;
  readonly providers: readonly ProviderConfig[];
  readonly models?: Record<string, ModelConfig>;
  readonly asked: string;
  readonly family: Family;
  readonly goes: string;
}

const vendors = [openai, anthropic, google];
const cases: readonly Case[] = [
  {
    name: 'an entry wins over everything',
    providers: [...vendors, local],
    models: { 'gpt-5': { provider: 'local', model: 'llama3' } },
    asked: 'gpt-5',
    family: 'openai',
    goes: 'local: llama3',
  },
  {
    name: 'an entry is final: another family is an error',
    providers: vendors,
    models: { fast: { provider: 'anthropic', model: 'claude-x' } },
    asked: 'fast',
    family: 'openai',
    goes: 'model "fast" is served by the provider "anthropic", which speaks the anthropic API, not the openai API of this request: use /v1/messages',
  },
  {
    name: 'an entry for a provider that was not discovered',
    providers: vendors,
    models: { small: { provider: 'ollama', model: 'llama3' } },
    asked: 'small',
    family: 'openai',
    goes: 'model "small" is configured for the provider "ollama", which is not there',
  },
  { name: 'provider/model', providers: [...vendors, local], asked: 'local/llama3', family: 'openai', goes: 'local: llama3' },
  {
    name: 'only the first slash parts',
    providers: [...vendors, relay],
    asked: 'relay/org/model',
    family: 'openai',
    goes: 'relay: org/model',
  },
  {
    name: 'provider/model outside its list',
    providers: [...vendors, local],
    asked: 'local/phi',
    family: 'openai',
    goes: 'the provider "local" does not serve "phi": its `models` do not list it',
  },
  {
    name: 'a prefix of another family, listed as it stands by a reseller',
    providers: [...vendors, reseller],
    asked: 'anthropic/claude-x',
    family: 'openai',
    goes: 'openrouter: anthropic/claude-x',
  },
  {
    name: 'a prefix of another family',
    providers: vendors,
    asked: 'anthropic/claude-x',
    family: 'openai',
    goes: 'model "anthropic/claude-x" is served by the provider "anthropic", which speaks the anthropic API, not the openai API of this request: use /v1/messages',
  },
  { name: 'nothing behind the slash is no prefix', providers: vendors, asked: 'openai/', family: 'openai', goes: 'openai: openai/' },
  { name: 'the vendor by name', providers: [relay, ...vendors], asked: 'gpt-5', family: 'openai', goes: 'openai: gpt-5' },
  { name: 'the vendor of each family', providers: vendors, asked: 'claude-x', family: 'anthropic', goes: 'anthropic: claude-x' },
  { name: 'Google', providers: vendors, asked: 'gemini-3', family: 'google', goes: 'google: gemini-3' },
  { name: 'the vendor by prices', providers: [openai, claude], asked: 'claude-x', family: 'anthropic', goes: 'claude-eu: claude-x' },
  {
    name: 'a vendor is not asked for what is known as the model of another',
    providers: vendors,
    asked: 'claude-x',
    family: 'openai',
    goes: 'model "claude-x" is served by the provider "anthropic", which speaks the anthropic API, not the openai API of this request: use /v1/messages',
  },
  { name: 'a relay is', providers: [...vendors, relay], asked: 'claude-x', family: 'openai', goes: 'relay: claude-x' },
  {
    name: 'a reseller is, when the vendor is not there',
    providers: [openai, groq],
    asked: 'claude-x',
    family: 'openai',
    goes: 'groq: claude-x',
  },
  {
    name: 'a reseller is not, when the vendor is there',
    providers: [...vendors, groq],
    asked: 'claude-x',
    family: 'openai',
    goes: 'model "claude-x" is served by the provider "anthropic", which speaks the anthropic API, not the openai API of this request: use /v1/messages',
  },
  { name: 'a listed model', providers: [openai, local], asked: 'llama3', family: 'openai', goes: 'local: llama3' },
  { name: 'a listed beginning', providers: [openai, local], asked: 'qwen3:8b', family: 'openai', goes: 'local: qwen3:8b' },
  {
    name: 'an unknown model: the first of the family',
    providers: [local, openai, relay],
    asked: 'gpt-9',
    family: 'openai',
    goes: 'openai: gpt-9',
  },
  {
    name: 'a list is all that is served',
    providers: [local],
    asked: 'gpt-9',
    family: 'openai',
    goes: 'no provider is configured for model "gpt-9"; configured: local (openai)',
  },
  {
    name: 'a model listed by another family',
    providers: [anthropic, local],
    asked: 'llama3',
    family: 'google',
    goes: 'model "llama3" is served by the provider "local", which speaks the openai API, not the google API of this request: use /v1/chat/completions or /v1/responses',
  },
  {
    name: 'a known model of a vendor that is not there',
    providers: [openai],
    models: { a: { provider: 'openai', model: 'gpt-5' } },
    asked: 'grok-4',
    family: 'openai',
    goes: 'no provider is configured for model "grok-4"; configured: openai (openai); model names: a',
  },
  { name: 'no providers', providers: [], asked: 'x', family: 'openai', goes: 'no provider is configured for model "x"; configured: none' },
  {
    name: 'names of properties are no names',
    providers: [],
    asked: 'constructor/toString',
    family: 'openai',
    goes: 'no provider is configured for model "constructor/toString"; configured: none',
  },
];

describe('a model name finds its provider', () => {
  for (const { name, providers, models, asked, family, goes } of cases)
    test(name, () => assert.equal(answerOf(providers, asked, family, models), goes));
});

describe('a call that can be translated goes to a provider of another family where none of its own serves the model', () => {
  const crossing = (providers: readonly ProviderConfig[], model: string, family: Family, models?: Record<string, ModelConfig>): string => {
    const { target } = resolver(providers, models)(model, family, true);
    return target ? `${target.provider.name}: ${target.model}` : 'nowhere';
  };
  const rows: readonly (readonly [string, string, string])[] = [
    ['the vendor of the model', crossing(vendors, 'gpt-5', 'anthropic'), 'openai: gpt-5'],
    ['another provider with its prices', crossing([openai, claude], 'claude-x', 'google'), 'claude-eu: claude-x'],
    ['one that lists it', crossing([anthropic, local], 'llama3', 'anthropic'), 'local: llama3'],
    ['its own family first', crossing([openai, reseller], 'anthropic/claude-x', 'openai'), 'openrouter: anthropic/claude-x'],
    ['a relay of its own family before the vendor of another', crossing([relay, anthropic], 'claude-x', 'openai'), 'relay: claude-x'],
    ['by entry', crossing(vendors, 'fast', 'openai', { fast: { provider: 'anthropic', model: 'claude-x' } }), 'anthropic: claude-x'],
    ['by prefix', crossing(vendors, 'google/gemini-3', 'openai'), 'google: gemini-3'],
    ['never by prefix against its list', crossing([anthropic, local], 'local/gpt-5', 'anthropic'), 'nowhere'],
    ['never a vendor of its own models only', crossing([anthropic], 'gpt-5', 'openai'), 'nowhere'],
    ['a model nobody knows: the first that may', crossing([relay], 'unheard-of', 'anthropic'), 'relay: unheard-of'],
  ];
  for (const [name, goes, expected] of rows) test(name, () => assert.equal(goes, expected));
});

test('an error names twenty providers at most', () => {
  const many = Array.from({ length: 23 }, (_, index) =>
    newProvider(`p${index}`, { protocol: 'openai', baseUrl: 'https://a.example/v1', models: [] }),
  );
  assert.match(answerOf(many, 'x', 'openai'), /p19 \(openai\), 3 more$/);
});

test('answers are remembered, as many as may be', () => {
  let asked = 0;
  const resolve = createResolver(
    { providers: { openai }, models: {} },
    {
      vendorOf: () => {
        asked++;
        return undefined;
      },
    },
  );
  const first = resolve('m0', 'openai');
  assert.equal(resolve('m0', 'openai'), first);
  assert.equal(asked, 1);
  for (let index = 1; index < maxRememberedModels; index++) resolve(`m${index}`, 'openai');
  assert.equal(resolve('m0', 'openai'), first);
  resolve('one more', 'openai');
  assert.notEqual(resolve('m0', 'openai'), first);
  const long = 'x'.repeat(300);
  assert.notEqual(resolve(long, 'openai'), resolve(long, 'openai'));
});

test('any name gets a target or a reason', () => {
  const resolve = resolver([...vendors, local, reseller]);
  fc.assert(
    fc.property(fc.string(), fc.constantFrom('openai', 'anthropic', 'google'), (name, family) => {
      const { target, ...rest } = resolve(name, family);
      assert.equal(target ? target.provider.protocol === family : 'reason' in rest && rest.reason !== '', true);
    }),
  );
});
