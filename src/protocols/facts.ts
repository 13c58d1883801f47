import type { ReplyFacts } from '../core/reply.ts';
import type { UsageReport } from '../core/usage.ts';
import type { Told } from './reader.ts';

/** The facts of a stream. `skipped`: an event was too large to read; `textCut`: not all text was kept. */
export function factsOf(told: Told, stream: { readonly skipped: boolean; readonly textCut: boolean }): ReplyFacts {
  const { model, responseId, finishReason, served, error } = told;
  const flags: string[] = stream.skipped ? ['observer_limit'] : [];
  // An estimate made from part of the text is too low.
  const low = stream.textCut && told.usage?.buckets.output === null;
  const usage = told.usage && flagged(told.usage, low ? [...flags, 'lower_bound'] : flags);
  return {
    model,
    responseId,
    finishReason,
    usage,
    served,
    complete: told.closed,
    error,
    ...(flags.length > 0 ? { flags } : {}),
  };
}

function flagged(usage: UsageReport, flags: readonly string[]): UsageReport {
  return flags.length === 0 ? usage : { ...usage, flags: [...new Set([...usage.flags, ...flags])] };
}
