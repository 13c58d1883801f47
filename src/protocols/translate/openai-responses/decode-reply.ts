import type { Seal } from '../../../core/canonical/part.ts';
import type { Delta, OpenedPart, ReplyEvent } from '../../../core/canonical/reply-event.ts';
import type { Decoder } from '../../../core/flow.ts';
import type { Bytes, Json } from '../../../core/json.ts';
import { field, list, text } from '../../count.ts';
import type { Dialect } from '../../dialect.ts';
import { openaiResponsesReader } from '../../openai-responses-reader.ts';
import { OpenParts } from '../open-parts.ts';
import { errorOf } from '../openai-chat/errors.ts';
import { brokenOff, replyDecoder, type Emit, type EventReader } from '../reply-frame.ts';
import type { ReplySource } from '../translator.ts';
import { openaiSeal } from './openai-seal.ts';
import { citationOf, finishOf } from './reply-words.ts';

/** Replies of `/v1/responses`. */
export const decodeReply = (source: ReplySource): Decoder<ReplyEvent> =>
  replyDecoder(source, (emit) => new ResponseReader(emit, source.dialect));

type Handler = (reader: ResponseReader, event: unknown) => void;

/** type of event -> what it does. Others tell of steps of OpenAI's own tools, or repeat what came. */
const handlers: Readonly<Record<string, Handler>> = {
  'response.created': (reader, event) => reader.start(field(event, 'response')),
  'response.in_progress': (reader, event) => reader.start(field(event, 'response')),
  'response.output_item.added': (reader, event) => reader.itemAdded(event, field(event, 'item')),
  'response.content_part.added': (reader, event) => reader.contentAdded(event, field(field(event, 'part'), 'type')),
  'response.output_text.delta': (reader, event) => reader.said(event, 'text'),
  'response.refusal.delta': (reader, event) => reader.said(event, 'refusal'),
  'response.output_text.annotation.added': (reader, event) => reader.cited(event, field(event, 'annotation')),
  'response.reasoning_summary_part.added': (reader, event) => reader.paragraph(event, 'summary_index'),
  'response.reasoning_summary_text.delta': (reader, event) => reader.thought(event, 'summary'),
  'response.reasoning_text.delta': (reader, event) => reader.thought(event, 'content'),
  'response.function_call_arguments.delta': (reader, event) => reader.argument(event),
  'response.custom_tool_call_input.delta': (reader, event) => reader.argument(event),
  'response.output_item.done': (reader, event) => reader.itemDone(event, field(event, 'item')),
  'response.completed': (reader, event) => reader.close(field(event, 'response')),
  'response.incomplete': (reader, event) => reader.close(field(event, 'response')),
  'response.failed': (reader, event) => reader.fail(field(field(event, 'response'), 'error')),
  error: (reader, event) => reader.fail(field(event, 'error') ?? event),
};

const indexOf = (event: unknown, key: string): number => {
  const index = field(event, key);
  return typeof index === 'number' ? index : 0;
};

class ResponseReader implements EventReader {
  readonly #emit: Emit;
  readonly #parts: OpenParts;
  readonly #dialect: Dialect;
  #json: Bytes | undefined;
  #started = false;
  /** Items that came by themselves, before the last event that repeats them. */
  readonly #items = new Set<number>();
  /** Keys of parts of which a text came. */
  readonly #told = new Set<string>();
  /** Which form of its thoughts an item streams: their summary goes before the thoughts themselves. */
  #thoughts: 'summary' | 'content' | undefined;
  #called = false;
  #refused = false;

  constructor(emit: Emit, dialect: Dialect) {
    this.#emit = emit;
    this.#parts = new OpenParts(emit);
    this.#dialect = dialect;
  }

  event = (value: unknown, json: Bytes): void => {
    this.#json = json;
    const type = text(field(value, 'type'));
    if (type !== undefined && Object.hasOwn(handlers, type)) return handlers[type]!(this, value);
    const error = field(value, 'error');
    if (error !== undefined && error !== null) this.fail(error); // of imitators, without a type
  };

