import { GatewayError } from '../../core/errors.ts';
import { aborted, type Flow, type Sink, type Valve } from '../../core/flow.ts';
import type { Bytes } from '../../core/json.ts';
import type { Closable } from '../../core/pipeline.ts';
import type { Reply, ReplyHead, ServedBy } from '../../core/reply.ts';
import type { Entry, Used } from './entry.ts';
import { Interest } from './interest.ts';
import { Seat } from './seat.ts';

/** A reply on its way that others may share. */
export interface Shared {
  readonly head: ReplyHead;
  readonly servedBy: ServedBy;
}

/** A whole reply that has come to its own end. */
export type Landed = Pick<Entry, 'head' | 'pieces' | 'body'>;

/** Its first chunks are gone: it was asked for long after it joined. */
function tooLate(sink: Sink): void {
  sink.open({ pause: () => {}, resume: () => {}, abort: () => {} });
  sink.end(new GatewayError('internal', 'a shared reply was read too late'));
}

/** Chunks of a stream whose times are kept; of a longer one only the bytes are. */
const maxPieces = 10_000;

/**
 * One call under way, and all who wait for its answer. Its chunks are kept up to a limit, so that who comes late, or reads slowly, holds nobody
 * up; beyond the limit nobody else may join, and the provider is paused for the slowest. It goes on until everybody has left.
 */
export class Flight implements Sink {
  readonly #interest = new Interest(() => this.#ended ?? this.#valve?.abort(aborted()));
  readonly #limit: number;
  readonly #seats = new Set<Seat>();
  readonly #ready = Promise.withResolvers<Shared | undefined>();
  readonly #settled = Promise.withResolvers<Used | undefined>();
  readonly #pieces: (readonly [number, number])[] = [];
  #chunks: Bytes[] = [];
  /** Chunks that were let go of. */
  #dropped = 0;
  #bytes = 0;
  #firstMs = 0;
  #shared: Shared | undefined;
  #source: Flow | undefined;
  #valve: Valve | undefined;
  #ended: { readonly error: Error | undefined } | undefined;
  #landed: (landed: Landed | undefined) => void = () => {};
  #isLive = false;
  #isSpoilt = false;

  constructor(limitBytes: number) {
    this.#limit = limitBytes;
  }

  /** Closed when everybody has left. */
  get client(): Closable {
    return this.#interest;
  }
  /** Whether others may still join: also after its end, when all have their answer, until it is known not to be kept. */
  get isOpen(): boolean {
    if (this.#bytes > this.#limit || this.#isSpoilt) return false;
    return this.#ended ? !this.#ended.error : !this.#interest.closed;
  }
  /**
   * The reply, as soon as it may be shared: a stream's at its head, a whole one's at its end, and to those who come after the end only when it
   * is known that it may be kept. `undefined`: there is nothing to share.
   */
  answer(): Promise<Shared | undefined> {
    return this.#ended ? this.#settled.promise.then((used) => used && this.#shared) : this.#ready.promise;
  }
  /** What it cost, when that is known; `undefined` when it never will be. */
  get settled(): Promise<Used | undefined> {
    return this.#settled.promise;
  }

  /** One more who wants the answer; returns how to leave. */
  enter(): () => void {
    return this.#interest.enter();
  }

  /** The reply is there. `isLive`: others may read it as it comes. `landed` hears of the end. */
  board({ head, servedBy, bytes }: Reply, isLive: boolean, landed: (landed: Landed | undefined) => void): void {
    this.#shared = { head, servedBy };
    this.#source = bytes;
    this.#landed = landed;
    this.#isLive = isLive;
    if (isLive) this.#ready.resolve(this.#shared);
  }

  /** There is no reply to share. */
  fail(): void {
    this.#ready.resolve(undefined);
    this.#settled.resolve(undefined);
  }

  settle(used: Used | undefined): void {
    this.#isSpoilt = used === undefined;
    this.#settled.resolve(used);
  }

  /** The bytes for one of them. `leave`: what `enter` gave. A `leader` who goes is told of the end only when all is over: the record of what was paid is its own. */
  bytesFor(leave: () => void, role: 'leader' | 'follower'): Flow {
    return {
      to: (sink) => {
        if (this.#dropped > 0) return tooLate(sink);
        const seat = new Seat(sink, { leave, isHeld: role === 'leader', caughtUp: () => this.#caughtUp() });
        this.#seats.add(seat);
        seat.open();
        this.#start();
        this.#feed(seat);
      },
    };
  }

  #start(): void {
    const source = this.#source;
    this.#source = undefined;
    source?.to(this);
  }

  open(valve: Valve): void {
    this.#valve = valve;
  }

  write(chunk: Bytes): void {
    const nowMs = performance.now();
    if (this.#bytes === 0) this.#firstMs = nowMs;
    if (this.#pieces.length < maxPieces) this.#pieces.push([chunk.length, Math.round(nowMs - this.#firstMs)]);
    else this.#pieces.length = 0;
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    for (const seat of this.#seats) this.#feed(seat);
    if (this.#bytes <= this.#limit) return;
    if (!this.#isLive) this.#ready.resolve(undefined);
    this.#trim();
  }

  end(error?: Error): void {
    this.#ended = { error };
    const isWhole = error === undefined && this.#bytes <= this.#limit && this.#shared !== undefined;
    this.#landed(isWhole ? { head: this.#shared!.head, pieces: this.#kept(), body: Buffer.concat(this.#chunks) } : undefined);
    this.#ready.resolve(isWhole ? this.#shared : undefined);
    for (const seat of this.#seats) this.#feed(seat);
  }

  #kept(): Landed['pieces'] {
    const known = this.#pieces.reduce((sum, [bytes]) => sum + bytes, 0);
    return this.#isLive && known === this.#bytes ? this.#pieces : [];
  }

  #feed(seat: Seat): void {
    seat.feed(this.#chunks, this.#dropped, this.#ended);
    if (seat.isDone) this.#seats.delete(seat);
  }

  /** A reply too long to keep: chunks go when all have had them, and until then no more come. */
  #trim(): void {
    const end = this.#dropped + this.#chunks.length;
    if ([...this.#seats].some((seat) => seat.isReading && seat.next < end)) return this.#valve?.pause();
    this.#dropped = end;
    this.#chunks = [];
  }

  #caughtUp(): void {
    for (const seat of this.#seats) this.#feed(seat);
    if (this.#bytes <= this.#limit || this.#ended) return;
    this.#trim();
    if (this.#chunks.length === 0) this.#valve?.resume();
  }
}
