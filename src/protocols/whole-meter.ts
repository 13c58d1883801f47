import type { Bytes } from '../core/json.ts';
import type { ReplyFacts, ReplyMeter } from '../core/reply.ts';
import { parsed } from './count.ts';
import { Kept } from './kept.ts';
import type { MeterLimits } from './limits.ts';
import { readLast } from './read-once.ts';
import type { ReplyReader } from './reader.ts';
import type { TextOf } from './reply-text.ts';

/** An error body that is no JSON is shown up to this length. */
const maxErrorLength = 300;

interface WholeOptions {
  readonly status: number;
  readonly textOf: TextOf;
  readonly limits: MeterLimits;
}

/** Reads a reply that is one document. Its chunks are kept by reference and looked at once, at the end. */
export class WholeMeter implements ReplyMeter {
  readonly #reader: ReplyReader;
  readonly #options: WholeOptions;
  readonly #kept: Kept;

  constructor(reader: ReplyReader, options: WholeOptions) {
    this.#reader = reader;
    this.#options = options;
    this.#kept = new Kept(options.limits.bodyBytes);
  }

  write(chunk: Bytes): void {
    this.#kept.add(chunk);
  }

  facts(ended: boolean): ReplyFacts {
    const { over } = this.#kept;
    const body = this.#kept.bytes();
    const { whole, told } = over ? { whole: false, told: this.#reader.told() } : readLast(body, this.#reader);
    const { model, responseId, finishReason, usage, served, error } = told;
    return {
      model,
      responseId,
      finishReason,
      usage: over ? undefined : usage,
      served,
      complete: ended && (whole || over || !isObject(body)),
      error: error ?? (this.#options.status >= 400 ? plainText(body) : undefined),
      flags: over ? ['observer_limit'] : undefined,
    };
  }

  text(): string {
    const { limits, textOf } = this.#options;
    const body = this.#kept.bytes();
    const value = parsed(body);
    // A document that was cut off can only be taken as it is.
    const text = value === undefined ? body.toString('utf8', 0, limits.textBytes) : textOf(value).join('');
    return text.slice(0, limits.textBytes);
  }
}

const isObject = (body: Bytes): boolean => /^\s*\{/.test(body.toString('latin1', 0, 64));

const plainText = (body: Bytes): string | undefined => body.toString('utf8', 0, maxErrorLength).trim() || undefined;
