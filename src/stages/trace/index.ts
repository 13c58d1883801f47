import type { Call } from '../../core/call.ts';
import type { Scope, Stage } from '../../core/pipeline.ts';
import { without } from '../../core/raw-headers.ts';
import { headerOf } from '../../core/reply.ts';

/** Characters of a `traceparent` that are kept: longer ones are of versions nobody has written yet. */
export const maxTraceparentLength = 64;

/** Notes the trace that a call belongs to: in its record, and for whoever wants to know at once. */
export function traceContext(noted: (traceparent: string, scope: Scope, call: Call) => void): Stage {
  return {
    name: 'trace',
    kind: 'guard', // it never throws; as a saving it would cost every call a promise
    wrap: (next) => (call, scope) => {
      const traceparent = headerOf(scope.headers, 'traceparent');
      if (traceparent !== undefined && traceparent.length <= maxTraceparentLength) {
        scope.annotations.trace = traceparent;
        noted(traceparent, scope, call);
      }
      return next(call, scope);
    },
  };
}

/** What of a call's trace goes to a provider: what the client sent, nothing, or another `traceparent`. */
export type Propagated = 'as sent' | 'none' | { readonly traceparent: string };

/** Names the gateway's own span as the parent of what the provider does, or keeps the trace from the provider. Innermost: each attempt goes elsewhere. */
export function propagateTrace(propagated: (call: Call, scope: Scope) => Propagated): Stage {
  return {
    name: 'trace-propagation',
    kind: 'guard',
    wrap: (next) => (call, scope) => {
      const trace = propagated(call, scope);
      return next(call, trace === 'as sent' ? scope : { ...scope, headers: headersWith(scope.headers, trace) });
    },
  };
}

function headersWith(headers: readonly string[], trace: Exclude<Propagated, 'as sent'>): readonly string[] {
  if (trace === 'none') return without(without(without(headers, 'traceparent'), 'tracestate'), 'baggage');
  const changed = [...headers];
  const at = placeOf(headers, 'traceparent');
  if (at === -1) changed.push('traceparent', trace.traceparent);
  else changed[at + 1] = trace.traceparent;
  return changed;
}

function placeOf(headers: readonly string[], name: string): number {
  for (let at = 0; at < headers.length; at += 2) if (headers[at]!.length === name.length && headers[at]!.toLowerCase() === name) return at;
  return -1;
}
