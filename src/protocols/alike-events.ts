import type { Bytes } from '../core/json.ts';
import type { LikeTheLast } from './like-the-last.ts';
import type { OnEvent, Splitter } from './splitter.ts';
import { sseSplitter, type SseSplitter } from './sse.ts';

/** Events of which nothing but a text is read. */
export interface Alike {
  readonly pattern: LikeTheLast;
  /** Takes the text of an event that fits. False: the event must be parsed after all. */
  readonly say: (text: string) => boolean;
}

/** Events of a `text/event-stream`; those that are alike are told to `alike` alone. */
export const alikeSplitter = (onEvent: OnEvent, maxEventBytes: number, alike: Alike): Splitter =>
  new AlikeSplitter(onEvent, maxEventBytes, alike);

/** A class for the same reason as the splitter in it. */
class AlikeSplitter implements Splitter {
  readonly #splitter: SseSplitter;
  readonly #alikes: AlikeEvents;
  #events = 0;
  #last: Bytes | undefined;

  constructor(onEvent: OnEvent, maxEventBytes: number, alike: Alike) {
    this.#splitter = sseSplitter((json) => {
      this.#events += 1;
      this.#last = json;
      onEvent(json);
    }, maxEventBytes);
    this.#alikes = new AlikeEvents(alike, maxEventBytes);
  }

  get skipped(): number {
    return this.#splitter.skipped;
  }

  write(chunk: Bytes, quiet?: boolean): void {
    const whole = !this.#splitter.waits;
    const read = whole ? this.#alikes.read(chunk) : 0;
    if (read === chunk.length) return;
    const rest = read === 0 ? chunk : chunk.subarray(read);
    this.#events = 0;
    this.#splitter.write(rest, quiet);
    if (whole && this.#events === 1 && !this.#splitter.waits) this.#alikes.learn(rest, this.#last!);
  }

  end(): void {
    this.#splitter.end();
  }
}

/** Events like an earlier one, read from a chunk without cutting it into lines: the lines around their JSON are the same too. */
class AlikeEvents {
  readonly #alike: Alike;
  readonly #maxEventBytes: number;
  #head: string | undefined;
  #foot = '';

  constructor(alike: Alike, maxEventBytes: number) {
    this.#alike = alike;
    this.#maxEventBytes = maxEventBytes;
  }

  /** Reads such events from the start of a chunk; where the first other one begins. Bytes of an earlier chunk must not wait. */
  read(chunk: Bytes): number {
    const head = this.#head;
    if (head === undefined) return 0;
    const latin1 = chunk.toString('latin1');
    let at = 0;
    while (at < chunk.length && latin1.slice(at, at + head.length) === head) {
      const end = this.#event(chunk, latin1, at, head.length);
      if (end === -1) break;
      at = end;
    }
    return at;
  }

  #event(chunk: Bytes, latin1: string, at: number, headLength: number): number {
    const { pattern, say } = this.#alike;
    const text = pattern.textAt(chunk, latin1, at + headLength);
    if (text === undefined) return -1;
    const end = pattern.end + this.#foot.length;
    if (latin1.slice(pattern.end, end) !== this.#foot || end - at > this.#maxEventBytes) return -1;
    return say(text) ? end : -1;
  }

  /** A chunk was one whole event, with this JSON in it. */
  learn(chunk: Bytes, json: Bytes): void {
    const from = json.byteOffset - chunk.byteOffset;
    if (json.buffer !== chunk.buffer || from < 0 || from + json.length > chunk.length) return; // joined from several lines
    if (this.#alike.pattern.textIn(json) === undefined) return;
    this.#head = chunk.toString('latin1', 0, from);
    this.#foot = chunk.toString('latin1', from + json.length);
  }
}
