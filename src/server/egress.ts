import type { ServerResponse } from 'node:http';
import type { ApiId } from '../core/api.ts';
import { GatewayError } from '../core/errors.ts';
import { aborted, type Sink, type Valve } from '../core/flow.ts';
import type { Bytes } from '../core/json.ts';
import { headerOf, type Reply } from '../core/reply.ts';
import { errorEvent } from '../protocols/errors.ts';
import type { Client } from './client.ts';
import type { Drains } from './drain.ts';

export interface EgressOptions {
  readonly response: ServerResponse;
  readonly client: Client;
  readonly requestId: string;
  readonly api: ApiId;
  /** Raw, beside those of the reply. */
  readonly replyHeaders: readonly string[];
  readonly onClientAbort: 'cancel' | 'drain';
  readonly drains: Drains;
}

/** Sends a reply to the client: its own status, headers and chunks. */
export function sendReply(reply: Reply, options: EgressOptions): void {
  const { response, requestId, replyHeaders } = options;
  const { status, headers } = reply.head;
  if (!options.client.closed) response.writeHead(status, [...headers, ...replyHeaders, 'x-modicum-request-id', requestId]);
  reply.bytes.to(new Egress(options, isEventStream(headers)));
}

const isEventStream = (headers: readonly string[]): boolean => headerOf(headers, 'content-type')?.startsWith('text/event-stream') ?? false;

/** Writes as fast as the client reads; when the client leaves, cancels or drains. */
class Egress implements Sink {
  readonly #options: EgressOptions;
  readonly #eventStream: boolean;
  #valve!: Valve;
  #drain: ReturnType<Drains['start']> | undefined;
  #ended = false;
  #paused = false;

  constructor(options: EgressOptions, eventStream: boolean) {
    this.#options = options;
    this.#eventStream = eventStream;
  }

  open(valve: Valve): void {
    this.#valve = valve;
    this.#options.client.onClose(() => this.#left());
  }

  write(chunk: Bytes): void {
    if (this.#drain) return this.#drain.bytes(chunk.length);
    if (this.#options.response.write(chunk) || this.#paused) return;
    this.#paused = true;
    this.#valve.pause();
    this.#options.response.once('drain', () => {
      this.#paused = false;
      this.#valve.resume();
    });
  }

  end(error?: Error): void {
    this.#ended = true;
    this.#drain?.end();
    const { response, client } = this.#options;
    if (client.closed) return;
    if (error) this.#breakOff(response, error);
    else response.end();
  }

  #left(): void {
    if (this.#ended) return;
    if (this.#options.onClientAbort === 'drain') this.#drain = this.#options.drains.start(this.#valve);
    else this.#valve.abort(aborted());
  }

  /** A reply cut short must not look whole: an error event where the protocol has one, then a broken connection, never a clean end. */
  #breakOff(response: ServerResponse, error: Error): void {
    if (!this.#eventStream) {
      response.destroy();
      return;
    }
    response.write(errorEvent(this.#options.api, GatewayError.from(error)), () => response.destroy());
  }
}
