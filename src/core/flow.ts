import { GatewayError } from './errors.ts';
import type { Bytes } from './json.ts';

/** The upstream end of a flow. undici's dispatch controller has this shape. */
export interface Valve {
  pause(): void;
  resume(): void;
  abort(reason: Error): void;
}
/** Where a flow goes: `open`, then `write` per chunk, then exactly one `end`, with an error when it was broken off. */
export interface Sink {
  open(valve: Valve): void;
  write(chunk: Bytes): void;
  end(error?: Error): void;
}
/** Bytes on their way. Pushed, so that the hot path makes no promise and no iterator per chunk. Goes to one sink. */
export interface Flow {
  to(sink: Sink): void;
}
/** Bytes in, values out; `end` flushes. The state of one reply lives in its closure. */
export interface Decoder<T> {
  write(chunk: Bytes): readonly T[];
  end(): readonly T[];
}

export const aborted = (): GatewayError => new GatewayError('aborted', 'the reader went away');

/** The same bytes, pulled: for whoever reads the meaning. At most `limit` chunks wait; leaving early closes the valve. */
export async function* pull(flow: Flow, limit = 16): AsyncGenerator<Bytes> {
  const waiting: Bytes[] = [];
  let valve: Valve | undefined;
  let ended: { error: Error | undefined } | undefined;
  let wake = (): void => {};
  flow.to({
    open: (opened) => {
      valve = opened;
    },
    write(chunk) {
      if (waiting.push(chunk) >= limit) valve?.pause();
      wake();
    },
    end(error) {
      ended = { error };
      wake();
    },
  });
  try {
    for (;;) {
      const chunk = waiting.shift();
      if (chunk) {
        if (waiting.length === 0) valve?.resume();
        yield chunk;
      } else if (!ended)
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
      else if (ended.error) throw ended.error;
      else return;
    }
  } finally {
    if (!ended) valve?.abort(aborted());
  }
}
