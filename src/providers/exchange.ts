import type { IncomingHttpHeaders } from 'node:http';
import type { Dispatcher } from 'undici';
import { GatewayError } from '../core/errors.ts';
import type { Flow, Sink, Valve } from '../core/flow.ts';
import type { Bytes } from '../core/json.ts';
import { Reply, type ServedBy } from '../core/reply.ts';
import { asGatewayError } from './failure.ts';
import type { Timeouts } from './provider.ts';
import type { Watch, Watched } from './watch.ts';

type Controller = Dispatcher.DispatchController;

/** Bytes kept for a reader that has not come yet; then the upstream is paused. */
export const maxWaitingBytes = 1 << 20;

interface ExchangeOptions {
  readonly servedBy: ServedBy;
  /** Whether a reply header goes on to the client. */
  readonly forwards: (rawName: string) => boolean;
  readonly timeouts: Timeouts;
  readonly watch: Watch;
  /** Called once, when nothing more comes and nothing is sent. */
  readonly ended?: (() => void) | undefined;
}

/**
 * One request at a provider: undici's handler on one side, a flow of bytes on the other.
 * The head resolves `reply`; from then on bytes go to the sink, or wait until there is one.
 * `reply` rejects with a `GatewayError` that also tells `servedBy`, and `unsent` when the provider knows nothing of the request.
 */
export class Exchange implements Dispatcher.DispatchHandler, Flow, Valve, Watched {
  readonly reply: Promise<Reply>;
  readonly #options: ExchangeOptions;
  readonly #slot: number;
  readonly #startedMs: number;
  #activeMs: number;
  #resolve!: (reply: Reply) => void;
  #reject!: (error: GatewayError) => void;
  #stopListening: (() => void) | undefined;
  #controller: Controller | undefined;
  #headSeen = false;
  #paused = false;
  #sink: Sink | undefined;
  #waiting: Bytes[] | undefined;
  #waitingBytes = 0;
  #ended = false;
  #error: Error | undefined;
  #aborted: Error | undefined;

  constructor(options: ExchangeOptions) {
    this.#options = options;
    this.#slot = options.watch.add(this);
    this.#startedMs = this.#activeMs = options.watch.nowMs;
    this.reply = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
  }

  /** Called once, when there is a head or will be none. */
  set stopListening(stop: () => void) {
    this.#stopListening = stop;
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#aborted) controller.abort(this.#aborted);
  }

  onResponseStart(_controller: Controller, status: number, headers: IncomingHttpHeaders): void {
    if (status < 200) return; // 1xx: the real head is still to come
    this.#headSeen = true;
    this.#activeMs = this.#options.watch.nowMs;
    this.#stopListening?.();
    this.#resolve(new Reply(this.#options.servedBy, { status, headers: this.#forwarded(headers) }, this));
  }

  onResponseData(controller: Controller, chunk: Bytes): void {
    this.#activeMs = this.#options.watch.nowMs;
    if (this.#sink) this.#sink.write(chunk);
    else this.#wait(controller, chunk);
  }

  onResponseEnd(): void {
    this.#end(undefined);
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#end(this.#aborted ?? asGatewayError(error));
  }

  to(sink: Sink): void {
    sink.open(this);
    this.#sink = sink;
    const waiting = this.#waiting;
    this.#waiting = undefined;
    if (waiting) for (const chunk of waiting) sink.write(chunk);
    if (this.#waitingBytes > maxWaitingBytes) this.resume();
    if (this.#ended) sink.end(this.#error);
  }

  pause(): void {
    this.#paused = true;
    this.#controller?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#activeMs = this.#options.watch.nowMs;
    this.#controller?.resume();
  }

  /** Breaks the request off, wherever it stands. After the end it does nothing. */
  abort(reason: Error): void {
    if (this.#ended || this.#aborted) return;
    this.#aborted = reason;
    if (this.#controller) this.#controller.abort(reason);
    else this.#fail(reason);
  }

  /** A paused reply waits for its reader, not for the provider. */
  overdue(nowMs: number): GatewayError | undefined {
    const { firstByteMs, idleMs, totalMs } = this.#options.timeouts;
    if (beyond(nowMs - this.#startedMs, totalMs)) return late('totalMs');
    if (this.#paused) return undefined;
    const limitMs = this.#headSeen ? idleMs : firstByteMs;
    return beyond(nowMs - this.#activeMs, limitMs) ? late(this.#headSeen ? 'idleMs' : 'firstByteMs') : undefined;
  }

  #wait(controller: Controller, chunk: Bytes): void {
    this.#waiting ??= [];
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > maxWaitingBytes) controller.pause();
  }

  #end(error: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#error = error;
    this.#options.watch.release(this.#slot);
    this.#options.ended?.();
    if (error && !this.#headSeen) this.#fail(error);
    this.#sink?.end(error);
  }

  /** There will be no head. A request that no connection took waits for one still: the provider knows nothing of it. */
  #fail(error: Error): void {
    this.#stopListening?.();
    this.#reject(Object.assign(GatewayError.from(error), { servedBy: this.#options.servedBy, unsent: this.#controller === undefined }));
  }

  #forwarded(headers: IncomingHttpHeaders): string[] {
    const forwarded: string[] = [];
    for (const name in headers) {
      if (!this.#options.forwards(name)) continue;
      const value = headers[name]!;
      if (typeof value === 'string') forwarded.push(name, value);
      else for (const one of value) forwarded.push(name, one);
    }
    return forwarded;
  }
}

const beyond = (elapsedMs: number, limitMs: number): boolean => limitMs > 0 && elapsedMs > limitMs;
const late = (limit: keyof Timeouts): GatewayError =>
  new GatewayError('provider_timeout', `the provider took longer than its timeouts.${limit}`);
