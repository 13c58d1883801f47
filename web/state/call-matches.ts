import type { Dimension, Filter } from '../../src/analytics/query.ts';
import type { CallRecord } from '../../src/core/record.ts';

/** A call's values of a dimension; a signal may have several. `undefined`: the browser cannot tell. */
export function valuesOf(call: CallRecord, dimension: Dimension): readonly (string | null)[] | undefined {
  if (dimension.startsWith('tag:')) return [call.labels.tags?.[dimension.slice(4)] ?? null];
  switch (dimension) {
    case 'app':
    case 'feature':
    case 'user':
    case 'team':
    case 'task':
    case 'session':
    case 'client':
      return [call.labels[dimension] ?? null];
    case 'key':
    case 'api':
    case 'operation':
    case 'model':
    case 'requestModel':
    case 'provider':
    case 'outcome':
    case 'errorCode':
    case 'finishReason':
    case 'usageSource':
      return [call[dimension] ?? null];
    case 'hosting':
      return [call.hosting ?? null];
    case 'stream':
      return [String(call.stream)];
    case 'priceStatus':
      return [call.cost.status];
    case 'language':
    case 'route':
    case 'sensitivity':
    case 'arm':
      return [call.annotations?.[dimension] ?? null];
    case 'signal':
      return call.annotations?.signals ?? [null];
    default:
      return undefined;
  }
}

/** Whether a live call belongs to what the page shows. What the browser cannot tell is let through: the next load is exact. */
export const matches = (call: CallRecord, filters: readonly Filter[]): boolean =>
  filters.every(({ dimension, values, not = false }) => {
    const own = valuesOf(call, dimension);
    return own === undefined || own.some((value) => values.includes(value)) !== not;
  });

const searched = ({ id, requestModel, model, provider, labels, outcome, errorCode, flags, annotations, api }: CallRecord): string =>
  [
    id,
    requestModel,
    model,
    provider,
    api,
    outcome,
    errorCode,
    ...Object.values(labels).filter((value) => typeof value === 'string'),
    ...Object.entries(labels.tags ?? {}).flat(),
    ...flags,
    ...(annotations?.signals ?? []),
  ]
    .join(' ')
    .toLowerCase();

/** Whether all words stand somewhere in the call's labels, models, errors and marks. */
export const isFound = (call: CallRecord, text: string): boolean => {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const within = searched(call);
  return words.every((word) => within.includes(word));
};
