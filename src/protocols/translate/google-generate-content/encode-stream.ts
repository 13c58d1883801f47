import type { Delta, OpenedPart, PartDelta, PartStart, ReplyEvent, ReplyStart } from '../../../core/canonical/reply-event.ts';
import type { Seal } from '../../../core/canonical/part.ts';
import type { Bytes, Json, JsonObject } from '../../../core/json.ts';
import type { FinishReason } from '../../../core/reply.ts';
import type { ReplyClient, ReplyEncoder } from '../translator.ts';
import { callPart, sealPart, thoughtPart, wholePart } from './candidate.ts';
import { encodeCitations, type PlacedCitation } from './citations.ts';
import { errorBody } from './errors.ts';
import { encodeLogprobs } from './logprobs.ts';
import { Said } from './said.ts';
import { usageOf } from './usage.ts';
import { finishWords } from './words.ts';

/** Chunks of `:streamGenerateContent`, each a `GenerateContentResponse`: one server-sent event each, or elements of one JSON list. */
export class ChunkEncoder implements ReplyEncoder {
  readonly contentType: string;
  readonly #client: ReplyClient;
  readonly #isList: boolean;
  readonly #hidesThoughts: boolean;
  readonly #open = new Map<number, Opened>();
  readonly #said = new Said();
  readonly #cited = new Map<number, PlacedCitation[]>();
  readonly #finishes = new Map<number, FinishReason>();
  #usage: JsonObject | undefined;
  /** What ends every chunk: the usage so far, model and id, as JSON text. */
  #tail = '}';
  #start: JsonObject = {};
  #begun = false;

  constructor(client: ReplyClient) {
    this.#client = client;
    this.#isList = client.framing === 'json-list';
    this.#hidesThoughts = client.call.reasoning?.summary === 'none';
    this.contentType = this.#isList ? 'application/json; charset=UTF-8' : 'text/event-stream; charset=utf-8';
  }

  write(event: ReplyEvent): Bytes | undefined {
    switch (event.type) {
      case 'start':
        return this.#head(event);
      case 'part-start':
        return this.#partStart(event);
      case 'part-delta':
        return this.#delta(event);
      case 'part-end':
        return this.#partEnd(event.index);
      case 'usage':
        this.#usage = usageOf(event.usage);
        return this.#retail();
      case 'finish':
        this.#finishes.set(event.candidate, event.reason);
        return undefined;
      case 'end':
        return this.#end();
      default:
        return this.#last(JSON.stringify({ error: errorBody(event.error) }));
    }
  }

  #head({ id, model }: ReplyStart): undefined {
    const { call, requestId } = this.#client;
    this.#start = { modelVersion: model || call.model, responseId: id || requestId };
    this.#retail();
  }

  #retail(): undefined {
    const tail = JSON.stringify({ ...(this.#usage && { usageMetadata: this.#usage }), ...this.#start });
    this.#tail = tail === '{}' ? '}' : `,${tail.slice(1)}`;
  }

  #partStart({ index, candidate, part }: PartStart): Bytes | undefined {
    this.#open.set(index, { candidate, part, arguments: [], offset: this.#said.length(candidate), shown: false });
    const whole = wholePart(part);
    return whole && this.#part(candidate, whole);
  }

  #delta({ index, delta }: PartDelta): Bytes | undefined {
    const opened = this.#open.get(index);
    return opened && this.#more(opened, delta);
  }

  #more(opened: Opened, delta: Delta): Bytes | undefined {
    switch (delta.type) {
      case 'text':
        return this.#text(opened, delta.text);
      case 'paragraph':
        return this.#text(opened, '\n\n');
      case 'arguments':
        opened.arguments.push(delta.text);
        return undefined;
      case 'seal':
        opened.seal = delta.seal;
        return undefined;
      case 'citation':
        this.#cite(opened, delta.citation);
        return undefined;
      default:
        return this.#candidate(opened.candidate, [], { logprobsResult: encodeLogprobs(delta.tokens) });
    }
  }

  #text(opened: Opened, text: string): Bytes | undefined {
    const { candidate, part } = opened;
    if (part.type !== 'reasoning') {
      this.#said.add(candidate, text);
      return this.#part(candidate, { text });
    }
    if (this.#hidesThoughts) return undefined;
    opened.shown = true;
    return this.#part(candidate, thoughtPart(text));
  }

  #cite({ candidate, offset }: Opened, citation: PlacedCitation['citation']): void {
    const placed = this.#cited.get(candidate) ?? [];
    placed.push({ citation, offset });
    this.#cited.set(candidate, placed);
  }

  /** A function call goes out whole: its arguments are an object in Google's API. */
  #partEnd(index: number): Bytes | undefined {
    const opened = this.#open.get(index);
    this.#open.delete(index);
    if (!opened) return undefined;
    const { candidate, part, seal } = opened;
    if (part.type === 'tool-call') return this.#part(candidate, callPart(part, opened.arguments.join(''), seal));
    return seal && this.#part(candidate, opened.shown ? thoughtPart('', seal) : sealPart(seal));
  }

  #part(candidate: number, part: JsonObject): Bytes {
    return this.#candidate(candidate, [part]);
  }

  #candidate(index: number, parts: readonly Json[], beside?: JsonObject): Bytes {
    return this.#chunk(JSON.stringify({ content: { parts, role: 'model' }, index, ...beside }));
  }

  /** The finish of every candidate comes with the last usage. */
  #end(): Bytes {
    const candidates = [...this.#finishes].map(([index, reason]) => {
      const groundingMetadata = encodeCitations(this.#cited.get(index) ?? [], this.#said.text(index));
      const content = { parts: [{ text: '' }], role: 'model' };
      return JSON.stringify({ content, finishReason: finishWords[reason], index, ...(groundingMetadata && { groundingMetadata }) });
    });
    return this.#last(`{"candidates":[${candidates.join()}]${this.#tail}`);
  }

  #chunk(candidate: string): Bytes {
    return Buffer.from(this.#framed(`{"candidates":[${candidate}]${this.#tail}`));
  }

  #last(chunk: string): Bytes {
    return Buffer.from(`${this.#framed(chunk)}${this.#isList ? ']' : ''}`);
  }

  #framed(chunk: string): string {
    if (!this.#isList) return `data: ${chunk}\n\n`;
    const before = this.#begun ? ',\r\n' : '[';
    this.#begun = true;
    return `${before}${chunk}`;
  }
}

interface Opened {
  readonly candidate: number;
  readonly part: OpenedPart;
  readonly arguments: string[];
  /** Where the part begins in the text of its candidate. */
  readonly offset: number;
  /** Something of a thought went out. */
  shown: boolean;
  seal?: Seal;
}
