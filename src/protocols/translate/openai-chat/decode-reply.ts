import type { Citation } from '../../../core/canonical/part.ts';
import type { ReplyEvent } from '../../../core/canonical/reply-event.ts';
import type { Decoder } from '../../../core/flow.ts';
import type { Bytes, Json } from '../../../core/json.ts';
import { field, list, text } from '../../count.ts';
import type { Dialect } from '../../dialect.ts';
import { openaiChatReader, openaiFinishReasons } from '../../openai-chat-reader.ts';
import { readFirst, type WholeTold } from '../../read-once.ts';
import type { ReplyReader } from '../../reader.ts';
import { sourceOf } from '../data-url.ts';
import { LikeTheLast } from '../../like-the-last.ts';
import type { Alike } from '../../alike-events.ts';
import { OpenParts } from '../open-parts.ts';
import { brokenOff, replyDecoder, type Emit, type EventReader } from '../reply-frame.ts';
import type { ReplySource } from '../translator.ts';
import { errorOf } from './errors.ts';

/** Replies of `/v1/chat/completions` and its imitators. */
export const decodeReply = (source: ReplySource): Decoder<ReplyEvent> =>
  replyDecoder(source, (emit) => new ChatReader(emit, source.dialect));

/** Usage, or the reason of the end behind which usage is final: what the meter's reader is for. */
const tellsUsage = (value: unknown): boolean =>
  isObject(field(value, 'usage')) ||
  isObject(field(value, 'x_groq')) ||
  list(field(value, 'choices')).some((choice) => typeof field(choice, 'finish_reason') === 'string');

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null;

const contentMark = Buffer.from('"content":"');

function candidateOf(choice: unknown): number {
  const index = field(choice, 'index');
  return typeof index === 'number' ? index : 0;
}

class ChatReader implements EventReader {
  readonly #emit: Emit;
  readonly #pattern = new LikeTheLast();
  #patternOf = 0;
  /** Events given out so far, and the last one. */
  #given = 0;
  #last: ReplyEvent | undefined;
  readonly #parts: OpenParts;
  /** Reads the usage as the meter does. */
  readonly #usage: ReplyReader;
  #whole: WholeTold | undefined;
  readonly #refused = new Set<number>();
  readonly #finished = new Set<number>();
  #started = false;
  #calls = 0;

