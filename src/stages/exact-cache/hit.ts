import { noCost } from '../../catalog/price.ts';
import type { Call } from '../../core/call.ts';
import type { Scope } from '../../core/pipeline.ts';
import type { Attempt, Saving } from '../../core/record.ts';
import { totalInput, totalOutput } from '../../core/usage.ts';
import type { Used } from './entry.ts';
import type { Plan } from './plan.ts';
import type { ExactCacheOptions } from './settings.ts';

/** Records an answer that no provider gave: nothing used, nothing paid. */
export function noteCached({ attempts }: Scope, { servedBy, model, responseId, finishReason }: Used, at: number): void {
  const attempt: Attempt = {
    provider: servedBy.name,
    hosting: servedBy.hosting,
    requestModel: servedBy.model,
    model,
    responseId,
    status: 200,
    outcome: 'ok',
    finishReason,
    usage: { buckets: {}, source: 'cache', flags: [], raw: undefined },
    served: {},
    cost: noCost,
    at,
    timeToFirstByteMs: undefined,
    durationMs: 0,
  };
  attempts.push(attempt);
}

/** Records what an answer out of the cache saved, or would have: what the kept one used, at today's price. */
export function noteSaved(
  { price }: ExactCacheOptions,
  call: Call,
  scope: Scope,
  plan: Plan,
  { used, rule }: { readonly used: Used; readonly rule: string },
): void {
  scope.atRecord.push(({ cost: { total } }) => {
    const buckets = used.usage?.buckets ?? {};
    const saving: Saving = {
      stage: plan.saving,
      rule,
      mode: plan.mode,
      inputTokens: totalInput(buckets) ?? 0,
      outputTokens: totalOutput(buckets) ?? 0,
      cost: plan.mode === 'observe' ? total : price(used, call).total,
      basis: 'measured',
    };
    (scope.annotations.savings ??= []).push(saving);
  });
}
