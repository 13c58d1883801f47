import type { ModelCapabilities } from '../catalog/capabilities.ts';
import type { RateCard } from '../catalog/card.ts';
import type { Catalog, CatalogProvider } from '../catalog/catalog.ts';
import { listRates, type RateRow } from '../catalog/explain.ts';
import type { ModelLimits } from '../catalog/limits.ts';
import { countText, plainText } from './figure-text.ts';
import { ratesTable } from './price-table.ts';
import { table, type TableOptions } from './table.ts';

/** All that is known of a model, in one view. */
export interface DescribedModel {
  readonly provider: string;
  readonly model: string;
  /** A field that is absent is not known. */
  readonly capabilities: ModelCapabilities;
  /** What of it is shown only, and changes no call. */
  readonly unverified: readonly string[];
  readonly sources: readonly string[];
  readonly cache: ModelLimits;
  /** Empty where no price is known. */
  readonly rates: readonly RateRow[];
}

export function describedModel(catalog: Catalog, provider: string, model: string, card: RateCard | undefined): DescribedModel {
  const { unverified, sources, ...capabilities } = catalog.capabilities(provider, model);
  const cache = catalog.limits(provider, model);
  return { provider, model, capabilities, unverified, sources, cache, rates: card ? listRates(card) : [] };
}

export function describedText(described: DescribedModel, options: TableOptions): string {
  const { model, provider, rates, unverified, sources } = described;
  const { paint } = options;
  const lines = linesOf(described);
  const width = Math.max(...lines.map(([name]) => name.length));
  return [
    `${paint('bold', plainText(model))} at ${provider}\n\n`,
    ...lines.map(([name, value]) => `${name.padEnd(width)}  ${value}\n`),
    '\nPrices, USD:\n',
    rates.length > 0 ? ratesTable(rates, options) : 'not known\n',
    ...(sources.length > 0 ? ['\nSources:\n', ...sources.map((source) => `  ${source}\n`)] : []),
    ...(unverified.length > 0 ? [`\nNot verified, and no call is changed for it: ${unverified.join(', ')}\n`] : []),
  ].join('');
}

type Line = readonly [name: string, value: string];

function linesOf({ capabilities: known, cache }: DescribedModel): readonly Line[] {
  return [
    ['Context', tokens(known.contextTokens)],
    ['Output', tokens(known.maxOutputTokens)],
    ['Cached from', tokens(cache.cachePrefixTokens)],
    ['Cache lifetime', cache.cacheTtlSeconds?.map((seconds) => `${seconds} s`).join(', ') ?? unknown],
    ['Reads', list(known.input)],
    ['Tools', toolsOf(known)],
    ['JSON Schema', yesOrNo(known.structuredOutputs)],
    ['Effort', effortOf(known)],
    ['Thinking budget', yesOrNo(known.thinkingBudget)],
    ['Thinking off', yesOrNo(known.thinkingOff)],
    ['Refuses', list(known.refuses)],
    ...(known.refusesThinking ? [['Refuses unless thinking is off', list(known.refusesThinking)] as const] : []),
  ];
}

const unknown = 'not known';
const tokens = (count: number | undefined): string => (count === undefined ? unknown : `${count.toLocaleString('en-US')} tokens`);
const yesOrNo = (known: boolean | undefined): string => (known === undefined ? unknown : known ? 'yes' : 'no');
const list = (words: readonly string[] | undefined): string => (words === undefined ? unknown : words.join(', ') || 'none');

const toolsOf = ({ tools, forcedTools }: ModelCapabilities): string =>
  tools && forcedTools === false ? 'yes, but no call of one can be forced' : yesOrNo(tools);

const effortOf = ({ efforts, effortDefault }: ModelCapabilities): string =>
  efforts && effortDefault ? `${list(efforts)} (${effortDefault} when nothing is said)` : list(efforts);

/** Models by provider, with the base rates in USD per million tokens. */
export function modelsText(models: readonly DescribedModel[], providers: readonly CatalogProvider[], options: TableOptions): string {
  const name = (id: string): string => providers.find((provider) => provider.id === id)?.name ?? (id || 'your own');
  return [...Map.groupBy(models, ({ provider }) => provider)]
    .map(([id, group]) => `${options.paint('bold', name(id))}${id ? ` (${id})` : ''}\n${groupTable(group, options)}`)
    .join('\n');
}

function groupTable(models: readonly DescribedModel[], options: TableOptions): string {
  const cells = (show: (known: ModelCapabilities) => string): readonly string[] => models.map(({ capabilities }) => show(capabilities));
  const count = (tokenCount: number | undefined): string => (tokenCount === undefined ? '' : countText(tokenCount));
  const rate = (wanted: 'input' | 'output'): readonly string[] =>
    models.map(({ rates }) => rates.find(({ bucket, above }) => bucket === wanted && above === undefined)?.usd ?? '');
  return table(
    [
      { title: 'model', align: 'left', leastWidth: 32, cells: models.map(({ model }) => plainText(model)) },
      { title: 'context', align: 'right', cells: cells(({ contextTokens }) => count(contextTokens)) },
      { title: 'output', align: 'right', rank: 4, cells: cells(({ maxOutputTokens }) => count(maxOutputTokens)) },
      { title: 'reads', align: 'left', rank: 1, cells: cells(({ input }) => input?.join(' ') ?? '') },
      { title: 'effort', align: 'left', rank: 0, cells: cells(({ efforts }) => efforts?.join(' ') ?? '') },
      { title: 'USD in', align: 'right', cells: rate('input') },
      { title: 'USD out', align: 'right', cells: rate('output') },
    ],
    options,
  );
}
