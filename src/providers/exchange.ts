import type { Dispatcher } from 'undici';
import { GatewayError } from '../core/errors.ts';
import type { Flow, Sink, Valve } from '../core/flow.ts';
import type { Bytes } from '../core/json.ts';
import type { ReplyHead } from '../core/reply.ts';

type Controller = Dispatcher.DispatchController;

/** Bytes kept for a reader that has not come yet; then the upstream is paused. */
export const maxWaitingBytes = 1 << 20;

const text = (part: Buffer | string): string => (typeof part === 'string' ? part : part.toString('latin1'));

/**
 * One request at a provider: undici's handler on one side, a flow of bytes on the other.
 * The head resolves `head`; from then on bytes go to the sink, or wait until there is one.
 */
export class Exchange implements Dispatcher.DispatchHandler, Flow, Valve {
  readonly head: Promise<ReplyHead>;
  #settle!: { resolve(head: ReplyHead): void; reject(error: GatewayError): void };
  #controller: Controller | undefined;
  #sink: Sink | undefined;
  #waiting: Bytes[] = [];
  #waitingBytes = 0;
  #ended: { readonly error: Error | undefined } | undefined;
  #aborted: Error | undefined;
  readonly #forwards: (rawName: string) => boolean;

  constructor(forwards: (rawName: string) => boolean) {
    this.#forwards = forwards;
    this.head = new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#aborted) controller.abort(this.#aborted);
  }

  onResponseStart(controller: Controller, status: number): void {
    if (status < 200) return; // 1xx: the real head is still to come
    this.#settle.resolve({
      status,
      headers: this.#headers((controller as { rawHeaders?: readonly (Buffer | string)[] }).rawHeaders ?? []),
    });
  }

  onResponseData(controller: Controller, chunk: Bytes): void {
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
    this.#waiting = [];
    for (const chunk of waiting) sink.write(chunk);
    if (this.#waitingBytes > maxWaitingBytes) this.#controller?.resume();
    if (this.#ended) sink.end(this.#ended.error);
  }

  pause(): void {
    this.#controller?.pause();
  }

  resume(): void {
    this.#controller?.resume();
  }

  /** Breaks the request off, wherever it stands. After the end it does nothing. */
  abort(reason: Error): void {
    if (this.#ended || this.#aborted) return;
    this.#aborted = reason;
    if (this.#controller) this.#controller.abort(reason);
    else this.#settle.reject(GatewayError.from(reason));
  }

  #wait(controller: Controller, chunk: Bytes): void {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    if (this.#waitingBytes > maxWaitingBytes) controller.pause();
  }

  #end(error: Error | undefined): void {
    if (this.#ended) return;
    this.#ended = { error };
    if (error) this.#settle.reject(GatewayError.from(error)); // without effect once the head is there
    this.#sink?.end(error);
  }

  #headers(raw: readonly (Buffer | string)[]): string[] {
    const headers: string[] = [];
    for (let at = 0; at < raw.length; at += 2) {
      const name = text(raw[at]!);
      if (this.#forwards(name)) headers.push(name, text(raw[at + 1]!));
    }
    return headers;
  }
}

const timeouts: ReadonlySet<string> = new Set(['UND_ERR_CONNECT_TIMEOUT', 'UND_ERR_HEADERS_TIMEOUT', 'UND_ERR_BODY_TIMEOUT']);
const unreachable: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);
const waits: Readonly<Record<string, string>> = {
  UND_ERR_CONNECT_TIMEOUT: 'connectMs',
  UND_ERR_HEADERS_TIMEOUT: 'firstByteMs',
  UND_ERR_BODY_TIMEOUT: 'idleMs',
};

/** What went wrong upstream, in our own words; the library's message stays in the cause, for it may name addresses. */
export function asGatewayError(cause: Error): GatewayError {
  if (cause instanceof GatewayError) return cause;
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  if (timeouts.has(code))
    return new GatewayError('provider_timeout', `the provider was silent for longer than timeouts.${waits[code]}`, { cause });
  if (unreachable.has(code)) return new GatewayError('provider_unreachable', `no connection to the provider (${code})`, { cause });
  return new GatewayError('provider_error', `the provider broke the connection off${code === '' ? '' : ` (${code})`}`, { cause });
}
