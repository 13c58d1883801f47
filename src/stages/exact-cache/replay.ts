import { aborted, type Flow, type Sink } from '../../core/flow.ts';
import type { Entry } from './entry.ts';

/** `at_once`: in one piece. `original`: a stream comes in its own chunks, at its own times. */
export type Pacing = 'at_once' | 'original';

/** The bytes of an entry, again. */
export function replayed({ body, pieces }: Entry, pacing: Pacing): Flow {
  return { to: (sink) => (pacing === 'original' && pieces.length > 1 ? new Replay(body, pieces, sink).start() : atOnce(body, sink)) };
}

function atOnce(body: Entry['body'], sink: Sink): void {
  let isStopped: Error | undefined;
  sink.open({ pause: () => {}, resume: () => {}, abort: (reason) => void (isStopped = reason) });
  if (!isStopped) sink.write(body);
  sink.end(isStopped);
}

/** Gives out the chunks of a stream at their times; a pause delays those that come after it. */
class Replay {
  readonly #body: Entry['body'];
  readonly #pieces: Entry['pieces'];
  readonly #sink: Sink;
  #timer: NodeJS.Timeout | undefined;
  #isPaused = false;
  #isEnded = false;
  #index = 0;
  #from = 0;

  constructor(body: Entry['body'], pieces: Entry['pieces'], sink: Sink) {
    this.#body = body;
    this.#pieces = pieces;
    this.#sink = sink;
  }

  start(): void {
    this.#sink.open({
      pause: () => this.#pause(),
      resume: () => {
        this.#isPaused = false;
        this.#next();
      },
      abort: () => this.#end(aborted()),
    });
    this.#next();
  }

  #pause(): void {
    this.#isPaused = true;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }

  #next(): void {
    if (this.#isPaused || this.#isEnded || this.#timer) return;
    const [, afterMs] = this.#pieces[this.#index]!;
    const beforeMs = this.#index === 0 ? afterMs : this.#pieces[this.#index - 1]![1];
    this.#timer = setTimeout(() => this.#give(), afterMs - beforeMs);
  }

  #give(): void {
    this.#timer = undefined;
    const [bytes] = this.#pieces[this.#index]!;
    this.#index += 1;
    this.#from += bytes;
    this.#sink.write(this.#body.subarray(this.#from - bytes, this.#from));
    if (this.#index === this.#pieces.length) this.#end();
    else this.#next();
  }

  #end(error?: Error): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    clearTimeout(this.#timer);
    this.#sink.end(error);
  }
}
