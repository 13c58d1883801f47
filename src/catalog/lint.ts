import type { Bucket } from '../core/usage.ts';
import type { ModelRow, PricePeriod, ProviderRow, Rates, TieredRate } from './data.ts';

/** A finding that is right all the same. `model` may end in `*`. */
export interface Accepted {
  readonly provider: string;
  readonly model: string;
  readonly check: Check;
  readonly reason: string;
}
export type Check = 'tiers' | 'cache_write' | 'cache_read' | 'scale';

/** A rate may differ from the median of its provider by this factor. */
export const scaleLimit = 1000;

export const accepted: readonly Accepted[] = [
  {
    provider: 'minimax',
    model: 'MiniMax-M2*',
    check: 'cache_write',
    reason: 'the fast variants double the input rate and keep the write rate',
  },
  {
    provider: 'openrouter',
    model: 'google/gemini-*',
    check: 'cache_write',
    reason: 'OpenRouter lists what storing the tokens costs, not a write',
  },
  { provider: 'openrouter', model: '~google/gemini-*', check: 'cache_write', reason: 'the same, for aliases' },
];

/** Findings that make the data doubtful, one line each; accepted ones left out. */
export function lintRates(providers: readonly ProviderRow[], exceptions: readonly Accepted[] = accepted): readonly string[] {
  return providers.flatMap((provider) => {
    const medians = mediansOf(provider);
    return provider.models.flatMap((model) =>
      model.prices
        .flatMap((period) => findingsOf(period, medians))
        .filter(({ check }) => !exceptions.some((exception) => covers(exception, provider.id, model, check)))
        .map(({ check, text }) => `${provider.id}/${model.id}: ${check}: ${text}`),
    );
  });
}

interface Finding {
  readonly check: Check;
  readonly text: string;
}

const covers = (exception: Accepted, provider: string, model: ModelRow, check: Check): boolean =>
  exception.provider === provider &&
  exception.check === check &&
  (exception.model.endsWith('*') ? model.id.startsWith(exception.model.slice(0, -1)) : model.id === exception.model);

function findingsOf({ rates }: PricePeriod, medians: ReadonlyMap<string, number>): readonly Finding[] {
  return [...tierFindings(rates), ...cacheFindings(rates), ...scaleFindings(rates, medians)];
}

function tierFindings(rates: Rates): readonly Finding[] {
  return Object.entries(rates)
    .filter(
      ([, rate]) =>
        typeof rate === 'object' &&
        rate.slice(2).some((step, at) => (step as readonly [number, number])[0] <= (rate[at + 1] as readonly [number, number])[0]),
    )
    .map(([bucket]) => ({ check: 'tiers', text: `thresholds of ${bucket} do not ascend` }));
}

function cacheFindings(rates: Rates): readonly Finding[] {
  const findings: Finding[] = [];
  const atLeast = (check: Check, more: Bucket, less: Bucket): void => {
    const [high, low] = [baseOf(rates[more]), baseOf(rates[less])];
    if (high !== undefined && low !== undefined && high < low) findings.push({ check, text: `${more} ${high} < ${less} ${low}` });
  };
  atLeast('cache_write', 'cacheWrite1h', 'cacheWrite');
  atLeast('cache_write', 'cacheWrite', 'input');
  atLeast('cache_read', 'input', 'cacheRead');
  return findings;
}

function scaleFindings(rates: Rates, medians: ReadonlyMap<string, number>): readonly Finding[] {
  return [...medians].flatMap(([bucket, median]): readonly Finding[] => {
    const rate = baseOf(rates[bucket as Bucket]);
    if (!rate || (rate <= median * scaleLimit && rate >= median / scaleLimit)) return [];
    return [{ check: 'scale', text: `${bucket} ${rate} beside a median of ${median}` }];
  });
}

const baseOf = (rate: TieredRate | undefined): number | undefined => (typeof rate === 'object' ? rate[0] : rate);

/** Per bucket, over the provider's models that have a rate above 0. */
function mediansOf({ models }: ProviderRow): ReadonlyMap<string, number> {
  const medians = new Map<string, number>();
  for (const bucket of ['input', 'output', 'cacheRead'] as const) {
    const rates = models.flatMap(({ prices }) => prices.map(({ rates }) => baseOf(rates[bucket]) ?? 0)).filter((rate) => rate > 0);
    rates.sort((a, b) => a - b);
    if (rates.length > 0) medians.set(bucket, rates[Math.floor(rates.length / 2)]!);
  }
  return medians;
}
