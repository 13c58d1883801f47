import { aborted, type Sink } from '../../core/flow.ts';
import type { Bytes } from '../../core/json.ts';

interface SeatOptions {
  /** Called when its reader goes. */
  readonly leave: () => void;
  /** Whether it hears of the end only when all is over, though its reader has gone. */
  readonly isHeld: boolean;
  /** Called when it reads on after a pause. */
  readonly caughtUp: () => void;
}

/** One reader of a shared reply, at its own pace. */
export class Seat {
  readonly #sink: Sink;
  readonly #options: SeatOptions;
  #next = 0;
  #isPaused = false;
  #hasLeft = false;
  #isDone = false;
  #isFeeding = false;

  constructor(sink: Sink, options: SeatOptions) {
    this.#sink = sink;
    this.#options = options;
  }

  /** Index of the chunk it gets next. */
  get next(): number {
    return this.#next;
  }
  /** Its end was told. */
  get isDone(): boolean {
    return this.#isDone;
  }
  get isReading(): boolean {
    return !this.#isDone && !this.#hasLeft;
  }

  open(): void {
    this.#sink.open({
      pause: () => void (this.#isPaused = true),
      resume: () => {
        this.#isPaused = false;
        this.#options.caughtUp();
      },
      abort: () => this.#left(),
    });
  }

  /** Gives out what is there, as far as the reader reads, and the end when it is reached. */
  feed(chunks: readonly Bytes[], dropped: number, ended: { readonly error: Error | undefined } | undefined): void {
    if (this.#isDone || this.#isFeeding) return;
    this.#isFeeding = true;
    while (this.isReading && !this.#isPaused && this.#next - dropped < chunks.length) {
      this.#next += 1;
      this.#sink.write(chunks[this.#next - 1 - dropped]!);
    }
    this.#isFeeding = false;
    if (!ended) return;
    if (this.#hasLeft) this.#end(aborted());
    else if (this.#next - dropped >= chunks.length) this.#end(ended.error);
  }

  #left(): void {
    if (!this.isReading) return;
    this.#hasLeft = true;
    if (!this.#options.isHeld) this.#end(aborted());
    this.#options.leave();
    this.#options.caughtUp(); // whoever waited for it need not any more
  }

  #end(error?: Error): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#sink.end(error);
    if (!this.#hasLeft) this.#options.leave();
  }
}
