import type { ServerResponse } from 'node:http';
import type { Closable } from '../core/pipeline.ts';

type Listener = () => void;
const noop: Listener = () => {};

/** The client's end of a connection, as the pipeline sees it. Mostly one listener at a time, so the first has a place of its own. */
export class Client implements Closable {
  readonly #response: ServerResponse;
  #closed = false;
  #first: Listener | undefined;
  #others: Listener[] | undefined;

  /** `ended` is called once, however the exchange ends. */
  constructor(response: ServerResponse, ended: Listener) {
    this.#response = response;
    response.on('close', () => {
      ended();
      this.#close();
    });
  }

  get closed(): boolean {
    return this.#closed;
  }

  onClose(listener: Listener): Listener {
    if (this.#closed) {
      listener();
      return noop;
    }
    if (!this.#first) {
      this.#first = listener;
      return () => {
        if (this.#first === listener) this.#first = undefined;
      };
    }
    this.#others = [...(this.#others ?? []), listener];
    return () => {
      this.#others = this.#others?.filter((other) => other !== listener);
    };
  }

  #close(): void {
    if (this.#response.writableFinished) return;
    this.#closed = true;
    const listeners = [this.#first, ...(this.#others ?? [])];
    this.#first = this.#others = undefined;
    for (const listener of listeners) listener?.();
  }
}
