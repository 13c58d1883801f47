import type { ReplyError } from '../../core/canonical/reply-error.ts';
import type { ReplyEvent } from '../../core/canonical/reply-event.ts';
import type { Decoder } from '../../core/flow.ts';
import type { Bytes } from '../../core/json.ts';
import { alikeSplitter, type Alike } from '../alike-events.ts';
import { Kept } from '../kept.ts';
import { sseSplitter } from '../sse.ts';
import type { ReplySource } from './translator.ts';

export type Emit = (event: ReplyEvent) => void;

/** What an API's decoder does with the events of one reply. `json`: the text that `value` was parsed from. */
export interface EventReader {
  /** One event of a stream. */
  readonly event: (value: unknown, json: Bytes) => void;
  /** The same unparsed, where it is like one before but for its text. */
  readonly alike?: Alike;
  /** One whole body. */
  readonly whole: (value: unknown, json: Bytes) => void;
  /** OpenAI's `[DONE]`. */
  readonly done?: () => void;
  /** No more bytes come. A stream that lacks its last word gives a `brokenOff` error. */
  readonly end: () => void;
}

export const brokenOff: ReplyError = { kind: 'server', message: 'the provider broke the reply off' };

/** The loop of a decoder: bytes to events, whatever chunks they come in. Behind `end` or `error` nothing comes. */
export function replyDecoder(source: ReplySource, open: (emit: Emit) => EventReader): Decoder<ReplyEvent> {
  const outbox = new Outbox();
  const reader = open(outbox.emit);
  const bytes = source.isStream ? eventBytes(reader, outbox, source.maxEventBytes) : bodyBytes(reader, outbox, source);
  return {
    write(chunk) {
      if (!outbox.closed) bytes.write(chunk);
      return outbox.take();
    },
    end() {
      if (!outbox.closed) bytes.end();
      return outbox.take();
    },
  };
}

/** Events on their way out. */
class Outbox {
  closed = false;
  #events: ReplyEvent[] = [];

  readonly emit: Emit = (event) => {
    if (this.closed) return;
    this.#events.push(event);
    if (event.type === 'end' || event.type === 'error') this.closed = true;
  };

  take(): readonly ReplyEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  fail(message: string): void {
    this.emit({ type: 'error', error: { kind: 'server', message } });
  }
}

interface ByteReader {
  write(chunk: Bytes): void;
  end(): void;
}

function eventBytes(reader: EventReader, outbox: Outbox, maxEventBytes: number): ByteReader {
  const onEvent = (json: Bytes): void => {
    if (!outbox.closed) readEvent(json, outbox, reader);
  };
  const splitter = reader.alike ? alikeSplitter(onEvent, maxEventBytes, reader.alike) : sseSplitter(onEvent, maxEventBytes);
  const check = (): void => {
    if (splitter.skipped > 0) outbox.fail(`the provider sent an event of more than ${maxEventBytes} bytes`);
  };
  return {
    write(chunk) {
      splitter.write(chunk);
      check();
    },
    end() {
      splitter.end();
      check();
      reader.end();
    },
  };
}

function readEvent(json: Bytes, outbox: Outbox, { alike, done, event }: EventReader): void {
  if (isDone(json)) return done?.();
  const text = alike?.pattern.textIn(json);
  if (text === undefined || !alike!.say(text)) readJson(json, json.toString('utf8'), { outbox, read: event });
}

function bodyBytes(reader: EventReader, outbox: Outbox, { maxEventBytes: maxBytes, hold }: ReplySource): ByteReader {
  const kept = new Kept(maxBytes);
  return {
    write: (chunk) => kept.add(chunk),
    end() {
      if (kept.over) return outbox.fail(`the provider sent a reply of more than ${maxBytes} bytes`);
      const json = kept.bytes();
      readJson(json, hold?.(json) ?? json.toString('utf8'), { outbox, read: reader.whole });
      if (!outbox.closed) reader.end();
    },
  };
}

const isDone = (json: Bytes): boolean => json.length < 16 && json.toString('latin1').trim() === '[DONE]';

interface Read {
  readonly outbox: Outbox;
  readonly read: (value: unknown, json: Bytes) => void;
}

/** `text`: of the same JSON, or of what is read of it. */
function readJson(json: Bytes, text: string, { outbox, read }: Read): void {
  let value: unknown;
  try {
    value = JSON.parse(text) as unknown;
  } catch {
    return outbox.fail('the provider sent what is not JSON');
  }
  read(value, json);
}
