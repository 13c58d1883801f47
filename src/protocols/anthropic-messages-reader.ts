import type { Bytes } from '../core/json.ts';
import type { FinishReason } from '../core/reply.ts';
import { Signs } from '../core/signs.ts';
import type { ServedTier } from '../core/usage.ts';
import { anthropicUsage } from './anthropic-usage.ts';
import { picker, type Found } from './json-scan.ts';
import { errorOf, stringOf, type ReplyReader } from './reader.ts';

const message = { id: 'id', model: 'model', stop_reason: 'stop' } as const;
const pickEvent = picker({
  ...message,
  type: 'type',
  usage: 'usage',
  error: 'error',
  message: { ...message, usage: 'startUsage' },
  delta: { stop_reason: 'stop' },
});
const pickServed = picker({ service_tier: 'tier', speed: 'speed', inference_geo: 'geo' });

/** `stop_reason` -> why a reply ended; what is not here is `other`. */
export const anthropicStopReasons: Readonly<Record<string, FinishReason>> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool_calls',
  refusal: 'refusal',
  pause_turn: 'pause',
};

const signs = new Signs([{ key: 'type', begins: ['"message', '"error'] }]);

/** Reads replies of `/v1/messages`: a whole message, or its events from `message_start` to `message_stop`. */
export function anthropicMessagesReader(): ReplyReader {
  const last: { id?: Bytes; model?: Bytes; stop?: Bytes; startUsage?: Bytes; usage?: Bytes; error?: Bytes } = {};
  let closed = false;
  return {
    kind: anthropicMessagesReader,
    tells: (events) => signs.in(events),
    signs,
    read(json) {
      const { found, whole } = pickEvent(json);
      for (const leaf of ['id', 'model', 'stop', 'startUsage', 'usage', 'error'] as const) {
        const value = found[leaf]?.at(-1);
        if (value) last[leaf] = value;
      }
      closed ||= closes(found);
      return whole;
    },
    told() {
      const stop = stringOf(last.stop);
      return {
        model: stringOf(last.model),
        responseId: stringOf(last.id),
        finishReason: stop === undefined ? undefined : (anthropicStopReasons[stop] ?? 'other'),
        usage: anthropicUsage(last.startUsage, last.usage),
        served: { ...served(last.startUsage), ...served(last.usage) },
        error: errorOf(last.error),
        closed: closed && last.error === undefined,
      };
    },
  };
}

const closes = (found: Found<'type'>): boolean => stringOf(found.type?.at(-1)) === 'message_stop';

function served(usage: Bytes | undefined): ServedTier {
  if (!usage) return {};
  const { found } = pickServed(usage);
  const serviceTier = stringOf(found.tier?.at(-1));
  const speed = stringOf(found.speed?.at(-1));
  const inferenceGeo = stringOf(found.geo?.at(-1));
  return { ...(serviceTier ? { serviceTier } : {}), ...(speed ? { speed } : {}), ...(inferenceGeo ? { inferenceGeo } : {}) };
}

const pickLine = picker({ result: { type: 'type', message: 'message' } });

/** Reads one line of a message batch's results. Lines that expired, were cancelled or failed have no message and cost nothing. */
export function anthropicBatchLine(line: Bytes): ReturnType<ReplyReader['told']> | undefined {
  const body = pickLine(line).found.message?.at(-1);
  if (!body) return undefined;
  const reader = anthropicMessagesReader();
  reader.read(body);
  return reader.told();
}
