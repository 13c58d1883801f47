import type { Bytes } from '../core/json.ts';
import type { FinishReason } from '../core/reply.ts';
import type { ServedTier, UsageReport } from '../core/usage.ts';
import type { Signs } from '../core/signs.ts';
import type { Alike } from './alike-events.ts';
import { field, parsed, text } from './count.ts';

/** What a reply has told so far. */
export interface Told {
  readonly model: string | undefined;
  readonly responseId: string | undefined;
  readonly finishReason: FinishReason | undefined;
  readonly usage: UsageReport | undefined;
  readonly served: ServedTier;
  readonly error: string | undefined;
  /** A stream's closing event was seen. */
  readonly closed: boolean;
}

/** Folds the events of a stream, or one whole body, into what they tell. One per reply. Never throws. */
export interface ReplyReader {
  /** Whether bytes of a stream may tell something. Most events only carry text and are passed over. */
  tells(events: Bytes): boolean;
  /** What `tells` looks for while the reader is not curious. Left out: only `tells` knows. */
  readonly signs?: Signs;
  /** Whatever comes next is to be read. */
  readonly isCurious?: () => boolean;
  /** Reads one event, or the body. Whether its JSON was whole. */
  read(json: Bytes): boolean;
  told(): Told;
  /** Readers of one kind tell the same of the same bytes; left out: nobody else reads them. */
  readonly kind?: unknown;
  /** Events of which only the last one counts, where they differ in nothing but a text and their numbers. */
  readonly alike?: Alike;
}

/** Nothing told. */
export const silence: Told = {
  model: undefined,
  responseId: undefined,
  finishReason: undefined,
  usage: undefined,
  served: {},
  error: undefined,
  closed: false,
};

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** A string value; empty strings say nothing. */
export function stringOf(json: Bytes | undefined): string | undefined {
  if (json?.[0] !== QUOTE) return undefined;
  if (json.includes(BACKSLASH)) return text(parsed(json));
  return json.toString('utf8', 1, json.length - 1) || undefined;
}

/** Whether a pattern occurs in bytes. One search over all alternatives is the fastest there is, 0.2 us an event. */
export const occurs = (pattern: RegExp, bytes: Bytes): boolean => pattern.test(bytes.toString('latin1'));

/** Error texts longer than this are cut. */
const maxErrorLength = 1000;

/** The message of an error in any of the shapes in use: a string, `{message}`, or something else, which is shown as it is. */
export function errorOf(json: Bytes | undefined): string | undefined {
  if (!json) return undefined;
  const value = parsed(json);
  const message = text(value) ?? text(field(value, 'message')) ?? json.toString('utf8', 0, maxErrorLength);
  return message.slice(0, maxErrorLength);
}
