import type { Delta, ReplyEvent } from '../../../core/canonical/reply-event.ts';
import type { Decoder } from '../../../core/flow.ts';
import type { Bytes } from '../../../core/json.ts';
import { bedrockConverseReader, bedrockStopReasons } from '../../bedrock-reader.ts';
import { field, list, text } from '../../count.ts';
import { OpenParts } from '../open-parts.ts';
import { brokenOff, replyDecoder, type Emit, type EventReader } from '../reply-frame.ts';
import type { ReplySource } from '../translator.ts';
import { exceptionOf } from './errors.ts';

/** Replies of Converse, and of ConverseStream as events under their names: `{"contentBlockDelta": {...}}`. */
export const decodeReply = (source: ReplySource): Decoder<ReplyEvent> => replyDecoder(source, (emit) => new ConverseReader(emit));

class ConverseReader implements EventReader {
  readonly #emit: Emit;
  readonly #parts: OpenParts;
  /** Reads the usage as the meter does. */
  readonly #usage = bedrockConverseReader();
  #started = false;
  #finished = false;

  constructor(emit: Emit) {
    this.#emit = emit;
    this.#parts = new OpenParts(emit);
  }

  event = (value: unknown, json: Bytes): void => {
    const exception = text(field(value, '__type'));
    if (exception !== undefined) return this.#emit({ type: 'error', error: exceptionOf(exception, value) });
    this.#start();
    this.#block(value);
    const stop = text(field(field(value, 'messageStop'), 'stopReason'));
    if (stop !== undefined || field(value, 'metadata') !== undefined) this.#usage.read(json);
    if (stop !== undefined) this.#finish(stop);
  };

  whole = (value: unknown, json: Bytes): void => {
    const stop = text(field(value, 'stopReason'));
    if (stop === undefined) return; // `end` tells that it is no reply
    this.#start();
    this.#usage.read(json);
    for (const [at, block] of list(field(field(field(value, 'output'), 'message'), 'content')).entries()) this.#content(String(at), block);
    this.#finish(stop);
  };

  /** Usage comes behind the stop reason: only the last byte is the end. */
  end = (): void => {
    if (!this.#finished) return this.#emit({ type: 'error', error: brokenOff });
    const { usage, served } = this.#usage.told();
    if (usage) this.#emit({ type: 'usage', usage: { buckets: usage.buckets, served } });
    this.#emit({ type: 'end' });
  };

  /** Neither an id nor a model is told. */
  #start(): void {
    if (this.#started) return;
    this.#started = true;
    this.#emit({ type: 'start', id: '', model: '' });
  }

  #block(value: unknown): void {
    const start = field(value, 'contentBlockStart');
    const tool = field(field(start, 'start'), 'toolUse');
    if (tool !== undefined) this.#tool(keyOf(start), tool);
    const delta = field(value, 'contentBlockDelta');
    if (delta !== undefined) this.#delta(keyOf(delta), field(delta, 'delta'));
    if (field(value, 'contentBlockStop') !== undefined) this.#parts.close(0);
  }

  #tool(key: string, tool: unknown): void {
    const named = { type: 'tool-call', id: text(field(tool, 'toolUseId')) ?? '', name: text(field(tool, 'name')) ?? '' } as const;
    this.#parts.begin(0, key, named);
  }

  #delta(key: string, delta: unknown): void {
    const said = text(field(delta, 'text'));
    if (said !== undefined) this.#parts.add(0, key, { type: 'text', text: said }, { type: 'text' });
    const input = text(field(field(delta, 'toolUse'), 'input'));
    if (input !== undefined && this.#parts.isOpen(0, key))
      this.#parts.add(0, key, { type: 'arguments', text: input }, { type: 'tool-call', id: '', name: '' });
    this.#thought(key, field(delta, 'reasoningContent'));
  }

  #thought(key: string, thought: unknown): void {
    for (const delta of thoughtDeltas(thought)) this.#parts.add(0, key, delta, { type: 'reasoning' });
  }

  /** A block of a whole reply. */
  #content(key: string, block: unknown): void {
    const tool = field(block, 'toolUse');
    if (tool !== undefined) {
      this.#tool(key, tool);
      this.#parts.add(
        0,
        key,
        { type: 'arguments', text: JSON.stringify(field(tool, 'input') ?? {}) },
        { type: 'tool-call', id: '', name: '' },
      );
    }
    const said = text(field(block, 'text'));
    if (said !== undefined) this.#parts.add(0, key, { type: 'text', text: said }, { type: 'text' });
    const thought = field(block, 'reasoningContent');
    this.#thought(key, field(thought, 'reasoningText') ?? thought);
    this.#parts.close(0);
  }

  #finish(stop: string): void {
    this.#parts.close(0);
    this.#finished = true;
    this.#emit({ type: 'finish', candidate: 0, reason: bedrockStopReasons[stop] ?? 'other' });
  }
}

const keyOf = (event: unknown): string => {
  const index = field(event, 'contentBlockIndex');
  return typeof index === 'number' ? String(index) : '0';
};

function thoughtDeltas(thought: unknown): readonly Delta[] {
  const said = text(field(thought, 'text'));
  const signature = text(field(thought, 'signature'));
  const redacted = text(field(thought, 'redactedContent'));
  return [
    ...(said === undefined ? [] : [{ type: 'text', text: said } as const]),
    ...(signature === undefined ? [] : [{ type: 'seal', seal: { family: 'bedrock', kind: 'signature', data: signature } } as const]),
    ...(redacted === undefined ? [] : [{ type: 'seal', seal: { family: 'bedrock', kind: 'redacted', data: redacted } } as const]),
  ];
}