  whole = (value: unknown, json: Bytes): void => {
    this.#json = json;
    const error = field(value, 'error');
    if (error !== undefined && error !== null) return this.fail(error);
    this.close(value);
  };

  end = (): void => this.#emit({ type: 'error', error: brokenOff });

  start(response: unknown): void {
    if (this.#started) return;
    this.#started = true;
    const createdAt = field(response, 'created_at');
    this.#emit({
      type: 'start',
      id: text(field(response, 'id')) ?? '',
      model: text(field(response, 'model')) ?? '',
      ...(typeof createdAt === 'number' && createdAt > 0 && { createdAt }),
    });
  }

  fail(error: unknown): void {
    this.#emit({ type: 'error', error: errorOf(error) });
  }

  /** The last event, or a whole body: its usage, and what of its items did not come before. */
  close(response: unknown): void {
    this.start(response);
    for (const [at, item] of list(field(response, 'output')).entries()) if (!this.#items.has(at)) this.itemDone({ output_index: at }, item);
    this.#parts.close(0);
    const reader = openaiResponsesReader(this.#dialect);
    reader.read(this.#json!);
    const { usage, served } = reader.told();
    if (usage) this.#emit({ type: 'usage', usage: { buckets: usage.buckets, served } });
    this.#emit({ type: 'finish', candidate: 0, reason: finishOf(response, this.#called, this.#refused) });
    this.#emit({ type: 'end' });
  }

  itemAdded(event: unknown, item: unknown): void {
    const at = indexOf(event, 'output_index');
    this.#items.add(at);
    const part = opened(item);
    if (!part) return;
    this.#thoughts = undefined;
    this.#called ||= part.type === 'tool-call';
    this.#parts.begin(0, `${at}`, part);
  }

  contentAdded(event: unknown, type: unknown): void {
    const key = contentKey(event);
    if (type === 'output_text') this.#parts.begin(0, key, { type: 'text' });
    else if (type === 'refusal') this.#parts.begin(0, key, { type: 'refusal' });
  }

  said(event: unknown, type: 'text' | 'refusal'): void {
    this.#refused ||= type === 'refusal';
    this.#items.add(indexOf(event, 'output_index'));
    const key = contentKey(event);
    this.#add(key, { type: 'text', text: text(field(event, 'delta')) ?? '' }, { type });
    const tokens = list(field(event, 'logprobs'));
    if (tokens.length > 0) this.#parts.add(0, key, { type: 'logprobs', tokens: tokens as readonly Json[] }, { type });
  }

  cited(event: unknown, annotation: unknown): void {
    this.#parts.add(0, contentKey(event), { type: 'citation', citation: citationOf(annotation) }, { type: 'text' });
  }

  paragraph(event: unknown, index: 'summary_index' | 'content_index'): void {
    const key = `${indexOf(event, 'output_index')}`;
    if (indexOf(event, index) > 0 && this.#told.has(key)) this.#parts.add(0, key, { type: 'paragraph' }, { type: 'reasoning' });
  }

  thought(event: unknown, form: 'summary' | 'content'): void {
    this.#thoughts ??= form;
    if (this.#thoughts === form) this.#more(event, { type: 'reasoning' });
  }

  #more(event: unknown, part: OpenedPart): void {
    this.#add(`${indexOf(event, 'output_index')}`, { type: 'text', text: text(field(event, 'delta')) ?? '' }, part);
  }

  argument(event: unknown): void {
    const key = `${indexOf(event, 'output_index')}`;
    if (!this.#parts.isOpen(0, key)) return this.#mixed();
    this.#add(key, { type: 'arguments', text: text(field(event, 'delta')) ?? '' }, { type: 'tool-call', id: '', name: '' });
  }

  #mixed(): void {
    this.#emit({ type: 'error', error: { kind: 'server', message: 'the provider sent arguments of a tool call that is not open' } });
  }

  #add(key: string, delta: Delta & { readonly text: string }, part: OpenedPart): void {
    if (delta.text === '') return;
    this.#told.add(key);
    this.#parts.add(0, key, delta, part);
  }

  /** An item is whole: what of it was not told yet is told now. */
  itemDone(event: unknown, item: unknown): void {
    const at = indexOf(event, 'output_index');
    const type = text(field(item, 'type'));
    this.#items.add(at);
    if (type === 'message') this.#messageDone(at, item);
    else if (type === 'reasoning') this.#reasoningDone(at, item);
    else if (opened(item)) this.#callDone(event, at, item);
    else if (type !== undefined) this.#whole(type, item);
    this.#parts.close(0);
  }

  #messageDone(at: number, item: unknown): void {
    for (const [index, content] of list(field(item, 'content')).entries()) {
      const place = { output_index: at, content_index: index };
      if (this.#told.has(contentKey(place))) continue;
      const refusal = text(field(content, 'refusal'));
      if (refusal !== undefined) this.said({ ...place, delta: refusal }, 'refusal');
      else this.#textDone(place, content);
    }
  }

  #textDone(place: object, content: unknown): void {
    this.said({ ...place, delta: field(content, 'text'), logprobs: field(content, 'logprobs') }, 'text');
    for (const annotation of list(field(content, 'annotations'))) this.cited(place, annotation);
  }

  #reasoningDone(at: number, item: unknown): void {
    const key = `${at}`;
    if (!this.#parts.isOpen(0, key)) this.#parts.begin(0, key, { type: 'reasoning' });
    if (!this.#told.has(key)) this.#thoughtsOf(at, item);
    const seal = sealFrom(item);
    if (seal) this.#parts.add(0, key, { type: 'seal', seal }, { type: 'reasoning' });
  }

  #thoughtsOf(at: number, item: unknown): void {
    const summary = list(field(item, 'summary'));
    const shown = summary.length > 0 ? summary : list(field(item, 'content'));
    for (const [index, paragraph] of shown.entries()) {
      this.paragraph({ output_index: at, summary_index: index }, 'summary_index');
      this.#more({ output_index: at, delta: field(paragraph, 'text') }, { type: 'reasoning' });
    }
  }

  #callDone(event: unknown, at: number, item: unknown): void {
    const key = `${at}`;
    if (this.#told.has(key)) return;
    if (!this.#parts.isOpen(0, key)) this.itemAdded(event, item);
    this.argument({ output_index: at, delta: field(item, 'arguments') ?? field(item, 'input') });
  }

  #whole(kind: string, item: unknown): void {
    const data = kind === 'image_generation_call' ? text(field(item, 'result')) : undefined;
    if (data !== undefined) this.#parts.whole(0, { type: 'image', mediaType: 'image/png', data });
    else this.#parts.whole(0, { type: 'opaque', api: 'openai.responses', kind, value: item as Json });
  }
}

const contentKey = (event: unknown): string => `${indexOf(event, 'output_index')} ${indexOf(event, 'content_index')}`;

/** The part that an item is, when it is one by itself. */
function opened(item: unknown): OpenedPart | undefined {
  const type = text(field(item, 'type'));
  if (type === 'reasoning') return { type };
  if (type !== 'function_call' && type !== 'custom_tool_call') return undefined;
  const id = text(field(item, 'call_id')) ?? text(field(item, 'id')) ?? 'call_0';
  return { type: 'tool-call', id, name: text(field(item, 'name')) ?? '', ...(type === 'custom_tool_call' && { custom: true }) };
}

function sealFrom(item: unknown): Seal | undefined {
  const data = text(field(item, 'encrypted_content'));
  const id = text(field(item, 'id'));
  return data === undefined ? undefined : openaiSeal(data, id);
}
