import type { Flow, Sink, Valve } from './flow.ts';
import type { Hosting } from './api.ts';
import type { Bytes } from './json.ts';
import type { ServedTier, UsageReport } from './usage.ts';

export type FinishReason = 'stop' | 'length' | 'tool_calls' | 'content_filter' | 'refusal' | 'pause' | 'other';

/** Who really answered. */
export interface ServedBy {
  readonly kind: 'provider' | 'cache' | 'gateway';
  /** Name of the provider in the configuration. */
  readonly name: string;
  readonly hosting: Hosting;
  /** The model asked of it. */
  readonly model: string;
}

/** Status and raw headers (name, value, name, value ...), as the provider sent them; hop-by-hop headers left out. */
export interface ReplyHead {
  readonly status: number;
  readonly headers: readonly string[];
}

/** What the bytes of a reply say about it. */
export interface ReplyFacts {
  readonly model: string | undefined;
  readonly responseId: string | undefined;
  readonly finishReason: FinishReason | undefined;
  /** `undefined`: the reply told no usage. */
  readonly usage: UsageReport | undefined;
  readonly served: ServedTier;
  /** The last word was seen: a whole body, or a stream's closing event. */
  readonly complete: boolean;
  /** An error the reply itself tells, in a body or in the middle of a stream. */
  readonly error: string | undefined;
  /** Quality marks of the reading itself, usage or not: `observer_limit`, `encoding_unread`. */
  readonly flags?: readonly string[] | undefined;
}

/**
 * Reads along with the bytes of one reply for what metering needs, in bounded memory. Never throws: what it cannot read it leaves out.
 * `facts` may take time (compressed replies); it is asked once, after the last `write`.
 */
export interface ReplyMeter {
  write(chunk: Bytes): void;
  /** `ended`: the reply came to its own end; otherwise it was broken off. */
  facts(ended: boolean): ReplyFacts | Promise<ReplyFacts>;
  /** The text streamed so far, tool arguments and visible reasoning included, as far as kept: to estimate output nobody reported. */
  text(): string;
}

/** Sees the bytes of a reply as they pass, and its end exactly once. */
export interface Watcher {
  write(chunk: Bytes): void;
  end(error?: Error): void;
}

/** The answer to a call, stream or not. It is read once, and until then watchers may join. */
export class Reply implements Flow {
  readonly servedBy: ServedBy;
  readonly head: ReplyHead;
  readonly #source: Flow;
  readonly #watchers: Watcher[] = [];
  #taken = false;

  constructor(servedBy: ServedBy, head: ReplyHead, bytes: Flow) {
    this.servedBy = servedBy;
    this.head = head;
    this.#source = bytes;
  }

  get bytes(): Flow {
    return this;
  }

  to(sink: Sink): void {
    if (this.#taken) throw new Error('a reply is read once');
    this.#taken = true;
    this.#source.to(this.#watchers.length === 0 ? sink : new WatchedSink(sink, this.#watchers));
  }

  /** Whether someone has begun to read: then nobody else can. */
  get taken(): boolean {
    return this.#taken;
  }

  /** Lets `watcher` see the bytes without holding them up. Who joined first hears of the end first. */
  watched(watcher: Watcher): this {
    this.#watchers.push(watcher);
    return this;
  }
}

/** Chunks go on first, then the watchers see them; one that throws sees no more of them, only the end. */
class WatchedSink implements Sink {
  readonly #sink: Sink;
  readonly #watchers: readonly Watcher[];
  #blind: Set<Watcher> | undefined;

  constructor(sink: Sink, watchers: readonly Watcher[]) {
    this.#sink = sink;
    this.#watchers = watchers;
  }

  open(valve: Valve): void {
    this.#sink.open(valve);
  }

  write(chunk: Bytes): void {
    this.#sink.write(chunk);
    for (const watcher of this.#watchers) if (!this.#blind?.has(watcher)) this.#show(watcher, chunk);
  }

  end(error?: Error): void {
    this.#sink.end(error);
    for (const watcher of this.#watchers) {
      try {
        watcher.end(error);
      } catch {
        // The reply is out; whoever watched it must answer for itself.
      }
    }
  }

  #show(watcher: Watcher, chunk: Bytes): void {
    try {
      watcher.write(chunk);
    } catch {
      this.#blind ??= new Set();
      this.#blind.add(watcher);
    }
  }
}

/** Value of a header in a raw list, by its lower-case name. */
export function headerOf(headers: readonly string[], name: string): string | undefined {
  for (let at = 0; at < headers.length; at += 2) {
    const candidate = headers[at]!;
    if (candidate.length === name.length && candidate.toLowerCase() === name) return headers[at + 1];
  }
  return undefined;
}
