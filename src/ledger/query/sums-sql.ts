import { promptParts } from '../../core/record.ts';
import { additiveSums, partSum, type AdditiveSum } from '../../analytics/sums.ts';
import { newest } from '../figures.ts';

/** Tables of the expressions: `c` is `call`, `d` is `dimension`. */
export const callTables = 'call c JOIN dimension d ON d.id = c.dimension';

const cost = newest('cost');
const known = (sql: string): string => `coalesce(${sql}, 0)`;
const total = '(c.input_tokens + c.cache_read_tokens + c.cache_write_tokens + c.output_tokens + c.reasoning_tokens)';
const cached = '(c.cache_read_tokens + c.cache_write_tokens)';
/** What cached input would have cost as fresh input can be told where some input was fresh. */
const isTold = `(${cost} IS NOT NULL AND (${cached} = 0 OR c.input_tokens > 0))`;
const saved = `${cached} * ${newest('input_cost')} / c.input_tokens - ${newest('cache_read_cost')} - ${newest('cache_write_cost')}`;
const isGenerated = '(d.stream = 1 AND c.first_byte_us < c.duration_us)';

const expressions: Readonly<Record<Exclude<AdditiveSum, `part.${string}`>, string>> = {
  calls: '1',
  failures: `d.outcome <> 'ok'`,
  inputTokens: 'c.input_tokens',
  cacheReadTokens: 'c.cache_read_tokens',
  cacheWriteTokens: 'c.cache_write_tokens',
  outputTokens: 'c.output_tokens',
  reasoningTokens: 'c.reasoning_tokens',
  priced: `${cost} IS NOT NULL`,
  cost: known(cost),
  inputCost: known(newest('input_cost')),
  cacheReadCost: known(newest('cache_read_cost')),
  cacheWriteCost: known(newest('cache_write_cost')),
  outputCost: known(newest('output_cost')),
  reasoningCost: known(newest('reasoning_cost')),
  estimated: `coalesce(d.usage_source IN ('estimated', 'partial'), 0)`,
  taskCost: `iif(c.task IS NULL, 0, ${known(cost)})`,
  userCost: `iif(c.user IS NULL, 0, ${known(cost)})`,
  sessionCost: `iif(c.session IS NULL, 0, ${known(cost)})`,
  cacheSavedKnown: isTold,
  cacheSaved: `iif(${isTold} AND ${cached} > 0, ${saved}, 0)`,
  attempts: 'c.attempts',
  extraCost: known('c.extra_cost'),
  durationUs: 'c.duration_us',
  gatewayKnown: 'c.gateway_us IS NOT NULL',
  gatewayUs: known('c.gateway_us'),
  generatedTokens: `iif(${isGenerated}, c.output_tokens + c.reasoning_tokens, 0)`,
  generationUs: `iif(${isGenerated}, c.duration_us - c.first_byte_us, 0)`,
  savedCost: known('c.saved_cost'),
  savedTokens: known('c.saved_tokens'),
  scored: 'c.score_micro IS NOT NULL',
  scoreMicro: known('c.score_micro'),
  pricedScoreMicro: `iif(${cost} IS NULL, 0, ${known('c.score_micro')})`,
  scoredCost: `iif(c.score_micro IS NULL, 0, ${known(cost)})`,
  scoredTokens: `iif(c.score_micro IS NULL, 0, ${total})`,
};

/** What one call adds to a sum, in SQL; never null. */
export function expressionOf(sum: AdditiveSum): string {
  if (sum in expressions) return expressions[sum as keyof typeof expressions];
  const place = promptParts.findIndex((part) => partSum(part) === sum);
  return `coalesce(json_extract(c.parts, '$[${place}]'), 0)`;
}

/** Column of a sum in the rollups. */
export const columnOf = (sum: AdditiveSum): string => sum.replace('.', '_').replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export const sumColumns: readonly string[] = additiveSums.map(columnOf);
