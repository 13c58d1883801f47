import type { Seal } from '../../../core/canonical/part.ts';
import type { Delta, OpenedPart, PartDelta, PartStart, ReplyEvent, ReplyStart, ReplyUsage } from '../../../core/canonical/reply-event.ts';
import type { Bytes, JsonObject } from '../../../core/json.ts';
import type { FinishReason } from '../../../core/reply.ts';
import { argumentsOf } from '../custom-tool.ts';
import { bytesOf, namedEvent } from '../event-text.ts';
import { sealText } from '../seal.ts';
import type { ReplyClient, ReplyEncoder } from '../translator.ts';
import { isRedacted, thoughtBlock, toolUseBlock } from './blocks.ts';
import { errorBody } from './errors.ts';
import { deltaUsageOf, usageOf } from './usage.ts';
import { api, citationBlock, messageId, stopOf } from './words.ts';

/** A part that is open. */
interface Open {
  readonly index: number;
  readonly part: OpenedPart;
  /** A block was started for it. A thought waits for its first delta: it may be a redacted one, which is another block. */
  begun: boolean;
  /** Of a thought, or Google's of a tool call, which travels in a thought behind the call: see `carrierBlock`. */
  seal?: Seal;
  /** Free text of a custom tool's call: its JSON is written when all of it came. */
  text: string;
}

/** Events of `/v1/messages`, from `message_start` to `message_stop`. Blocks are numbered anew: not every part is one. */
export class MessageStreamEncoder implements ReplyEncoder {
  readonly contentType = 'text/event-stream; charset=utf-8';
  readonly #client: ReplyClient;
  #open: Open | undefined;
  #blocks = 0;
  #called = false;
  #usage: ReplyUsage | undefined;
  #finish: { readonly reason: FinishReason; readonly stopSequence?: string } = { reason: 'other' };

  constructor(client: ReplyClient) {
    this.#client = client;
  }

  write(event: ReplyEvent): Bytes | undefined {
    switch (event.type) {
      case 'start':
        return bytesOf(this.#start(event));
      case 'part-start':
        return bytesOf(this.#partStart(event));
      case 'part-delta':
        return bytesOf(this.#delta(event));
      case 'part-end':
        return bytesOf(this.#partEnd(event.index));
      case 'usage':
        this.#usage = event.usage;
        return undefined;
      case 'finish':
        if (event.candidate === 0) this.#finish = event;
        return undefined;
      case 'end':
        return bytesOf(this.#end());
      default:
        return bytesOf(namedEvent(errorBody(event.error, this.#client.requestId)));
    }
  }

  #start({ id, model }: ReplyStart): string {
    const { call, requestId } = this.#client;
    const message = {
      ...emptyMessage(messageId(id, requestId), model || call.model),
      content: [],
      stop_reason: null,
      stop_sequence: null,
      stop_details: null,
      usage: usageOf(this.#usage),
    };
    return namedEvent({ type: 'message_start', message }) + namedEvent({ type: 'ping' });
  }

  /** Only one answer was asked for; media cannot be told. */
  #partStart({ index, candidate, part }: PartStart): string {
    if (candidate !== 0 || part.type === 'image' || part.type === 'audio') return '';
    if (part.type === 'opaque') return part.api === api ? this.#wholeBlock(part.value as JsonObject) : '';
    this.#open = { index, part, begun: false, text: '' };
    if (part.type === 'reasoning') return '';
    if (part.type !== 'tool-call') return this.#begin({ type: 'text', text: '', citations: null });
    this.#called = true;
    return this.#begin(toolUseBlock(part.id, part.name, {}));
  }

  #begin(block: JsonObject): string {
    return namedEvent({ type: 'content_block_start', index: this.#blocks, content_block: block });
  }

  #stop(): string {
    return namedEvent({ type: 'content_block_stop', index: this.#blocks++ });
  }

  #wholeBlock(block: JsonObject): string {
    return this.#begin(block) + this.#stop();
  }

  #delta({ index, delta }: PartDelta): string {
    const open = this.#open;
    if (open?.index !== index) return '';
    if (open.part.type === 'reasoning') return this.#thought(open, delta);
    if (open.part.type === 'tool-call') return this.#argument(open, open.part, delta);
    if (delta.type === 'text') return this.#blockDelta({ type: 'text_delta', text: delta.text });
    if (delta.type !== 'citation') return '';
    return citationBlock(delta.citation)
      .map((citation) => this.#blockDelta({ type: 'citations_delta', citation }))
      .join('');
  }

  #blockDelta(delta: JsonObject): string {
    return namedEvent({ type: 'content_block_delta', index: this.#blocks, delta });
  }

  #thought(open: Open, delta: Delta): string {
    if (delta.type === 'seal') return this.#sealed(open, delta.seal);
    const more = delta.type === 'text' ? delta.text : delta.type === 'paragraph' ? '\n\n' : undefined;
    if (more === undefined) return '';
    const begin = open.begun ? '' : this.#begin(thoughtBlock('', undefined));
    open.begun = true;
    return begin + this.#blockDelta({ type: 'thinking_delta', thinking: more });
  }

  /** The last seal counts, so it waits for the end; but a hidden thought is nothing else, and is told at once. */
  #sealed(open: Open, seal: Seal): string {
    open.seal = seal;
    if (!isRedacted(seal) || open.begun) return '';
    open.begun = true;
    return this.#begin(thoughtBlock('', seal));
  }

  #argument(open: Open, part: Extract<OpenedPart, { type: 'tool-call' }>, delta: Delta): string {
    if (delta.type === 'seal') open.seal = delta.seal;
    if (delta.type !== 'arguments') return '';
    if (!part.custom) return this.#blockDelta({ type: 'input_json_delta', partial_json: delta.text });
    open.text += delta.text;
    return '';
  }

  #partEnd(index: number): string {
    const open = this.#open;
    if (open?.index !== index) return '';
    this.#open = undefined;
    const { part, seal } = open;
    if (part.type === 'reasoning') return this.#thoughtEnd(open);
    if (part.type !== 'tool-call') return this.#stop();
    const input = part.custom ? this.#blockDelta({ type: 'input_json_delta', partial_json: argumentsOf(open.text) }) : '';
    return input + this.#stop() + (seal ? this.#thoughtEnd({ seal: { ...seal, id: part.id } }) : '');
  }

  /** Clients look for the signature behind the thought, and some will not have one that none was told of. */
  #thoughtEnd({ begun = false, seal }: { readonly begun?: boolean; readonly seal?: Seal }): string {
    if (begun && isRedacted(seal)) return this.#stop();
    const begin = begun ? '' : this.#begin(thoughtBlock('', undefined));
    const signature = seal ? sealText(seal, 'anthropic') : '';
    return begin + this.#blockDelta({ type: 'signature_delta', signature }) + this.#stop();
  }

  /** Clients read the input side of the usage here too: at the start it was not known yet. */
  #end(): string {
    const delta = { ...stopOf({ ...this.#finish, called: this.#called }), container: null };
    const usage = deltaUsageOf(this.#usage?.buckets ?? unknownUsage);
    return namedEvent({ type: 'message_delta', delta, usage }) + namedEvent({ type: 'message_stop' });
  }
}

const unknownUsage = { input: null, cacheRead: null, cacheWrite: null, output: null } as const;

export const emptyMessage = (id: string, model: string) =>
  ({ id, type: 'message', role: 'assistant', model, container: null, diagnostics: null }) as const;
