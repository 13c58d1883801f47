import type { Delta, OpenedPart, ReplyEvent } from '../../../core/canonical/reply-event.ts';
import type { Decoder } from '../../../core/flow.ts';
import type { Bytes, Json, JsonObject } from '../../../core/json.ts';
import { anthropicMessagesReader, anthropicStopReasons } from '../../anthropic-messages-reader.ts';
import { field, list, parsed, text } from '../../count.ts';
import { readFirst } from '../../read-once.ts';
import type { ReplyReader } from '../../reader.ts';
import { LikeTheLast } from '../../like-the-last.ts';
import type { Alike } from '../../alike-events.ts';
import { brokenOff, replyDecoder, type Emit, type EventReader } from '../reply-frame.ts';
import type { ReplySource } from '../translator.ts';
import { errorOf } from './errors.ts';
import { api, citationOf } from './words.ts';

/** Replies of `/v1/messages`: a message, or its events from `message_start` to `message_stop`. */
export const decodeReply = (source: ReplySource): Decoder<ReplyEvent> => replyDecoder(source, (emit) => new MessageReader(emit));

/** A block that is open. `json`: fragments of the input of a server tool, of which the canonical form knows only the whole. */
interface Open {
  readonly at: unknown;
  readonly kind: 'part' | 'call' | 'opaque';
  readonly value: JsonObject;
  json: string;
}

const textMark = Buffer.from('"text":"');

class MessageReader implements EventReader {
  readonly #emit: Emit;
  /** Reads the usage as the meter does. */
  readonly #usage: ReplyReader = anthropicMessagesReader();
  readonly #pattern = new LikeTheLast();
  /** The block it is of. */
  #patternOf: unknown;
  #open: Open | undefined;
  #next = 0;
  #finished = false;

  constructor(emit: Emit) {
    this.#emit = emit;
  }

  event = (value: unknown, json: Bytes): void => {
    switch (field(value, 'type')) {
      case 'content_block_delta':
        if (field(field(value, 'delta'), 'type') === 'text_delta') this.#learn(field(value, 'index'), json);
        return this.#delta(field(value, 'index'), field(value, 'delta'));
      case 'content_block_start':
        return this.#begin(field(value, 'index'), objectOf(field(value, 'content_block')));
      case 'content_block_stop':
        return this.#end();
      case 'message_start':
        this.#usage.read(json);
        return this.#start(field(value, 'message'));
      case 'message_delta':
        this.#usage.read(json);
        return this.#finish(field(value, 'delta'));
      case 'message_stop':
        return this.#close();
      case 'error':
        return this.#emit({ type: 'error', error: errorOf(field(value, 'error')) });
      default: // ping, and what is not known yet
    }
  };

  #learn(at: unknown, json: Bytes): void {
    if (this.#pattern.learn(json, textMark)) this.#patternOf = at;
  }

  readonly alike: Alike = {
    pattern: this.#pattern,
    say: (said) => {
      if (said === '' || this.#open?.kind !== 'part' || this.#open.at !== this.#patternOf) return false;
      this.#add({ type: 'text', text: said });
      return true;
    },
  };

  whole = (value: unknown, json: Bytes): void => {
    if (field(value, 'type') !== 'message') return this.#emit({ type: 'error', error: errorOf(field(value, 'error')) });
    this.#start(value);
    for (const block of list(field(value, 'content'))) {
      this.#begin(undefined, objectOf(block));
      this.#end();
    }
    this.#finish(value, 'other');
    this.#close(readFirst(json, this.#usage).told);
  };

  /** Imitators leave `message_stop` out; the reason why it stopped is word enough. */
  end = (): void => {
    if (this.#finished) this.#close();
    else this.#emit({ type: 'error', error: brokenOff });
  };

  #start(message: unknown): void {
    this.#emit({ type: 'start', id: text(field(message, 'id')) ?? '', model: text(field(message, 'model')) ?? '' });
  }

  #begin(at: unknown, block: JsonObject): void {
    this.#end(); // an imitator may have left out the end of the one before
    const part = partOf(block);
    this.#open = { at, kind: part ? (part.type === 'tool-call' ? 'call' : 'part') : 'opaque', value: block, json: '' };
    if (!part) return;
    this.#emit({ type: 'part-start', index: this.#next++, candidate: 0, part });
    for (const delta of deltasOf(block)) this.#add(delta);
  }

