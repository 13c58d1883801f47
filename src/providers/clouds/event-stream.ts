import { GatewayError } from '../../core/errors.ts';
import type { Flow, Sink, Valve } from '../../core/flow.ts';
import type { Bytes } from '../../core/json.ts';
import { optional } from './credentials.ts';
import type { EventForm } from './event-form.ts';

/** Content type of streams in AWS's frames. */
export const eventStreamType = 'application/vnd.amazon.eventstream';
/** Bytes of one frame at most; AWS sends none larger. */
export const maxFrameBytes = 24 << 20;
/** Two lengths, a checksum of them, and one of the whole. */
const minFrameBytes = 16;

interface Frame {
  readonly headers: Readonly<Record<string, { readonly value: unknown }>>;
  readonly body: Uint8Array;
}

/** Reads one frame, checksums included. @throws when it is damaged */
export type ReadFrame = (frame: Uint8Array) => Frame;

let reader: Promise<ReadFrame> | undefined;

/** AWS's own codec, loaded when first needed. @throws {GatewayError} `no_credentials` when it is not installed */
export function frameReader(): Promise<ReadFrame> {
  reader ??= optional('@smithy/eventstream-codec', () => import('@smithy/eventstream-codec')).then(({ EventStreamCodec }) => {
    const codec = new EventStreamCodec(
      (bytes) => (typeof bytes === 'string' ? bytes : Buffer.from(bytes).toString('utf8')),
      (text) => new Uint8Array(Buffer.from(text)),
    );
    return (frame) => codec.decode(frame);
  });
  return reader.catch((error: unknown) => {
    reader = undefined;
    throw error;
  });
}

/** Frames in, server-sent events out, whatever chunks they come in. What is no frame breaks the stream off on both sides. */
export function unframed(flow: Flow, read: ReadFrame, form: EventForm): Flow {
  return { to: (sink) => flow.to(new Unframing(sink, read, form)) };
}

class Unframing implements Sink {
  readonly #sink: Sink;
  readonly #read: ReadFrame;
  readonly #form: EventForm;
  #valve: Valve | undefined;
  #rest: Bytes = Buffer.alloc(0);
  #over = false;

  constructor(sink: Sink, read: ReadFrame, form: EventForm) {
    this.#sink = sink;
    this.#read = read;
    this.#form = form;
  }

  open(valve: Valve): void {
    this.#valve = valve;
    this.#sink.open(valve);
  }

  write(chunk: Bytes): void {
    if (this.#over) return;
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    try {
      const events = this.#events();
      if (events.length > 0) this.#sink.write(events.length === 1 ? events[0]! : Buffer.concat(events));
    } catch (cause) {
      this.#fail(new GatewayError('provider_error', 'the provider sent a frame that cannot be read', { cause }));
    }
  }

  end(error?: Error): void {
    if (this.#over) return;
    this.#over = true;
    const isCut = error === undefined && this.#rest.length > 0;
    this.#sink.end(isCut ? new GatewayError('provider_error', 'the provider broke off in the middle of a frame') : error);
  }

  #events(): Bytes[] {
    const events: Bytes[] = [];
    while (this.#rest.length >= 4) {
      const length = this.#rest.readUInt32BE(0);
      if (length < minFrameBytes || length > maxFrameBytes) throw new RangeError(`a frame of ${length} bytes`);
      if (this.#rest.length < length) break;
      const event = this.#eventIn(this.#read(this.#rest.subarray(0, length)));
      this.#rest = this.#rest.subarray(length);
      if (event) events.push(event);
    }
    return events;
  }

  #eventIn({ headers, body }: Frame): Bytes | undefined {
    const told = (name: string): string => {
      const value = headers[name]?.value;
      return typeof value === 'string' ? value : '';
    };
    const payload = Buffer.from(body.buffer, body.byteOffset, body.byteLength);
    switch (told(':message-type')) {
      case 'event':
        return this.#form.event(told(':event-type'), payload);
      case 'exception':
        return this.#form.exception(told(':exception-type'), payload);
      case 'error':
        return this.#form.exception(told(':error-code'), Buffer.from(JSON.stringify({ message: told(':error-message') })));
      default:
        return undefined;
    }
  }

  /** Told first, so that the reader hears of the cause and not of the broken connection. */
  #fail(error: GatewayError): void {
    this.#over = true;
    this.#sink.end(error);
    this.#valve?.abort(error);
  }
}
