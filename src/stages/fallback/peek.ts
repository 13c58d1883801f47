import { aborted, type Flow, type Sink, type Valve } from '../../core/flow.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Bytes } from '../../core/json.ts';
import type { Closable } from '../../core/pipeline.ts';
import { Reply } from '../../core/reply.ts';

/** Bytes looked at before a reply goes on at the latest. */
export const maxPeekBytes = 16 * 1024;
/** Bytes read of a reply nobody wants before it is broken off. */
export const maxDiscardBytes = 64 * 1024;
/** How long that may take, ms. */
export const maxDiscardMs = 2000;

/** The beginning of a reply, and the reply itself, whole. */
export interface Peeked {
  readonly text: string;
  /** It ended within what was read. */
  readonly hasEnded: boolean;
  readonly reply: Reply;
}

/**
 * Reads a reply until `isEnough`, its end, or the limit; then holds it until somebody reads it. While it is held up here, `client` leaving
 * breaks it off. @throws {GatewayError} when it was broken off before that.
 */
export async function peeked(reply: Reply, client: Closable | undefined, isEnough: (text: string) => boolean): Promise<Peeked> {
  const held = new Held(isEnough);
  reply.bytes.to(held);
  const stopListening = client?.onClose(() => held.abort(aborted()));
  await held.seen;
  stopListening?.();
  if (held.error) throw GatewayError.from(held.error);
  return { text: held.text, hasEnded: held.hasEnded, reply: new Reply(reply.servedBy, reply.head, held) };
}

/** A sink that keeps what comes until another one takes over. */
class Held implements Sink, Flow {
  readonly seen: Promise<void>;
  readonly #isEnough: (text: string) => boolean;
  readonly #chunks: Bytes[] = [];
  #bytes = 0;
  #valve: Valve | undefined;
  #sink: Sink | undefined;
  #show!: () => void;
  #isSeen = false;
  hasEnded = false;
  error: Error | undefined;

  constructor(isEnough: (text: string) => boolean) {
    this.#isEnough = isEnough;
    this.seen = new Promise((resolve) => {
      this.#show = resolve;
    });
  }

  get text(): string {
    return Buffer.concat(this.#chunks).toString('utf8');
  }

  open(valve: Valve): void {
    this.#valve = valve;
  }

  write(chunk: Bytes): void {
    if (this.#sink) return this.#sink.write(chunk);
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    if (this.#isSeen || (this.#bytes < maxPeekBytes && !this.#isEnough(this.text))) return;
    this.#isSeen = true;
    this.#valve?.pause();
    this.#show();
  }

  end(error?: Error): void {
    this.hasEnded = true;
    this.error = error;
    this.#isSeen = true;
    this.#show();
    this.#sink?.end(error);
  }

  abort(reason: Error): void {
    if (!this.hasEnded) this.#valve?.abort(reason);
  }

  to(sink: Sink): void {
    let isPaused = false;
    const valve: Valve = {
      pause: () => ((isPaused = true), this.#valve?.pause()),
      resume: () => ((isPaused = false), this.#valve?.resume()),
      abort: (reason) => this.#valve?.abort(reason),
    };
    sink.open(valve);
    for (const chunk of this.#chunks) sink.write(chunk);
    this.#chunks.length = 0;
    this.#sink = sink;
    if (this.hasEnded) sink.end(this.error);
    else if (!isPaused) this.#valve?.resume();
  }
}

/** Starts the clock of something that may take too long; the result stops it. */
export type After = (delayMs: number, then: () => void) => () => void;

/** Reads a reply nobody wants to its end, so that it is metered and its connection stays; a long one is broken off. */
export function discarded(reply: Reply, after: After): Promise<void> {
  return new Promise((resolve) => {
    let valve: Valve | undefined;
    let bytes = 0;
    const breakOff = (): void => valve?.abort(new GatewayError('provider_error', 'the failed reply was too long to read'));
    const stop = after(maxDiscardMs, breakOff);
    reply.bytes.to({
      open: (opened) => {
        valve = opened;
      },
      write: (chunk) => {
        bytes += chunk.length;
        if (bytes > maxDiscardBytes) breakOff();
      },
      end: () => {
        stop();
        resolve();
      },
    });
  });
}

/** Breaks a reply off that somebody else's has made useless. */
export function abandon(reply: Reply): void {
  reply.bytes.to({ open: (valve) => valve.abort(aborted()), write: () => {}, end: () => {} });
}
