import { createHash } from 'node:crypto';
import type { Bucket } from '../core/usage.ts';
import type { CardOrigin, Modifier, TierRules } from './card.ts';
import type { ExtraModelRow, ModelRow, ModifierRow, ModifiersFile, ProviderRow, TieredRate } from './data.ts';
import { picoPerToken, picoPerUse } from './decimal.ts';
import { matcherOf, type Matcher } from './match.ts';
import { unitBuckets } from '../core/usage.ts';

/** A model row ready for matching, and where it is from. */
export interface CompiledModel {
  readonly row: ModelRow;
  readonly matches: Matcher;
  readonly origin: Pick<CardOrigin, 'source' | 'confidence'>;
}

export interface CompiledProvider {
  readonly row: ProviderRow;
  /** In order of trial: rows of ours before the rows of the base data. */
  readonly models: readonly CompiledModel[];
}

export const digestOf = (value: unknown): string => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 8);

export function compileProvider(row: ProviderRow, extra: readonly ExtraModelRow[], source: string): CompiledProvider {
  const ours = extra.filter(({ provider }) => provider === row.id).map(compileExtra);
  const base = row.models.map((model) => compileModel(model, { source, confidence: 'third-party' }));
  return { row, models: [...ours, ...base] };
}

/** The matcher is made when it is first asked: most rows never are. */
function compileModel(row: ModelRow, origin: CompiledModel['origin']): CompiledModel {
  let matcher: Matcher | undefined;
  return { row, matches: (name) => (matcher ??= matcherOf(row.match))(name), origin };
}

function compileExtra({ source, confidence, rates, from, ...model }: ExtraModelRow): CompiledModel {
  const compiled: { [B in Bucket]?: TieredRate } = {};
  for (const [bucket, rate] of Object.entries(rates) as [Bucket, NonNullable<ExtraModelRow['rates'][Bucket]>][])
    compiled[bucket] = rateOf(bucket, rate);
  const period = from === undefined ? { rates: compiled } : { from, rates: compiled };
  return compileModel({ ...model, prices: [period] }, { source: `modicum: ${source}`, confidence });
}

function rateOf(bucket: Bucket, rate: NonNullable<ExtraModelRow['rates'][Bucket]>): TieredRate {
  const pico = (unitBuckets as readonly string[]).includes(bucket) ? picoPerUse : picoPerToken;
  if (typeof rate === 'string') return pico(rate);
  const [base, ...steps] = rate;
  return [pico(base), ...steps.map(([above, step]) => [above, pico(step)] as const)];
}

/** The tier words of a provider, for one of its models (lower case). */
export function tierRulesOf(file: ModifiersFile, provider: string, model: string): TierRules {
  const rows = file.modifiers.filter((row) => row.provider === provider);
  const rules: { -readonly [By in keyof TierRules]: TierRules[By] } = { serviceTier: wordsOf(file, rows, 'serviceTier', model) };
  for (const by of ['speed', 'inferenceGeo'] as const) if (rows.some((row) => row.by === by)) rules[by] = wordsOf(file, rows, by, model);
  return rules;
}

function wordsOf(
  file: ModifiersFile,
  rows: readonly ModifierRow[],
  by: ModifierRow['by'],
  model: string,
): ReadonlyMap<string, readonly Modifier[]> {
  const words = new Map<string, readonly Modifier[]>(file.neutral[by].map((word) => [word, []]));
  for (const row of rows) {
    if (row.by !== by || (row.models && !matcherOf(row.models)(model))) continue;
    for (const word of row.words)
      words.set(
        word,
        [...(words.get(word) ?? []), modifierOf(row)].sort((a, b) => a.from - b.from),
      );
  }
  return words;
}

const modifierOf = ({ factor, except, from, flag, source }: ModifierRow): Modifier => ({
  factor,
  except: new Set(except),
  from: from === undefined ? -Infinity : Date.parse(from),
  flag,
  source,
});
