import type { Seal } from '../../../core/canonical/part.ts';
import type { Delta } from '../../../core/canonical/reply-event.ts';
import { FreeText } from '../custom-tool.ts';
import type { CallForm } from './call-form.ts';
import type { ItemPlace } from './encode-stream.ts';
import { callItem, reasoningItem, summaryText } from './items.ts';

/** Events of one part of a reply, as it comes. */
export interface PartStream {
  add(delta: Delta): void;
  end(): void;
}

export class CallStream implements PartStream {
  readonly #place: ItemPlace;
  readonly #callId: string;
  readonly #form: CallForm;
  readonly #send: (delta: string) => void;
  #arguments = '';

  constructor(place: ItemPlace, callId: string, form: CallForm) {
    this.#place = place;
    this.#callId = callId;
    this.#form = form;
    this.#send = place.deltas('response.function_call_arguments.delta', {});
    place.added(callItem(place.itemId, 'in_progress', callId, form, ''));
  }

  add(delta: Delta): void {
    if (delta.type !== 'arguments' || delta.text === '') return;
    this.#arguments += delta.text;
    this.#send(delta.text);
  }

  end(): void {
    if (this.#arguments === '') this.add({ type: 'arguments', text: '{}' }); // clients parse it
    this.#place.event('response.function_call_arguments.done', { name: this.#form.name, arguments: this.#arguments });
    this.#place.done(callItem(this.#place.itemId, 'completed', this.#callId, this.#form, this.#arguments));
  }
}

/** The client's search for tools: it has no events of its own between its begin and its end. */
export class SearchCallStream implements PartStream {
  readonly #done: (json: string) => void;
  #arguments = '';

  constructor(place: ItemPlace, callId: string, form: CallForm) {
    place.added(callItem(place.itemId, 'in_progress', callId, form, ''));
    this.#done = (json) => place.done(callItem(place.itemId, 'completed', callId, form, json));
  }

  add(delta: Delta): void {
    if (delta.type === 'arguments') this.#arguments += delta.text;
  }

  end(): void {
    this.#done(this.#arguments);
  }
}

export class CustomCallStream implements PartStream {
  readonly #place: ItemPlace;
  readonly #callId: string;
  readonly #form: CallForm;
  /** Takes the text out of the arguments of a function that stood for the tool. */
  readonly #freeText: FreeText | undefined;
  readonly #send: (delta: string) => void;
  #input = '';

  constructor(place: ItemPlace, callId: string, form: CallForm, wrapped: boolean) {
    this.#place = place;
    this.#send = place.deltas('response.custom_tool_call_input.delta', {});
    this.#callId = callId;
    this.#form = form;
    this.#freeText = wrapped ? new FreeText() : undefined;
    place.added(callItem(place.itemId, 'in_progress', callId, form, ''));
  }

  add(delta: Delta): void {
    if (delta.type === 'arguments') this.#more(this.#freeText ? this.#freeText.add(delta.text) : delta.text);
  }

  end(): void {
    this.#more(this.#freeText?.end() ?? '');
    this.#place.event('response.custom_tool_call_input.done', { input: this.#input });
    this.#place.done(callItem(this.#place.itemId, 'completed', this.#callId, this.#form, this.#input));
  }

  #more(text: string): void {
    if (text === '') return;
    this.#input += text;
    this.#send(text);
  }
}

/** Thoughts are shown as a summary, one part a paragraph. */
export class ReasoningStream implements PartStream {
  readonly #place: ItemPlace;
  readonly #paragraphs: string[] = [];
  /** Of the paragraph that is open. */
  #send: ((delta: string) => void) | undefined;
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
    this.#send ??= this.#open();
    this.#paragraphs[this.#paragraphs.length - 1] += text;
    this.#send(text);
  }

  #open(): (delta: string) => void {
    this.#paragraphs.push('');
    this.#summary('part.added', { part: summaryText('') });
    return this.#place.deltas('response.reasoning_summary_text.delta', { summary_index: this.#paragraphs.length - 1 });
  }

  #close(): void {
    if (!this.#send) return;
    this.#send = undefined;
    const text = this.#paragraphs.at(-1)!;
    this.#summary('text.done', { text });
    this.#summary('part.done', { part: summaryText(text) });
  }

  #summary(type: string, fields: Parameters<ItemPlace['event']>[1]): void {
    this.#place.event(`response.reasoning_summary_${type}`, { summary_index: this.#paragraphs.length - 1, ...fields });
  }
}
