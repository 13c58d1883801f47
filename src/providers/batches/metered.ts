import type { Flow, Sink, Valve } from '../../core/flow.ts';
import { headerOf, Reply } from '../../core/reply.ts';
import { resultOfLine, resultsOfOperation, type BatchResult } from '../../protocols/batches/results.ts';
import { Kept } from '../../protocols/kept.ts';
import { ndjsonSplitter } from '../../protocols/ndjson.ts';

/** Bytes of one line of results at most; of a longer one only that it was there is known. */
export const maxLineBytes = 32 << 20;
/** Bytes of an operation with its results in it at most: Google takes 20 MB of requests in one. */
export const maxOperationBytes = 128 << 20;
/** How long to wait for the ledger before it is asked again. */
const congestionMs = 10;

export interface ResultsLimits {
  readonly lineBytes: number;
  readonly operationBytes: number;
}

const defaultLimits: ResultsLimits = { lineBytes: maxLineBytes, operationBytes: maxOperationBytes };

export interface ResultsListener {
  /** Hears of each result as it passes. `model`: as the batch names it, for replies that do not. */
  readonly result: (result: BatchResult, model?: string) => void;
  /** The reply came to its end, and nothing of it was too long or unreadable. */
  readonly whole: () => void;
  /** Something of it cannot be metered. */
  readonly unread: () => void;
  /** Whether to hold the bytes: what cannot be recorded is not given out. */
  readonly isCongested: () => boolean;
}

/** The same reply; `listener` hears what stands in it. `operation`: one JSON document, else a result a line. */
export function meteredResults(reply: Reply, form: 'lines' | 'operation', listener: ResultsListener, limits = defaultLimits): Reply {
  if ((headerOf(reply.head.headers, 'content-encoding') ?? 'identity') !== 'identity') {
    listener.unread();
    return reply;
  }
  const reader = form === 'lines' ? linesReader(listener, limits.lineBytes) : operationReader(listener, limits.operationBytes);
  return new Reply(reply.servedBy, reply.head, heldFlow(reply.bytes, reader, listener.isCongested));
}

interface Reader {
  write(chunk: Buffer): void;
  end(): void;
}

function linesReader({ result, whole, unread }: ResultsListener, maxBytes: number): Reader {
  const splitter = ndjsonSplitter((line) => {
    const found = resultOfLine(line);
    if (found) result(found);
  }, maxBytes);
  return {
    write: (chunk) => splitter.write(chunk),
    end() {
      splitter.end();
      if (splitter.skipped > 0) unread();
      else whole();
    },
  };
}

function operationReader({ result, whole, unread }: ResultsListener, maxBytes: number): Reader {
  const kept = new Kept(maxBytes);
  return {
    write: (chunk) => kept.add(chunk),
    end() {
      if (kept.over) return unread();
      const found = resultsOfOperation(kept.bytes());
      for (const one of found?.results ?? []) result(one, found?.model);
      if (found) whole();
    },
  };
}

/** Holds the bytes while the ledger does not keep up. */
function heldFlow(flow: Flow, reader: Reader, isCongested: () => boolean): Flow {
  return {
    to(sink: Sink) {
      let valve: Valve;
      let held = false;
      let paused = false;
      const wait = (): void => {
        held = isCongested();
        if (held) setTimeout(wait, congestionMs);
        else if (!paused) valve.resume();
      };
      flow.to({
        open(opened) {
          valve = opened;
          sink.open({
            pause() {
              paused = true;
              opened.pause();
            },
            resume() {
              paused = false;
              if (!held) opened.resume();
            },
            abort: (reason) => opened.abort(reason),
          });
        },
        write(chunk) {
          sink.write(chunk);
          reader.write(chunk);
          if (held || !isCongested()) return;
          held = true;
          valve.pause();
          setTimeout(wait, congestionMs);
        },
        end(error) {
          if (!error) reader.end();
          sink.end(error);
        },
      });
    },
  };
}
