import type { Finish, OpenedPart, PartDelta, PartStart, ReplyEvent, ReplyStart, ReplyUsage } from '../../../core/canonical/reply-event.ts';
import type { ReplyError } from '../../../core/canonical/reply-error.ts';
import type { Bytes, Json, JsonObject } from '../../../core/json.ts';
import { errorBody } from '../openai-chat/errors.ts';
import type { ReplyClient, ReplyEncoder } from '../translator.ts';
import { formOf, type CallPart } from './call-form.ts';
import { itemId, wholeItem, type ItemKind, type WholePart } from './items.ts';
import { MessageStream } from './message-stream.ts';
import { CallStream, CustomCallStream, ReasoningStream, SearchCallStream, type PartStream } from './part-streams.ts';
import { begun, ended, responseHead } from './response.ts';

/** Events of a response: named, numbered, and without `[DONE]`. */
export class ResponseStream implements ReplyEncoder {
  readonly contentType = 'text/event-stream; charset=utf-8';
  readonly #client: ReplyClient;
  #head: JsonObject | undefined;
  /** The head as JSON without its closing brace: three events repeat it. */
  #headJson = '';
  #sequence = 0;
  #text = '';
  readonly #output: Json[] = [];
  #message: MessageStream | undefined;
  #open: { readonly index: number; readonly part: PartStream } | undefined;
  #finish: Finish | undefined;
  #usage: ReplyUsage | undefined;

  constructor(client: ReplyClient) {
    this.#client = client;
  }

  write(event: ReplyEvent): Bytes | undefined {
    this.#take(event);
    if (this.#text === '') return undefined;
    const bytes = Buffer.from(this.#text);
    this.#text = '';
    return bytes;
  }

  #take(event: ReplyEvent): void {
    switch (event.type) {
      case 'start':
        return this.#start(event);
      case 'part-start':
        return this.#partStart(event);
      case 'part-delta':
        return this.#delta(event);
      case 'part-end':
        return this.#partEnd(event.index);
      case 'usage':
        this.#usage = event.usage;
        return;
      case 'finish':
        if (event.candidate === 0) this.#finish = event;
        return;
      case 'end':
        return this.#end();
      default:
        return this.#fail(event.error);
    }
  }

  #start(start: ReplyStart): void {
    this.#head = responseHead(start, this.#client);
    this.#headJson = JSON.stringify(this.#head).slice(0, -1);
    this.#response('response.created', begun());
    this.#response('response.in_progress', begun());
  }

  /** A response has one answer. */
  #partStart({ index, part, candidate }: PartStart): void {
    if (candidate !== 0) return;
    const opened = this.#opened(part);
    this.#open = opened && { index, part: opened };
  }

  #opened(part: OpenedPart): PartStream | undefined {
    switch (part.type) {
      case 'text':
      case 'refusal':
        this.#message ??= new MessageStream(this.#place('message'));
        return this.#message.content(part.type);
      case 'reasoning':
        this.#closeMessage();
        return new ReasoningStream(this.#place('reasoning'));
      case 'tool-call':
        this.#closeMessage();
        return this.#call(part);
      default:
        this.#whole(part);
        return undefined;
    }
  }

  #call(part: CallPart): PartStream {
    const form = formOf(part, this.#client.call.tools);
    const place = this.#place(form.kind);
    if (form.kind === 'custom_tool_call') return new CustomCallStream(place, part.id, form, part.custom !== true);
    return form.kind === 'tool_search_call' ? new SearchCallStream(place, part.id, form) : new CallStream(place, part.id, form);
  }

  /** A part that comes whole; sound and items of another API have no form here. */
  #whole(part: WholePart): void {
    const item = wholeItem(part, itemId('image_generation_call', this.#id(), this.#output.length));
    if (!item) return;
    this.#closeMessage();
    const place = this.#place('image_generation_call');
    place.added(item);
    place.done(item);
  }

  #delta({ index, delta }: PartDelta): void {
    if (this.#open?.index === index) this.#open.part.add(delta);
  }

  #partEnd(index: number): void {
    if (this.#open?.index !== index) return;
    this.#open.part.end();
    this.#open = undefined;
  }

  #closeMessage(): void {
    this.#message?.end();
    this.#message = undefined;
  }

  #end(): void {
    this.#closeMessage();
    const tail = this.#outcome();
    this.#response(`response.${tail['status'] as string}`, tail);
  }

  /**
   * The plain event stops OpenAI's SDK; the failed response is what agents wait for. Items that are open stay open:
   * an agent runs the tool call of an item that is done.
   */
  #fail(error: ReplyError): void {
    const { code, message, param } = errorBody(error);
    this.#event('error', { code, message, param });
    if (this.#head) this.#response('response.failed', this.#outcome(error));
  }

  #outcome(error?: ReplyError): JsonObject {
    const outcome = { output: this.#output, finish: this.#finish, usage: this.#usage, ...(error && { error }) };
    return ended(outcome, Math.max(this.#client.createdAt, this.#head!['created_at'] as number));
  }

  /** The place of the next item, through which its events go out. */
  #place(kind: ItemKind): ItemPlace {
    const outputIndex = this.#output.length;
    const id = itemId(kind, this.#id(), outputIndex);
    return {
      itemId: id,
      added: (item) => this.#event('response.output_item.added', { output_index: outputIndex, item }),
      event: (type, fields) => this.#event(type, { item_id: id, output_index: outputIndex, ...fields }),
      deltas: (type, fields) => this.#deltas(type, { item_id: id, output_index: outputIndex, ...fields }),
      done: (item) => {
        this.#output.push(item);
        this.#event('response.output_item.done', { output_index: outputIndex, item });
      },
    };
  }

  #id(): string {
    return this.#head?.['id'] as string;
  }

  #response(type: string, tail: JsonObject): void {
    const response = `${this.#headJson},${JSON.stringify(tail).slice(1)}`;
    this.#text += `event: ${type}\ndata: {"type":"${type}","sequence_number":${this.#sequence++},"response":${response}}\n\n`;
  }

  /** Most events of a stream are deltas: what they have in common is written once. */
  #deltas(type: string, fields: JsonObject): (delta: string) => void {
    const head = `event: ${type}\ndata: {"type":"${type}","sequence_number":`;
    const rest = `,${JSON.stringify(fields).slice(1, -1)},"delta":`;
    return (delta) => {
      this.#text += `${head}${this.#sequence++}${rest}${JSON.stringify(delta)}}\n\n`;
    };
  }

  #event(type: string, fields: JsonObject): void {
    this.#text += `event: ${type}\ndata: ${JSON.stringify({ type, sequence_number: this.#sequence++, ...fields })}\n\n`;
  }
}

/** Where an item stands in the output. */
export interface ItemPlace {
  readonly itemId: string;
  readonly added: (item: JsonObject) => void;
  /** An event of the item itself: its id and place are added. */
  readonly event: (type: string, fields: JsonObject) => void;
  /** The same for events of one type that differ in their `delta` only. */
  readonly deltas: (type: string, fields: JsonObject) => (delta: string) => void;
  readonly done: (item: JsonObject) => void;
}
