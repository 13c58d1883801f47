import type { ApiId } from '../core/api.ts';
import type { Bytes } from '../core/json.ts';
import type { ReplyMeter } from '../core/reply.ts';
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
import { streamMeter } from './stream-meter.ts';
import { unreadMeter } from './unread-meter.ts';
import { wholeMeter } from './whole-meter.ts';

/** What is known of a reply before its first byte. */
export interface ReplyOutline {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  readonly limits?: Partial<MeterLimits>;
}

/** Reads along with one reply of `api` for what metering needs. */
export function replyMeter(options: ReplyOutline & { readonly api: ApiId; readonly dialect: Dialect }): ReplyMeter {
  if (options.api === 'passthrough') return unreadMeter();
  return meterWith(readers[options.api](options.dialect), { ...options, textOf: replyTexts[options.api] });
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
  const limits = { ...meterLimits, ...options.limits };
  const encodings = encodingsOf(options.contentEncoding);
  if (!encodings) return unreadMeter('encoding_unread');
  const plain = byFirstByte((first) => plainMeter(first, reader, { ...options, limits }));
  return encodings.length > 0 ? compressedMeter(plain, { encodings, limits }) : plain;
}

const OPEN_OBJECT = 0x7b;
const OPEN_LIST = 0x5b;

/** Stream or document: by content type, unless the first byte belies it. */
function plainMeter(
  first: number | undefined,
  reader: ReplyReader,
  options: ReplyOutline & { readonly textOf: TextOf; readonly limits: MeterLimits },
): ReplyMeter {
  const type = options.contentType?.toLowerCase() ?? '';
  if (/[/-](?:x-)?(?:ndjson|jsonl)\b/.test(type)) return streamMeter(reader, { ...options, split: ndjsonSplitter });
  if (first === OPEN_OBJECT) return wholeMeter(reader, options);
  if (first === OPEN_LIST) return streamMeter(reader, { ...options, split: jsonListSplitter });
  const isEvents = type.startsWith('text/event-stream') || (type === '' && first !== undefined);
  return isEvents ? streamMeter(reader, { ...options, split: sseSplitter }) : wholeMeter(reader, options);
}

/** Decides which meter reads at the first byte that is no white space. */
function byFirstByte(choose: (first: number | undefined) => ReplyMeter): ReplyMeter {
  let chosen: ReplyMeter | undefined;
  const blank: Bytes[] = [];
  const open = (first: number | undefined): ReplyMeter => {
    chosen = choose(first);
    for (const chunk of blank) chosen.write(chunk);
    return chosen;
  };
  return {
    write(chunk) {
      if (chosen) return chosen.write(chunk);
      const first = chunk.find((byte) => byte > 0x20 && byte !== 0xef && byte !== 0xbb && byte !== 0xbf);
      if (first !== undefined) open(first).write(chunk);
      else if (blank.length < 1024) blank.push(chunk);
    },
    facts: (ended) => (chosen ?? open(undefined)).facts(ended),
    text: () => chosen?.text() ?? '',
  };
}
