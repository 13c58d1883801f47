import { GatewayError } from '../../../core/errors.ts';
import { pull, type Flow } from '../../../core/flow.ts';
import type { Bytes } from '../../../core/json.ts';
import { ndjsonSplitter } from '../../../protocols/ndjson.ts';
import { maxLineBytes } from '../metered.ts';

/** The lines of a flow, one after the other. @throws {GatewayError} `provider_error` for one that is too long */
export async function* linesIn(flow: Flow, maxBytes = maxLineBytes): AsyncGenerator<Bytes> {
  let waiting: Bytes[] = [];
  const splitter = ndjsonSplitter((line) => waiting.push(line), maxBytes);
  const taken = (): readonly Bytes[] => {
    if (splitter.skipped > 0) throw new GatewayError('provider_error', `the provider sent a result of more than ${maxBytes} bytes`);
    const lines = waiting;
    waiting = [];
    return lines;
  };
  for await (const chunk of pull(flow)) {
    splitter.write(chunk);
    yield* taken();
  }
  splitter.end();
  yield* taken();
}

/** All of a flow in one piece. */
export async function collectedFlow(flow: Flow): Promise<Bytes> {
  const chunks: Bytes[] = [];
  for await (const chunk of pull(flow)) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** Pieces that are made one after the other, as fast as they are read. */
export function flowOfPieces(pieces: AsyncGenerator<Bytes>): Flow {
  return {
    to(sink) {
      let paused: Promise<void> | undefined;
      let wake = (): void => {};
      let broken: Error | undefined;
      sink.open({
        pause() {
          paused ??= new Promise((resolve) => (wake = resolve));
        },
        resume() {
          paused = undefined;
          wake();
        },
        abort(reason) {
          broken ??= reason;
          wake();
        },
      });
      const run = async (): Promise<void> => {
        for await (const piece of pieces) {
          if (!broken) sink.write(piece);
          if (!broken) await paused;
          if (broken) throw broken;
        }
      };
      run().then(
        () => sink.end(),
        (error: unknown) => sink.end(error instanceof Error ? error : GatewayError.from(error)),
      );
    },
  };
}
