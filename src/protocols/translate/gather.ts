import type { Citation, Seal } from '../../core/canonical/part.ts';
import type {
  Delta,
  Finish,
  OpenedPart,
  PartDelta,
  PartStart,
  ReplyEvent,
  ReplyStart,
  ReplyUsage,
} from '../../core/canonical/reply-event.ts';
import type { Json } from '../../core/json.ts';

/** A part of a reply, all of it. Lists are empty where nothing came. */
export type GatheredPart = Gathered & { readonly part: OpenedPart; readonly candidate: number };

interface Gathered {
  /** Of texts, refusals and reasoning; of a tool call: its arguments. */
  readonly text: string;
  /** Reasoning in paragraphs; one when it was not divided. */
  readonly paragraphs: readonly string[];
  readonly seal?: Seal;
  readonly citations: readonly Citation[];
  readonly logprobs: readonly Json[];
}

export interface GatheredReply {
  readonly start: ReplyStart;
  readonly parts: readonly GatheredPart[];
  readonly finishes: readonly Finish[];
  readonly usage: ReplyUsage | undefined;
}

interface Draft {
  readonly start: PartStart;
  /** One string a paragraph: joined once, at the end. */
  readonly paragraphs: string[][];
  seal?: Seal;
  readonly citations: Citation[];
  readonly logprobs: Json[];
}

/** Collects the events of a reply for clients that get one whole body. */
export class Gathering {
  #start: ReplyStart = { type: 'start', id: '', model: '' };
  #usage: ReplyUsage | undefined;
  readonly #parts = new Map<number, Draft>();
  readonly #finishes: Finish[] = [];
  /** UTF-16 units of what was said so far, arguments and pictures included. */
  length = 0;

  add(event: ReplyEvent): void {
    if (event.type === 'start') this.#start = event;
    else if (event.type === 'usage') this.#usage = event.usage;
    else if (event.type === 'finish') this.#finishes.push(event);
    else if (event.type === 'part-start') this.#begin(event);
    else if (event.type === 'part-delta') this.#delta(event);
  }

  reply(): GatheredReply {
    const parts = [...this.#parts.values()].map(gathered);
    return { start: this.#start, parts, finishes: this.#finishes, usage: this.#usage };
  }

  #begin(start: PartStart): void {
    this.#parts.set(start.index, { start, paragraphs: [[]], citations: [], logprobs: [] });
    if ('data' in start.part) this.length += start.part.data.length;
  }

  #delta({ index, delta }: PartDelta): void {
    if ('text' in delta) this.length += delta.text.length;
    const draft = this.#parts.get(index);
    if (draft) extend(draft, delta);
  }
}

function extend(draft: Draft, delta: Delta): void {
  if (delta.type === 'seal') draft.seal = delta.seal;
  else if (delta.type === 'citation') draft.citations.push(delta.citation);
  else if (delta.type === 'logprobs') draft.logprobs.push(...delta.tokens);
  else if (delta.type !== 'paragraph') draft.paragraphs.at(-1)!.push(delta.text);
  else draft.paragraphs.push([]);
}

function gathered({ start: { part, candidate }, paragraphs, seal, citations, logprobs }: Draft): GatheredPart {
  const texts = paragraphs.map((pieces) => pieces.join(''));
  return { part, candidate, text: texts.join('\n\n'), paragraphs: texts, citations, logprobs, ...(seal && { seal }) };
}
