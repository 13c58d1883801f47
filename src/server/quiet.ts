/** Requests after which there is something to tidy up. */
const worthIt = 1000;

/**
 * Calls `tidy` once traffic has ceased for `quietMs`, if there was enough of it since the last time.
 * `note` is called for each request; it costs a count.
 */
export class QuietTime {
  readonly #tidy: () => void;
  readonly #timer: NodeJS.Timeout;
  #requests = 0;
  #seen = 0;

  constructor(quietMs: number, tidy: () => void) {
    this.#tidy = tidy;
    this.#timer = setInterval(() => this.#look(), quietMs).unref();
  }

  note(): void {
    this.#requests += 1;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #look(): void {
    const isQuiet = this.#requests === this.#seen;
    this.#seen = this.#requests;
    if (!isQuiet || this.#requests < worthIt) return;
    this.#requests = this.#seen = 0;
    this.#tidy();
  }
}
