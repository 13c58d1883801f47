import type { ApiId } from '../core/api.ts';
import type { Bytes } from '../core/json.ts';
import type { ReplyFacts, ReplyMeter } from '../core/reply.ts';
import { anthropicMessagesReader } from './anthropic-messages-reader.ts';
import { bedrockConverseReader } from './bedrock-reader.ts';
import { compressedMeter } from './compressed-meter.ts';
import { countTokensReader } from './count-tokens-reader.ts';
import type { Dialect } from './dialect.ts';
import { googleReader } from './google-reader.ts';
import { encodingsOf } from './inflate.ts';
import { jsonListSplitter } from './json-list.ts';
import { meterLimits, type MeterLimits } from './limits.ts';
import { ndjsonSplitter } from './ndjson.ts';
import { openaiChatReader } from './openai-chat-reader.ts';
import { openaiResponsesReader } from './openai-responses-reader.ts';
import type { ReplyReader } from './reader.ts';
import { replyTexts, type TextOf } from './reply-text.ts';
import { sseSplitter } from './sse.ts';
import { StreamMeter } from './stream-meter.ts';
import { unreadMeter } from './unread-meter.ts';
import { WholeMeter } from './whole-meter.ts';

/** What is known of a reply before its first byte. */
export interface ReplyOutline {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  /** Left out: `meterLimits`. */
  readonly limits?: MeterLimits | undefined;
}

/** Reads along with one reply of `api` for what metering needs. */
export function replyMeter(options: ReplyOutline & { readonly api: ApiId; readonly dialect: Dialect }): ReplyMeter {
  if (options.api === 'passthrough') return unreadMeter();
  const { api, dialect, status, contentType, contentEncoding, limits } = options;
  return meterWith(readers[api](dialect), { status, contentType, contentEncoding, limits, textOf: replyTexts[api] });
}

const readers: Readonly<Record<Exclude<ApiId, 'passthrough'>, (dialect: Dialect) => ReplyReader>> = {
  'openai.chat': (dialect) => openaiChatReader(dialect),
  'openai.completions': (dialect) => openaiChatReader(dialect),
  'openai.responses': openaiResponsesReader,
  'openai.responses.input_tokens': countTokensReader,
  'openai.embeddings': (dialect) => openaiChatReader(dialect, { withoutOutput: true }),
  'anthropic.messages': anthropicMessagesReader,
  'anthropic.count_tokens': countTokensReader,
  'google.generate_content': () => googleReader(),
  'google.count_tokens': countTokensReader,
  'bedrock.converse': () => bedrockConverseReader(),
  'google.embed_content': () => googleReader({ embedding: true }),
  'google.batch_embed_contents': () => googleReader({ embedding: true }),
};

/** The same with any reader: for APIs that have no name of their own yet. */
export function meterWith(reader: ReplyReader, options: ReplyOutline & { readonly textOf: TextOf }): ReplyMeter {
  const { status, contentType, contentEncoding, limits = meterLimits, textOf } = options;
  const encodings = encodingsOf(contentEncoding);
  if (!encodings) return unreadMeter('encoding_unread');
  const plain = new PlainMeter(reader, { status, contentType, limits, textOf });
  return encodings.length > 0 ? compressedMeter(plain, { encodings, limits }) : plain;
}

interface PlainOptions {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly limits: MeterLimits;
  readonly textOf: TextOf;
}

const OPEN_OBJECT = 0x7b;
const OPEN_LIST = 0x5b;

/** Stream or document: by content type, unless the first byte belies it. */
function chosenBy(first: number | undefined, reader: ReplyReader, options: PlainOptions): ReplyMeter {
  const type = options.contentType?.toLowerCase() ?? '';
  if (/[/-](?:x-)?(?:ndjson|jsonl)\b/.test(type)) return new StreamMeter(reader, { ...options, split: ndjsonSplitter });
  if (first === OPEN_OBJECT) return new WholeMeter(reader, options);
  if (first === OPEN_LIST) return new StreamMeter(reader, { ...options, split: jsonListSplitter });
  const isEvents = type.startsWith('text/event-stream') || (type === '' && first !== undefined);
  return isEvents ? new StreamMeter(reader, { ...options, split: sseSplitter }) : new WholeMeter(reader, options);
}

/** Chunks of white space that are kept for the one who reads. */
const maxBlankChunks = 1024;

/** Decides which meter reads at the first byte that is no white space. */
class PlainMeter implements ReplyMeter {
  readonly #reader: ReplyReader;
  readonly #options: PlainOptions;
  #chosen: ReplyMeter | undefined;
  #blank: Bytes[] | undefined;

  constructor(reader: ReplyReader, options: PlainOptions) {
    this.#reader = reader;
    this.#options = options;
  }

  write(chunk: Bytes): void {
    const meter = this.#chosen ?? this.#open(firstOf(chunk));
    if (meter) meter.write(chunk);
    else this.#wait(chunk);
  }

  facts(ended: boolean): ReplyFacts | Promise<ReplyFacts> {
    return (this.#chosen ?? this.#choose(undefined)).facts(ended);
  }

  text(): string {
    return this.#chosen?.text() ?? '';
  }

  #open(first: number | undefined): ReplyMeter | undefined {
    return first === undefined ? undefined : this.#choose(first);
  }

  #choose(first: number | undefined): ReplyMeter {
    const meter = chosenBy(first, this.#reader, this.#options);
    for (const chunk of this.#blank ?? []) meter.write(chunk);
    this.#blank = undefined;
    this.#chosen = meter;
    return meter;
  }

  #wait(chunk: Bytes): void {
    this.#blank ??= [];
    if (this.#blank.length < maxBlankChunks) this.#blank.push(chunk);
  }
}

/** The first byte that is neither white space nor a byte order mark's. */
function firstOf(chunk: Bytes): number | undefined {
  for (let at = 0; at < chunk.length; at += 1) {
    const byte = chunk[at]!;
    if (byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf) return byte;
  }
  return undefined;
}
