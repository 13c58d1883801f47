import type { Flow, Sink, Valve } from '../../core/flow.ts';
import type { Bytes } from '../../core/json.ts';

/** A reply's bytes, read to their end or to a limit, to be given out again. */
export interface ReadBytes {
  /** The same bytes once more; behind the limit they come as they arrive. */
  readonly flow: Flow;
  /** The end was reached within the limit. */
  readonly isWhole: boolean;
}

/** Reads bytes and shows each chunk. Rejects when they break off. Beyond `maxBytes` nothing is held back any more. */
export function readWhole(bytes: Flow, maxBytes: number, see: (chunk: Bytes) => void): Promise<ReadBytes> {
  return new Promise((resolve, reject) => {
    const kept: Bytes[] = [];
    let size = 0;
    let onward: Pick<Sink, 'write' | 'end'> | undefined;
    let ended: { readonly error: Error | undefined } | undefined;
    let valve: Valve;
    const goOn = (): void => {
      valve.pause();
      resolve({
        isWhole: false,
        flow: {
          to: (sink) => {
            onward = sink;
            sink.open(valve);
            for (const chunk of kept.splice(0)) sink.write(chunk);
            if (ended) sink.end(ended.error);
            else valve.resume();
          },
        },
      });
    };
    bytes.to({
      open: (opened) => void (valve = opened),
      write(chunk) {
        if (onward) return onward.write(chunk);
        kept.push(chunk);
        see(chunk);
        if (size <= maxBytes && (size += chunk.length) > maxBytes) goOn();
      },
      end(error) {
        ended = { error };
        if (onward) onward.end(error);
        else if (error) reject(error);
        else resolve({ isWhole: true, flow: again(kept) });
      },
    });
  });
}

const again = (chunks: readonly Bytes[]): Flow => ({
  to(sink) {
    let stopped: Error | undefined;
    sink.open({ pause: () => {}, resume: () => {}, abort: (reason) => void (stopped = reason) });
    for (const chunk of chunks) if (!stopped) sink.write(chunk);
    sink.end(stopped);
  },
});
