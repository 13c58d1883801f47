import type { Delta } from '../../../core/canonical/reply-event.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import type { ItemPlace } from './encode-stream.ts';
import { annotationOf, messageItem, refusalContent, textContent } from './items.ts';
import type { PartStream } from './part-streams.ts';

/** A message item: texts and refusals that follow each other are its content. */
export class MessageStream {
  readonly #place: ItemPlace;
  readonly #content: Json[] = [];

  constructor(place: ItemPlace) {
    this.#place = place;
    place.added(messageItem(place.itemId, 'in_progress', []));
  }

  /** The next part of the content. */
  content(type: 'text' | 'refusal'): PartStream {
    const at = this.#content.length;
    const place: ContentPlace = {
      event: (name, fields) => this.#place.event(name, { content_index: at, ...fields }),
      deltas: (name, fields) => this.#place.deltas(name, { content_index: at, ...fields }),
      keep: (part) => this.#content.push(part),
    };
    return type === 'text' ? new TextStream(place) : new RefusalStream(place);
  }

  end(): void {
    this.#place.done(messageItem(this.#place.itemId, 'completed', this.#content));
  }
}

interface ContentPlace {
  readonly event: ItemPlace['event'];
  readonly deltas: ItemPlace['deltas'];
  readonly keep: (part: JsonObject) => void;
}

class TextStream implements PartStream {
  readonly #place: ContentPlace;
  readonly #annotations: Json[] = [];
  readonly #logprobs: Json[] = [];
  readonly #send: (delta: string) => void;
  #text = '';

  constructor(place: ContentPlace) {
    this.#place = place;
    this.#send = place.deltas('response.output_text.delta', { logprobs: [] });
    place.event('response.content_part.added', { part: textContent('') });
  }

  add(delta: Delta): void {
    if (delta.type === 'text' && delta.text !== '') this.#more(delta.text);
    else if (delta.type === 'logprobs') this.#weigh(delta.tokens);
    else if (delta.type === 'citation') for (const annotation of annotationOf(delta.citation)) this.#annotate(annotation);
  }

  end(): void {
    const part = textContent(this.#text, this.#annotations, this.#logprobs);
    this.#place.event('response.output_text.done', { text: this.#text, logprobs: this.#logprobs });
    this.#place.event('response.content_part.done', { part });
    this.#place.keep(part);
  }

  #more(text: string): void {
    this.#text += text;
    this.#send(text);
  }

  /** Log probabilities belong to a delta: to an empty one behind the text they are of. */
  #weigh(logprobs: readonly Json[]): void {
    this.#logprobs.push(...logprobs);
    this.#place.event('response.output_text.delta', { delta: '', logprobs });
  }

  #annotate(annotation: Json): void {
    this.#place.event('response.output_text.annotation.added', { annotation_index: this.#annotations.length, annotation });
    this.#annotations.push(annotation);
  }
}

class RefusalStream implements PartStream {
  readonly #place: ContentPlace;
  #refusal = '';

  constructor(place: ContentPlace) {
    this.#place = place;
    place.event('response.content_part.added', { part: refusalContent('') });
  }

  add(delta: Delta): void {
    if (delta.type !== 'text' || delta.text === '') return;
    this.#refusal += delta.text;
    this.#place.event('response.refusal.delta', { delta: delta.text });
  }

  end(): void {
    const part = refusalContent(this.#refusal);
    this.#place.event('response.refusal.done', { refusal: this.#refusal });
    this.#place.event('response.content_part.done', { part });
    this.#place.keep(part);
  }
}
