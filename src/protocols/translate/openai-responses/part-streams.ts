import type { Seal } from '../../../core/canonical/part.ts';
import type { Delta, OpenedPart } from '../../../core/canonical/reply-event.ts';
import { FreeText } from '../custom-tool.ts';
import type { ItemPlace } from './encode-stream.ts';
import { callItem, reasoningItem, summaryText } from './items.ts';

/** Events of one part of a reply, as it comes. */
export interface PartStream {
  add(delta: Delta): void;
  end(): void;
}

type CallPart = Extract<OpenedPart, { readonly type: 'tool-call' }>;

export class CallStream implements PartStream {
  readonly #place: ItemPlace;
  readonly #call: CallPart;
  #arguments = '';

  constructor(place: ItemPlace, call: CallPart) {
    this.#place = place;
    this.#call = call;
    place.added(callItem(place.itemId, 'in_progress', call, false, ''));
  }

  add(delta: Delta): void {
    if (delta.type !== 'arguments' || delta.text === '') return;
    this.#arguments += delta.text;
    this.#place.event('response.function_call_arguments.delta', { delta: delta.text });
  }

  end(): void {
    if (this.#arguments === '') this.add({ type: 'arguments', text: '{}' }); // clients parse it
    this.#place.event('response.function_call_arguments.done', { name: this.#call.name, arguments: this.#arguments });
    this.#place.done(callItem(this.#place.itemId, 'completed', this.#call, false, this.#arguments));
  }
}

export class CustomCallStream implements PartStream {
  readonly #place: ItemPlace;
  readonly #call: CallPart;
  /** Takes the text out of the arguments of a function that stood for the tool. */
  readonly #freeText: FreeText | undefined;
  #input = '';

  constructor(place: ItemPlace, call: CallPart, wrapped: boolean) {
    this.#place = place;
    this.#call = call;
    this.#freeText = wrapped ? new FreeText() : undefined;
    place.added(callItem(place.itemId, 'in_progress', call, true, ''));
  }

  add(delta: Delta): void {
    if (delta.type === 'arguments') this.#more(this.#freeText ? this.#freeText.add(delta.text) : delta.text);
  }

  end(): void {
    this.#more(this.#freeText?.end() ?? '');
    this.#place.event('response.custom_tool_call_input.done', { input: this.#input });
    this.#place.done(callItem(this.#place.itemId, 'completed', this.#call, true, this.#input));
  }

  #more(text: string): void {
    if (text === '') return;
    this.#input += text;
    this.#place.event('response.custom_tool_call_input.delta', { delta: text });
  }
}

/** Thoughts are shown as a summary, one part a paragraph. */
export class ReasoningStream implements PartStream {
  readonly #place: ItemPlace;
  readonly #paragraphs: string[] = [];
  #isOpen = false;
  #seal: Seal | undefined;

  constructor(place: ItemPlace) {
    this.#place = place;
    place.added(reasoningItem(place.itemId, [], undefined));
  }

  add(delta: Delta): void {
    if (delta.type === 'seal') this.#seal = delta.seal;
    else if (delta.type === 'paragraph') this.#close();
    else if (delta.type === 'text' && delta.text !== '') this.#more(delta.text);
  }

  end(): void {
    this.#close();
    this.#place.done(reasoningItem(this.#place.itemId, this.#paragraphs, this.#seal));
  }

  #more(text: string): void {
    if (!this.#isOpen) this.#open();
    this.#paragraphs[this.#paragraphs.length - 1] += text;
    this.#summary('text.delta', { delta: text });
  }

  #open(): void {
    this.#isOpen = true;
    this.#paragraphs.push('');
    this.#summary('part.added', { part: summaryText('') });
  }

  #close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const text = this.#paragraphs.at(-1)!;
    this.#summary('text.done', { text });
    this.#summary('part.done', { part: summaryText(text) });
  }

  #summary(type: string, fields: Parameters<ItemPlace['event']>[1]): void {
    this.#place.event(`response.reasoning_summary_${type}`, { summary_index: this.#paragraphs.length - 1, ...fields });
  }
}
