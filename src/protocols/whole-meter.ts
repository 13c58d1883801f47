import type { Bytes } from '../core/json.ts';
import type { ReplyFacts, ReplyMeter } from '../core/reply.ts';
import { parsed } from './count.ts';
import { Kept } from './kept.ts';
import type { MeterLimits } from './limits.ts';
import { readOnce } from './read-once.ts';
import type { ReplyReader } from './reader.ts';
import type { TextOf } from './reply-text.ts';

/** An error body that is no JSON is shown up to this length. */
const maxErrorLength = 300;

/** Reads a reply that is one document. Its chunks are kept by reference and looked at once, at the end. */
export function wholeMeter(
  reader: ReplyReader,
  options: { readonly status: number; readonly textOf: TextOf; readonly limits: MeterLimits },
): ReplyMeter {
  const { status, textOf, limits } = options;
  const kept = new Kept(limits.bodyBytes);
  return {
    write: (chunk) => kept.add(chunk),
    facts(ended): ReplyFacts {
      const body = kept.bytes();
      const { whole, told } = kept.over ? { whole: false, told: reader.told() } : readOnce(body, reader);
      const { model, responseId, finishReason, usage, served, error } = told;
      return {
        model,
        responseId,
        finishReason,
        usage: kept.over ? undefined : usage,
        served,
        complete: ended && (whole || kept.over || !isObject(body)),
        error: error ?? (status >= 400 ? plainText(body) : undefined),
        ...(kept.over ? { flags: ['observer_limit'] } : {}),
      };
    },
    text() {
      const body = kept.bytes();
      const value = parsed(body);
      // A document that was cut off can only be taken as it is.
      const text = value === undefined ? body.toString('utf8', 0, limits.textBytes) : textOf(value).join('');
      return text.slice(0, limits.textBytes);
    },
  };
}

const isObject = (body: Bytes): boolean => /^\s*\{/.test(body.toString('latin1', 0, 64));

const plainText = (body: Bytes): string | undefined => body.toString('utf8', 0, maxErrorLength).trim() || undefined;