  constructor(emit: Emit, dialect: Dialect) {
    this.#emit = (event) => {
      this.#given += 1;
      this.#last = event;
      emit(event);
    };
    this.#parts = new OpenParts(this.#emit);
    this.#usage = openaiChatReader(dialect);
  }

  event = (value: unknown, json: Bytes): void => {
    const error = field(value, 'error');
    if (error !== undefined && error !== null) return this.#emit({ type: 'error', error: errorOf(error) });
    const isRead = !this.#started || tellsUsage(value);
    if (isRead && !this.#whole) this.#usage.read(json);
    const before = this.#given;
    this.#start(value);
    const choices = list(field(value, 'choices'));
    for (const choice of choices) this.#choice(choice, field(choice, 'delta') ?? field(choice, 'message'));
    if (!isRead && choices.length === 1 && this.#given === before + 1) this.#learn(choices[0], json);
  };

  /** An event whose only effect was more text. */
  #learn(choice: unknown, json: Bytes): void {
    if (this.#last?.type !== 'part-delta' || this.#last.delta.type !== 'text' || !text(field(field(choice, 'delta'), 'content'))) return;
    if (this.#pattern.learn(json, contentMark)) this.#patternOf = candidateOf(choice);
  }

  readonly alike: Alike = {
    pattern: this.#pattern,
    say: (said) => {
      this.#add(this.#patternOf, 'text', said);
      return true;
    },
  };

  whole = (value: unknown, json: Bytes): void => {
    this.#whole = readFirst(json, this.#usage);
    this.event(value, json);
    this.#close();
  };

  done = (): void => this.#close();

  /** Imitators leave `[DONE]` out; the finish reason is word enough. */
  end = (): void => {
    if (this.#finished.size > 0) this.#close();
    else this.#emit({ type: 'error', error: brokenOff });
  };

  #close(): void {
    const { usage, served } = this.#whole?.told ?? this.#usage.told();
    if (usage) this.#emit({ type: 'usage', usage: { buckets: usage.buckets, served } });
    this.#emit({ type: 'end' });
  }

  /** Azure's first event, of content filters, names no model. */
  #start(value: unknown): void {
    const model = text(field(value, 'model'));
    if (this.#started || (model === undefined && list(field(value, 'choices')).length === 0)) return;
    this.#started = true;
    const createdAt = field(value, 'created');
    this.#emit({
      type: 'start',
      id: text(field(value, 'id')) ?? '',
      model: model ?? '',
      ...(typeof createdAt === 'number' && createdAt > 0 && { createdAt }),
    });
  }

  #choice(choice: unknown, delta: unknown): void {
    const candidate = candidateOf(choice);
    this.#thought(candidate, delta);
    this.#said(candidate, field(delta, 'content'));
    this.#refusal(candidate, text(field(delta, 'refusal')));
    for (const annotation of list(field(delta, 'annotations'))) this.#citation(candidate, annotation);
    this.#logprobs(candidate, list(field(field(choice, 'logprobs'), 'content')));
    this.#media(candidate, delta);
    for (const [at, call] of list(field(delta, 'tool_calls')).entries()) this.#toolCall(candidate, call, at);
    const finish = text(field(choice, 'finish_reason'));
    if (finish !== undefined) this.#finish(candidate, finish);
  }

  #thought(candidate: number, delta: unknown): void {
    const thought = text(field(delta, 'reasoning_content')) ?? text(field(delta, 'reasoning'));
    if (thought !== undefined) this.#add(candidate, 'reasoning', thought);
  }

  /** A text, or Mistral's list of texts and thoughts. */
  #said(candidate: number, content: unknown): void {
    if (typeof content === 'string') return this.#add(candidate, 'text', content);
    for (const part of list(content)) {
      if (field(part, 'type') === 'thinking')
        for (const thought of list(field(part, 'thinking'))) this.#add(candidate, 'reasoning', text(field(thought, 'text')) ?? '');
      else this.#add(candidate, 'text', text(field(part, 'text')) ?? '');
    }
  }

  #refusal(candidate: number, refusal: string | undefined): void {
    if (refusal === undefined) return;
    this.#refused.add(candidate);
    this.#add(candidate, 'refusal', refusal);
  }

  #add(candidate: number, type: 'text' | 'reasoning' | 'refusal', more: string): void {
    if (more !== '') this.#parts.add(candidate, type, { type: 'text', text: more }, { type });
  }

  #citation(candidate: number, annotation: unknown): void {
    const url = field(annotation, 'url_citation');
    const number = (key: string): number | undefined => {
      const value = field(url, key);
      return typeof value === 'number' ? value : undefined;
    };
    const [from, to] = [number('start_index'), number('end_index')];
    const [address, title] = [text(field(url, 'url')), text(field(url, 'title'))];
    const citation: Citation = {
      ...(address !== undefined && { url: address }),
      ...(title !== undefined && { title }),
      ...(from !== undefined && { from }),
      ...(to !== undefined && { to }),
      raw: { api: 'openai.chat', value: annotation as Json },
    };
    this.#parts.add(candidate, 'text', { type: 'citation', citation }, { type: 'text' });
  }

  #logprobs(candidate: number, tokens: readonly unknown[]): void {
    if (tokens.length > 0) this.#parts.add(candidate, 'text', { type: 'logprobs', tokens: tokens as readonly Json[] }, { type: 'text' });
  }

  /** Images as OpenRouter gives them, sound as OpenAI does in whole replies. */
  #media(candidate: number, delta: unknown): void {
    for (const image of list(field(delta, 'images'))) {
      const source = sourceOf(text(field(field(image, 'image_url'), 'url')) ?? '', 'image/png');
      if (source.kind === 'data') this.#parts.whole(candidate, { type: 'image', mediaType: source.mediaType, data: source.data });
    }
    const data = text(field(field(delta, 'audio'), 'data'));
    if (data !== undefined) this.#parts.whole(candidate, { type: 'audio', mediaType: 'audio/wav', data });
  }

  #toolCall(candidate: number, call: unknown, at: number): void {
    const index = field(call, 'index');
    const key = `call ${typeof index === 'number' ? index : at}`;
    const custom = field(call, 'custom');
    const called = custom ?? field(call, 'function');
    const more = text(field(called, custom ? 'input' : 'arguments'));
    if (this.#parts.isOver(candidate, key)) {
      if (more !== undefined)
        this.#emit({ type: 'error', error: { kind: 'server', message: 'the provider mixed the arguments of two tool calls' } });
      return;
    }
    if (!this.#parts.isOpen(candidate, key)) this.#begin(candidate, key, call, text(field(called, 'name')) ?? '', custom !== undefined);
    const part = { type: 'tool-call', id: '', name: '' } as const; // it is open
    if (more !== undefined) this.#parts.add(candidate, key, { type: 'arguments', text: more }, part);
    const data = text(field(field(field(call, 'extra_content'), 'google'), 'thought_signature'));
    if (data !== undefined) this.#parts.add(candidate, key, { type: 'seal', seal: { family: 'google', kind: 'signature', data } }, part);
  }

  #begin(candidate: number, key: string, call: unknown, name: string, custom: boolean): void {
    const id = text(field(call, 'id')) ?? `call_${this.#calls}`;
    this.#calls++;
    this.#parts.begin(candidate, key, { type: 'tool-call', id, name, ...(custom && { custom }) });
  }

  #finish(candidate: number, word: string): void {
    if (this.#finished.has(candidate)) return;
    this.#finished.add(candidate);
    this.#parts.close(candidate);
    const reason = openaiFinishReasons[word] ?? 'other';
    this.#emit({ type: 'finish', candidate, reason: reason === 'stop' && this.#refused.has(candidate) ? 'refusal' : reason });
  }
}
