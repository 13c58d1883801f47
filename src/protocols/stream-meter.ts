import type { Bytes } from '../core/json.ts';
import type { ReplyFacts, ReplyMeter } from '../core/reply.ts';
import { alikeSplitter } from './alike-events.ts';
import { parsed } from './count.ts';
import { factsOf } from './facts.ts';
import { Kept } from './kept.ts';
import type { MeterLimits } from './limits.ts';
import type { ReplyReader } from './reader.ts';
import type { TextOf } from './reply-text.ts';
import type { OnEvent, Splitter } from './splitter.ts';
import { sseSplitter } from './sse.ts';

interface StreamOptions {
  readonly split: (onEvent: OnEvent, maxEventBytes: number) => Splitter;
  readonly textOf: TextOf;
  readonly limits: MeterLimits;
}

/** Chunks wait until there are so many bytes or chunks of them, and are looked at together: one by one, each token would cost a search. */
export const maxWaitingBytes = 16 << 10;
export const maxWaitingChunks = 128;

/** Reads a reply that comes in events. Chunks of whole events that tell nothing are searched once and passed over. */
export class StreamMeter implements ReplyMeter {
  readonly #reader: ReplyReader;
  readonly #options: StreamOptions;
  readonly #splitter: Splitter;
  readonly #kept: Kept;
  readonly #waiting: Bytes[] = [];
  #waitingBytes = 0;

  constructor(reader: ReplyReader, options: StreamOptions) {
    const { split, limits } = options;
    const { alike } = reader;
    const onEvent: OnEvent = (json) => {
      if (reader.tells(json)) reader.read(json);
    };
    this.#reader = reader;
    this.#options = options;
    this.#kept = new Kept(limits.textBytes);
    this.#splitter = alike && split === sseSplitter ? alikeSplitter(onEvent, limits.eventBytes, alike) : split(onEvent, limits.eventBytes);
  }

  write(chunk: Bytes): void {
    this.#kept.add(chunk);
    if (!this.#reader.signs) return this.#splitter.write(chunk, !this.#reader.tells(chunk));
    this.#waitingBytes += chunk.length;
    if (this.#waiting.push(chunk) >= maxWaitingChunks || this.#waitingBytes >= maxWaitingBytes) this.#look();
  }

  facts(): ReplyFacts {
    this.#look();
    this.#splitter.end();
    return factsOf(this.#reader.told(), { skipped: this.#splitter.skipped > 0, textCut: this.#kept.over });
  }

  text(): string {
    const { split, textOf, limits } = this.#options;
    const texts: string[] = [];
    const again = split((json) => texts.push(...textOf(parsed(json))), limits.eventBytes);
    again.write(this.#kept.bytes());
    return texts.join('');
  }

  #look(): void {
    const chunks = this.#waiting;
    const telling = this.#reader.signs?.chunksWith(chunks) ?? [];
    let next = 0;
    for (const [index, chunk] of chunks.entries()) {
      const tells = telling[next] === index;
      if (tells) next += 1;
      this.#splitter.write(chunk, !tells && !this.#reader.isCurious?.());
    }
    chunks.length = 0;
    this.#waitingBytes = 0;
  }
}
