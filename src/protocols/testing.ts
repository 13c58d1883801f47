import type { ApiId } from '../core/api.ts';
import type { Bytes } from '../core/json.ts';
import type { ReplyFacts } from '../core/reply.ts';
import { openaiDialect, type Dialect } from './dialect.ts';
import { meterLimits, type MeterLimits } from './limits.ts';
import { replyMeter } from './meter.ts';

export interface Reading {
  readonly facts: ReplyFacts;
  readonly text: string;
}

export interface ReadOptions {
  readonly status?: number;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  readonly dialect?: Dialect;
  readonly limits?: Partial<MeterLimits>;
  /** Default: the reply came to its own end. */
  readonly ended?: boolean;
}

/** Feeds `chunks` to the meter of `api`, as a stream of events unless told otherwise. */
export async function readReply(api: ApiId, chunks: readonly (Bytes | string)[], options: ReadOptions = {}): Promise<Reading> {
  const { status = 200, contentType = 'text/event-stream', contentEncoding, dialect = openaiDialect, limits = {}, ended = true } = options;
  const meter = replyMeter({ api, status, contentType, contentEncoding, dialect, limits: { ...meterLimits, ...limits } });
  for (const chunk of chunks) meter.write(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  const facts = await meter.facts(ended);
  return { facts, text: meter.text() };
}

/** Reads a whole JSON body. */
export const readBody = (api: ApiId, body: unknown, options: ReadOptions = {}): Promise<Reading> =>
  readReply(api, [JSON.stringify(body)], { contentType: 'application/json', ...options });

/** A stream of events without names, as OpenAI's chat and Google send them. */
export const events = (...values: readonly unknown[]): string =>
  values.map((value) => `data: ${typeof value === 'string' ? value : JSON.stringify(value)}\n\n`).join('');

/** A stream of events named by their type, as Anthropic's and OpenAI's responses send them. */
export const namedEvents = (...values: readonly { readonly type: string }[]): string =>
  values.map((value) => `event: ${value.type}\ndata: ${JSON.stringify(value)}\n\n`).join('');
