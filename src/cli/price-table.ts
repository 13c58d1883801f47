import type { RateCard } from '../catalog/card.ts';
import type { Catalog, CatalogProvider } from '../catalog/catalog.ts';
import { usdText } from '../catalog/decimal.ts';
import { listRates, type RateRow } from '../catalog/explain.ts';
import type { ModelLimits } from '../catalog/limits.ts';
import type { CatalogModel } from '../catalog/listing.ts';
import type { Bucket } from '../core/usage.ts';
import { countText, plainText } from './figure-text.ts';
import { table, type TableOptions } from './table.ts';

/** A factor that a word of the reply asks for. */
export interface ModifierText {
  readonly by: string;
  readonly word: string;
  /** `1/2`, `5/2`. */
  readonly factor: string;
  readonly except: readonly Bucket[];
  readonly source: string;
}

/** Everything known of one model's price. */
export interface ExplainedModel {
  readonly provider: string;
  readonly model: string;
  /** ISO date from which the rates hold; `null`: not told. */
  readonly from: string | null;
  readonly source: string;
  readonly confidence: RateCard['confidence'];
  readonly priceVersion: string;
  /** ISO date of the base data. */
  readonly asOf: string;
  readonly flags: readonly string[];
  readonly rates: readonly RateRow[];
  readonly modifiers: readonly ModifierText[];
  readonly limits: ModelLimits;
  /** Other providers that list the same name. */
  readonly alsoAt: readonly string[];
}

export function explainedModel(card: RateCard, catalog: Catalog, atMs: number, alsoAt: readonly string[]): ExplainedModel {
  const { provider, model, source, confidence, priceVersion, flags } = card;
  return {
    provider,
    model,
    from: card.from ?? null,
    source,
    confidence,
    priceVersion,
    asOf: catalog.asOf,
    flags,
    rates: listRates(card),
    modifiers: modifiersOf(card, atMs),
    limits: catalog.limits(provider, model),
    alsoAt,
  };
}

/** Words that change the price at that time; those that change nothing are left out. */
function modifiersOf({ tierRules }: RateCard, atMs: number): readonly ModifierText[] {
  return Object.entries(tierRules).flatMap(([by, rules]) =>
    [...rules].flatMap(([word, modifiers]) => {
      const modifier = modifiers.findLast(({ from }) => from <= atMs);
      if (!modifier) return [];
      const [numerator, denominator] = modifier.factor;
      const factor = denominator === 1 ? `${numerator}` : `${numerator}/${denominator}`;
      return [{ by, word, factor, except: [...modifier.except], source: modifier.source }];
    }),
  );
}

export function modelText(explained: ExplainedModel, options: TableOptions): string {
  const { model, provider, from, source, confidence, asOf, priceVersion, alsoAt, flags } = explained;
  const { paint } = options;
  return [
    `${paint('bold', model)} at ${provider}, USD\n\n`,
    ratesTable(explained.rates, options),
    ...modifierLines(explained),
    ...limitLines(explained.limits),
    '\n',
    `In force from  ${from ?? 'not told by the source'}\n`,
    `Source         ${source} (${confidenceText[confidence]}), prices as of ${asOf}\n`,
    `Version        ${priceVersion}\n`,
    ...(flags.length > 0 ? [`Flags          ${flags.join(', ')}\n`] : []),
    ...(alsoAt.length > 0 ? [`Also at        ${alsoAt.join(', ')}: --provider NAME shows it\n`] : []),
  ].join('');
}

const confidenceText: Readonly<Record<RateCard['confidence'], string>> = {
  vendor: "read on the vendor's page",
  'third-party': 'of a third party',
  unverified: 'not verified',
  user: 'set by you',
};

/** A row a bucket, a column a context tier. */
export function ratesTable(rates: readonly RateRow[], options: TableOptions): string {
  const tiers = [...new Set(rates.map(({ above }) => above))];
  const buckets = [...new Set(rates.map(({ bucket }) => bucket))];
  const rateOf = (bucket: RateRow['bucket'], above: number | undefined): string =>
    rates.find((rate) => rate.bucket === bucket && rate.above === above)?.usd ?? '';
  return table(
    [
      { title: 'bucket', align: 'left', cells: buckets },
      ...tiers.map((above) => ({
        title: above === undefined ? 'price' : `input above ${above.toLocaleString('en-US')}`,
        align: 'right' as const,
        style: 'green' as const,
        cells: buckets.map((bucket) => rateOf(bucket, above)),
      })),
      { title: 'per', align: 'left', cells: buckets.map((bucket) => rates.find((rate) => rate.bucket === bucket)!.per) },
    ],
    options,
  );
}

function modifierLines({ modifiers }: ExplainedModel): readonly string[] {
  if (modifiers.length === 0) return [];
  const line = ({ by, word, factor, except }: ModifierText): string =>
    `  ${by} ${word}: times ${factor}${except.length > 0 ? `, except ${except.join(', ')}` : ''}\n`;
  return ['\nThe reply may change it:\n', ...modifiers.map(line)];
}

function limitLines({ cachePrefixTokens, cacheTtlSeconds }: ModelLimits): readonly string[] {
  const lines = [
    ...(cachePrefixTokens === undefined ? [] : [`  prompt cache from ${cachePrefixTokens.toLocaleString('en-US')} tokens on\n`]),
    ...(cacheTtlSeconds === undefined ? [] : [`  cache lifetime ${cacheTtlSeconds.map((seconds) => `${seconds} s`).join(', ')}\n`]),
  ];
  return lines.length > 0 ? ['\nLimits:\n', ...lines] : [];
}

/** Models by provider, USD per million tokens of the base tier. */
export function listText(models: readonly CatalogModel[], providers: readonly CatalogProvider[], options: TableOptions): string {
  const groups = Map.groupBy(models, ({ provider }) => provider);
  const name = (id: string): string => providers.find((provider) => provider.id === id)?.name ?? (id || 'your own');
  return [...groups]
    .map(([id, group]) => `${options.paint('bold', name(id))}${id ? ` (${id})` : ''}\n${groupTable(group, options)}`)
    .join('\n');
}

function groupTable(models: readonly CatalogModel[], options: TableOptions): string {
  const rate = (bucket: Bucket) =>
    models.map(({ card }) => {
      const found = card.tiers[0]?.rates[bucket];
      return found && found.of === bucket ? usdText(found.pico, 6) : '';
    });
  return table(
    [
      { title: 'model', align: 'left', leastWidth: 36, cells: models.map(({ id }) => plainText(id)) },
      { title: 'input', align: 'right', cells: rate('input') },
      { title: 'cached', align: 'right', cells: rate('cacheRead') },
      { title: 'written', align: 'right', rank: 1, cells: rate('cacheWrite') },
      { title: 'output', align: 'right', cells: rate('output') },
      {
        title: 'context',
        align: 'right',
        rank: 2,
        cells: models.map(({ contextTokens }) => (contextTokens === undefined ? '' : countText(contextTokens))),
      },
      { title: '', align: 'left', rank: 0, cells: models.map(({ card }) => (card.tiers.length > 1 ? 'more for long input' : '')) },
    ],
    options,
  );
}
