import type { Flow, Sink } from '../core/flow.ts';
import type { Bytes } from '../core/json.ts';
import { Signs } from '../core/signs.ts';
import { picker } from './json-scan.ts';
import { meterLimits } from './limits.ts';
import { occurs } from './reader.ts';
import { endsEvent, eventData, eventEnds } from './sse.ts';

/**
 * Takes the usage chunk that the gateway asked for out of a chat stream, for a client that did not ask: the event without choices that carries a usage object.
 * Every other byte passes in order and unchanged. The unfinished event at the end of a chunk waits for its end, one larger than `maxEventBytes` does not.
 */
export function stripUsageChunk(flow: Flow, { maxEventBytes = meterLimits.eventBytes }: { readonly maxEventBytes?: number } = {}): Flow {
  return { to: (sink) => flow.to(stripper(sink, maxEventBytes)) };
}

function stripper(sink: Sink, maxEventBytes: number): Sink {
  const endOf = eventEnds();
  const held = new Waiting(sink, maxEventBytes);
  return {
    open: (valve) => sink.open(valve),
    write(chunk) {
      if (held.empty && endsEvent(chunk) && !mayHoldUsageChunk(chunk)) return sink.write(chunk);
      let keptFrom = 0;
      let at = 0;
      for (let end = endOf(chunk, at); end !== -1; end = endOf(chunk, at)) {
        if (!held.passing && isUsageChunk(held.with(chunk.subarray(at, end)))) {
          if (at > keptFrom) sink.write(chunk.subarray(keptFrom, at));
          held.drop();
          keptFrom = end;
        } else held.release();
        at = end;
      }
      if (at > keptFrom) sink.write(chunk.subarray(keptFrom, at));
      if (at < chunk.length) held.add(chunk.subarray(at));
    },
    end(error) {
      if (isUsageChunk(held.with(Buffer.alloc(0)))) held.drop();
      held.release();
      sink.end(error);
    },
  };
}

/** The pieces of an event that is not whole yet. */
class Waiting {
  readonly #sink: Sink;
  readonly #maxEventBytes: number;
  #pieces: Bytes[] = [];
  #size = 0;
  /** The event was too large to wait for: its bytes pass at once. */
  passing = false;

  constructor(sink: Sink, maxEventBytes: number) {
    this.#sink = sink;
    this.#maxEventBytes = maxEventBytes;
  }

  get empty(): boolean {
    return this.#size === 0 && !this.passing;
  }

  add(piece: Bytes): void {
    this.#pieces.push(piece);
    this.#size += piece.length;
    if (!this.passing && this.#size <= this.#maxEventBytes) return;
    this.release();
    this.passing = true;
  }

  with(last: Bytes): Bytes {
    return this.#pieces.length === 0 ? last : Buffer.concat([...this.#pieces, last]);
  }

  drop(): void {
    this.#pieces = [];
    this.#size = 0;
    this.passing = false;
  }

  release(): void {
    for (const piece of this.#pieces) this.#sink.write(piece);
    this.drop();
  }
}

const signs = new Signs([{ key: 'choices', begins: ['[]', '[ ', '[\n', '[\r', '[\t'] }]);

const mayHoldUsageChunk = (events: Bytes): boolean => signs.in(events) && occurs(/"choices":\s*\[\s*\]/, events);

const pickChunk = picker({ choices: 'choices', usage: 'usage' });

function isUsageChunk(event: Bytes): boolean {
  if (!mayHoldUsageChunk(event)) return false;
  const data = eventData(event);
  if (!data) return false;
  const { choices, usage } = pickChunk(data).found;
  const last = choices?.at(-1);
  return last !== undefined && /^\[\s*\]$/.test(last.toString('latin1')) && usage?.at(-1)?.[0] === 0x7b;
}
