import type {
  Delta,
  Finish,
  OpenedPart,
  PartDelta,
  PartStart,
  ReplyEvent,
  ReplyStart,
  ReplyUsage,
} from '../../../core/canonical/reply-event.ts';
import type { Bytes, Json, JsonObject } from '../../../core/json.ts';
import { bytesOf, dataEvent } from '../event-text.ts';
import { dataUrl } from '../data-url.ts';
import type { ReplyClient, ReplyEncoder } from '../translator.ts';
import { errorBody } from './errors.ts';
import { usageOf } from './usage.ts';
import { annotationOf, finishWords, replyId, tierOf } from './words.ts';

/** Chunks of `/v1/chat/completions`, one event each, and `[DONE]`. */
export class ChunkEncoder implements ReplyEncoder {
  readonly contentType = 'text/event-stream; charset=utf-8';
  readonly #client: ReplyClient;
  #head: JsonObject = {};
  #prefix = '';
  #usage: ReplyUsage | undefined;
  readonly #begun = new Set<number>();
  /** Tool calls of each candidate so far. */
  readonly #calls = new Map<number, number>();
  readonly #open = new Map<number, Opened>();

  constructor(client: ReplyClient) {
    this.#client = client;
  }

  write(event: ReplyEvent): Bytes | undefined {
    switch (event.type) {
      case 'start':
        return this.#start(event);
      case 'part-start':
        return this.#partStart(event);
      case 'part-delta':
        return this.#delta(event);
      case 'part-end':
        this.#open.delete(event.index);
        return undefined;
      case 'usage':
        this.#usage = event.usage;
        return undefined;
      case 'finish':
        return this.#finish(event);
      case 'end':
        return this.#end();
      default:
        return bytesOf(dataEvent({ error: errorBody(event.error) }));
    }
  }

  #start({ id, model, createdAt }: ReplyStart): Bytes | undefined {
    const { call, requestId } = this.#client;
    this.#head = {
      id: replyId(id, requestId),
      object: 'chat.completion.chunk',
      created: createdAt ?? this.#client.createdAt,
      model: model || call.model,
    };
    this.#prefix = `data: ${JSON.stringify(this.#head).slice(0, -1)},"choices":[{"index":`;
    return bytesOf(this.#role(0));
  }

  /** The first chunk of each answer names the role. */
  #role(candidate: number): string {
    if (this.#begun.has(candidate)) return '';
    this.#begun.add(candidate);
    return this.#chunk(candidate, { role: 'assistant', content: '', refusal: null });
  }

  #partStart({ index, candidate, part }: PartStart): Bytes | undefined {
    const opened: Opened = { candidate, part, call: part.type === 'tool-call' ? this.#nextCall(candidate) : 0 };
    this.#open.set(index, opened);
    const delta = startOf(opened);
    return bytesOf(this.#role(candidate), delta ? this.#chunk(candidate, delta) : '');
  }

  #nextCall(candidate: number): number {
    const at = this.#calls.get(candidate) ?? 0;
    this.#calls.set(candidate, at + 1);
    return at;
  }

  #delta({ index, delta }: PartDelta): Bytes | undefined {
    const opened = this.#open.get(index);
    if (!opened) return undefined;
    if (delta.type === 'logprobs')
      return bytesOf(this.#chunk(opened.candidate, {}, { logprobs: { content: delta.tokens, refusal: null } }));
    const fields = deltaOf(opened, delta);
    return fields && bytesOf(this.#chunk(opened.candidate, fields));
  }

  #finish({ candidate, reason }: Finish): Bytes | undefined {
    return bytesOf(this.#role(candidate), this.#chunk(candidate, {}, { finish_reason: finishWords[reason] }));
  }

  #end(): Bytes | undefined {
    const usage = this.#client.call.streamUsage && this.#usage ? usageOf(this.#usage.buckets) : undefined;
    const told = usage ? dataEvent({ ...this.#head, ...tierOf(this.#usage!.served), choices: [], usage }) : '';
    return bytesOf(told, 'data: [DONE]\n\n');
  }

  /** What is the same in all chunks is written once. */
  #chunk(candidate: number, delta: JsonObject, { logprobs = null, finish_reason: finish = null }: JsonObject = {}): string {
    const end =
      logprobs === null && finish === null ? noEnd : `,"logprobs":${JSON.stringify(logprobs)},"finish_reason":${JSON.stringify(finish)}`;
    return `${this.#prefix}${candidate},"delta":${JSON.stringify(delta)}${end}}]}\n\n`;
  }
}

const noEnd = ',"logprobs":null,"finish_reason":null';

interface Opened {
  readonly candidate: number;
  readonly part: OpenedPart;
  /** Which tool call of its answer. */
  readonly call: number;
}

function startOf({ part, call }: Opened): JsonObject | undefined {
  if (part.type === 'image') return { images: [{ type: 'image_url', image_url: { url: dataUrl(part.mediaType, part.data) } }] };
  if (part.type === 'audio') return { audio: { data: part.data } };
  if (part.type !== 'tool-call') return undefined;
  const { id, name } = part;
  const called: Json = part.custom
    ? { index: call, id, type: 'custom', custom: { name, input: '' } }
    : { index: call, id, type: 'function', function: { name, arguments: '' } };
  return { tool_calls: [called] };
}

const textKeys = { text: 'content', refusal: 'refusal', reasoning: 'reasoning_content' } as const;

function deltaOf({ part, call }: Opened, delta: Exclude<Delta, { readonly type: 'logprobs' }>): JsonObject | undefined {
  switch (delta.type) {
    case 'text':
      return part.type in textKeys ? { [textKeys[part.type as keyof typeof textKeys]]: delta.text } : undefined;
    case 'paragraph':
      return { reasoning_content: '\n\n' };
    case 'arguments':
      return part.type === 'tool-call' && part.custom
        ? { tool_calls: [{ index: call, custom: { input: delta.text } }] }
        : { tool_calls: [{ index: call, function: { arguments: delta.text } }] };
    case 'seal':
      if (part.type !== 'tool-call' || delta.seal.family !== 'google') return undefined; // no field for it
      return { tool_calls: [{ index: call, extra_content: { google: { thought_signature: delta.seal.data } } }] };
    default: {
      const annotations = annotationOf(delta.citation);
      return annotations.length > 0 ? { annotations } : undefined;
    }
  }
}