  #add(delta: Delta): void {
    this.#emit({ type: 'part-delta', index: this.#next - 1, delta });
  }

  #delta(at: unknown, delta: unknown): void {
    const open = this.#open;
    if (!open || open.at !== at) return;
    const fragment = field(delta, 'partial_json');
    if (typeof fragment === 'string') this.#fragment(open, fragment);
    else if (open.kind === 'opaque') this.#open = { ...open, value: merged(open.value, delta) };
    else {
      const told = deltaOf(delta);
      if (told) this.#add(told);
    }
  }

  #fragment(open: Open, json: string): void {
    if (json === '') return;
    open.json += json;
    if (open.kind === 'call') this.#add({ type: 'arguments', text: json });
  }

  #end(): void {
    const open = this.#open;
    if (!open) return;
    this.#open = undefined;
    if (open.kind === 'opaque') return this.#opaque(open);
    if (open.kind === 'call' && open.json === '') this.#add({ type: 'arguments', text: JSON.stringify(open.value['input'] ?? {}) });
    this.#emit({ type: 'part-end', index: this.#next - 1 });
  }

  #opaque({ value, json }: Open): void {
    const input = json === '' ? undefined : (parsed(Buffer.from(json)) as Json | undefined);
    const index = this.#next++;
    const part: OpenedPart = {
      type: 'opaque',
      api,
      kind: text(value['type']) ?? '',
      value: input === undefined ? value : { ...value, input },
    };
    this.#emit({ type: 'part-start', index, candidate: 0, part });
    this.#emit({ type: 'part-end', index });
  }

  #finish(message: unknown, otherwise?: 'other'): void {
    const word = text(field(message, 'stop_reason'));
    if (this.#finished || (word === undefined && !otherwise)) return;
    this.#end();
    this.#finished = true;
    this.#explain(text(field(field(message, 'stop_details'), 'explanation')));
    const stopSequence = text(field(message, 'stop_sequence'));
    const reason = anthropicStopReasons[word ?? ''] ?? 'other';
    this.#emit({ type: 'finish', candidate: 0, reason, ...(stopSequence !== undefined && { stopSequence }) });
  }

  /** Why the model declined stands beside the answer. */
  #explain(explanation: string | undefined): void {
    if (explanation === undefined) return;
    const index = this.#next++;
    this.#emit({ type: 'part-start', index, candidate: 0, part: { type: 'refusal' } });
    this.#emit({ type: 'part-delta', index, delta: { type: 'text', text: explanation } });
    this.#emit({ type: 'part-end', index });
  }

  #close({ usage, served } = this.#usage.told()): void {
    if (usage) this.#emit({ type: 'usage', usage: { buckets: usage.buckets, served } });
    this.#emit(this.#finished ? { type: 'end' } : { type: 'error', error: brokenOff });
  }
}

const objectOf = (value: unknown): JsonObject => (typeof value === 'object' && value !== null ? (value as JsonObject) : {});

/** What a block is; `undefined`: something of Anthropic's alone. */
function partOf(block: JsonObject): Exclude<OpenedPart, { readonly type: 'opaque' }> | undefined {
  switch (block['type']) {
    case 'text':
      return { type: 'text' };
    case 'thinking':
    case 'redacted_thinking':
      return { type: 'reasoning' };
    case 'tool_use':
      return { type: 'tool-call', id: text(block['id']) ?? '', name: text(block['name']) ?? '' };
    default:
      return undefined;
  }
}

/** What a block holds from its start on: in whole replies all of it. */
function deltasOf(block: JsonObject): readonly Delta[] {
  const said = text(block['text']) ?? text(block['thinking']);
  const signature = text(block['signature']);
  const redacted = block['type'] === 'redacted_thinking' ? text(block['data']) : undefined;
  return [
    ...(said === undefined ? [] : [{ type: 'text' as const, text: said }]),
    ...list(block['citations']).map((citation) => ({ type: 'citation' as const, citation: citationOf(citation) })),
    ...(signature === undefined ? [] : [sealDelta('signature', signature)]),
    ...(redacted === undefined ? [] : [sealDelta('redacted', redacted)]),
  ];
}

const sealDelta = (kind: 'signature' | 'redacted', data: string): Delta => ({ type: 'seal', seal: { family: 'anthropic', kind, data } });

function deltaOf(delta: unknown): Delta | undefined {
  switch (field(delta, 'type')) {
    case 'text_delta':
      return textDelta(text(field(delta, 'text')));
    case 'thinking_delta':
      return textDelta(text(field(delta, 'thinking')));
    case 'signature_delta':
      return sealDelta('signature', text(field(delta, 'signature')) ?? '');
    case 'citations_delta':
      return { type: 'citation', citation: citationOf(field(delta, 'citation')) };
    default:
      return undefined;
  }
}

const textDelta = (more: string | undefined): Delta | undefined => (more === undefined ? undefined : { type: 'text', text: more });

/** Fields of a delta stand for those of the block: texts grow. */
function merged(block: JsonObject, delta: unknown): JsonObject {
  const draft: Record<string, Json | undefined> = { ...block };
  for (const [key, value] of Object.entries(objectOf(delta))) {
    const before = draft[key];
    if (key !== 'type') draft[key] = typeof before === 'string' && typeof value === 'string' ? before + value : value;
  }
  return draft;
}
