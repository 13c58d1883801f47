/**
 * Compiles the price data of @pydantic/genai-prices to `src/catalog/data/rates.json`: integer pico-USD per token, one model a line.
 * `node scripts/prices.ts [--as-of DATE]` writes it, `--check` fails when the file is stale.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { waitForUpdate, type ConditionalPrice, type ModelInfo, type ModelPrice, type Provider } from '@pydantic/genai-prices';
import type { Bucket } from '../src/core/usage.ts';
import type { ModelRow, PricePeriod, ProviderRow, Rates, RatesFile, TieredRate } from '../src/catalog/data.ts';
import { picoPerToken, picoPerUse, type PicoUsd } from '../src/catalog/decimal.ts';
import { lintRates } from '../src/catalog/lint.ts';

const target = new URL('../src/catalog/data/rates.json', import.meta.url);
const manifest = new URL('../node_modules/@pydantic/genai-prices/package.json', import.meta.url);

/** Price keys of genai-prices -> our buckets. `cache_write_mtok` is the rate of the default lifetime. */
const bucketOf: Readonly<Record<string, Bucket | 'request'>> = {
  input_mtok: 'input',
  input_audio_mtok: 'inputAudio',
  input_image_mtok: 'inputImage',
  input_video_mtok: 'inputVideo',
  cache_read_mtok: 'cacheRead',
  cache_audio_read_mtok: 'cacheReadAudio',
  cache_image_read_mtok: 'cacheReadImage',
  cache_video_read_mtok: 'cacheReadVideo',
  cache_write_mtok: 'cacheWrite',
  cache_write_5m_mtok: 'cacheWrite5m',
  cache_write_1h_mtok: 'cacheWrite1h',
  output_mtok: 'output',
  output_reasoning_mtok: 'reasoning',
  output_audio_mtok: 'outputAudio',
  output_image_mtok: 'outputImage',
  web_searches_kcount: 'webSearch',
  storage_searches_kcount: 'fileSearch',
  input_document_kpages: 'pages',
  requests_kcount: 'request',
};

function rateOf(key: string, price: NonNullable<ModelPrice[string]>): TieredRate {
  const pico = (value: number): PicoUsd => (key.endsWith('_mtok') ? picoPerToken(value) : picoPerUse(value));
  if (typeof price === 'number') return pico(price);
  const steps = price.tiers.map((tier) => [tier.start, pico(tier.price)] as const).sort((a, b) => a[0] - b[0]);
  return [pico(price.base), ...steps];
}

function secondsOfDay(time: string): number {
  const match = /^(\d\d):(\d\d):(\d\d)Z$/.exec(time);
  if (!match) throw new Error(`a time of day that is not UTC: ${time}`);
  return Number(match[1]) * 3600 + Number(match[2]) * 60 + Number(match[3]);
}

function conditionOf({ constraint }: ConditionalPrice): Pick<PricePeriod, 'from' | 'between'> {
  if (!constraint) return {};
  if (constraint.type === 'start_date') return { from: constraint.start_date };
  return { between: [secondsOfDay(constraint.start_time), secondsOfDay(constraint.end_time)] };
}

function periodOf(price: ConditionalPrice): PricePeriod {
  const rates: { [B in Bucket | 'request']?: TieredRate } = {};
  const unmapped: string[] = [];
  for (const [key, value] of Object.entries(price.prices)) {
    if (value === undefined) continue;
    const bucket = bucketOf[key];
    if (bucket) rates[bucket] = rateOf(key, value);
    else unmapped.push(key);
  }
  return { ...conditionOf(price), rates: rates satisfies Rates, ...(unmapped.length > 0 && { unmapped }) };
}

function modelOf(model: ModelInfo): ModelRow {
  const prices = Array.isArray(model.prices) ? model.prices : [{ prices: model.prices }];
  return {
    id: model.id,
    ...(model.name !== undefined && { name: model.name }),
    match: model.match,
    ...(model.context_window !== undefined && { contextTokens: model.context_window }),
    ...(model.deprecated && { deprecated: true as const }),
    prices: prices.map(periodOf),
  };
}

function providerOf(provider: Provider): ProviderRow {
  return {
    id: provider.id,
    name: provider.name,
    hosts: [provider.api_pattern],
    ...(provider.model_match && { ownModels: provider.model_match }),
    ...(provider.fallback_model_providers && { fallback: provider.fallback_model_providers }),
    models: provider.models.map(modelOf),
  };
}

/** One model a line, so that a change of price reads as a change of one line. */
function printed(file: RatesFile): string {
  const { providers, ...head } = file;
  const blocks = providers.map(({ models, ...provider }) => {
    const lines = models.map((model) => JSON.stringify(model)).join(',\n');
    return `${JSON.stringify(provider).slice(0, -1)},"models":[\n${lines}\n]}`;
  });
  return `${JSON.stringify(head).slice(0, -1)},"providers":[\n${blocks.join(',\n')}\n]}\n`;
}

function committed(): RatesFile | undefined {
  try {
    return JSON.parse(readFileSync(target, 'utf8')) as RatesFile;
  } catch {
    return undefined;
  }
}

async function compiled(asOf: string | undefined): Promise<RatesFile> {
  const source = await waitForUpdate();
  if (!source) throw new Error('genai-prices has no data');
  const providers = source.map(providerOf);
  const release = (JSON.parse(readFileSync(manifest, 'utf8')) as { readonly version: string }).version;
  const version = `genai-prices-${release}+${createHash('sha256').update(JSON.stringify(providers)).digest('hex').slice(0, 8)}`;
  const before = committed();
  const today = new Date().toISOString().slice(0, 10);
  const date = asOf ?? (before?.version === version ? before.asOf : today);
  return { source: '@pydantic/genai-prices', licence: 'MIT', version, asOf: date, providers };
}

function argument(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}

const file = await compiled(argument('--as-of'));
const complaints = lintRates(file.providers);
for (const complaint of complaints) console.error(complaint);
if (complaints.length > 0) process.exitCode = 1;
else if (process.argv.includes('--check')) {
  const current = readFileSync(target, 'utf8') === printed(file);
  if (!current) console.error('src/catalog/data/rates.json is stale: run node scripts/prices.ts');
  process.exitCode = current ? 0 : 1;
} else {
  writeFileSync(target, printed(file));
  console.log(
    `${file.version}: ${file.providers.length} providers, ${file.providers.reduce((sum, { models }) => sum + models.length, 0)} models`,
  );
}
