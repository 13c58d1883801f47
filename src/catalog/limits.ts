import type { LimitRow, ModifiersFile } from './data.ts';
import { matcherOf } from './match.ts';

/** What a vendor's prompt cache wants of a model; a field that is absent is not known. */
export type ModelLimits = Pick<LimitRow, 'cachePrefixTokens' | 'cacheTtlSeconds'>;

/** `model`: lower case. The first matching row counts, field by field. */
export function limitsOf(file: ModifiersFile, provider: string, model: string): ModelLimits {
  const rows = file.limits.filter((row) => row.provider === provider && matcherOf(row.models)(model));
  return Object.assign({}, ...rows.reverse().map(fieldsOf)) as ModelLimits;
}

const fieldsOf = ({ provider: _provider, models: _models, source: _source, confidence: _confidence, ...fields }: LimitRow): ModelLimits =>
  fields;
