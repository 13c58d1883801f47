import type { CacheLifetime, CacheMark } from '../../../core/canonical/cache.ts';
import type { Feature } from '../../../core/canonical/feature.ts';
import type { JsonObject } from '../../../core/json.ts';

/** Anthropic takes no more marks in a call. */
export const maxMarks = 4;

/** What goes lost by its value, and why: told beside the table. */
export type Lost = Map<Feature, string>;

interface Control {
  readonly type: 'ephemeral';
  ttl?: '5m' | '1h';
}

interface MarkedBlock {
  readonly [key: string]: unknown;
  cache_control?: Control;
}

const lasting: ReadonlySet<CacheLifetime> = new Set(['30m', '1h', '12h', '24h']);

/**
 * The cache marks of a call while it is written, in the order of the prompt: tools, system, messages. Anthropic takes a few only, and long ones
 * before short ones; so they are settled when all are known.
 */
export class Marks {
  readonly #lost: Lost;
  readonly #held: MarkedBlock[] = [];

  constructor(lost: Lost) {
    this.#lost = lost;
  }

  /** A block with its mark. */
  on(block: JsonObject, mark: CacheMark | undefined): JsonObject {
    if (!mark) return block;
    const marked: MarkedBlock = { ...block, cache_control: this.#control(mark) };
    this.#held.push(marked);
    return marked as JsonObject;
  }

  /** All blocks are written. `asked`: marks that the call has. Gives the mark of the whole call, which counts as the last. */
  settle(asked: number, automatic: CacheMark | undefined): JsonObject {
    const whole: MarkedBlock = automatic ? { cache_control: this.#control(automatic) } : {};
    const room = maxMarks - (automatic ? 1 : 0);
    const over = this.#held.slice(0, Math.max(this.#held.length - room, 0));
    for (const block of over) delete block.cache_control;
    if (over.length > 0) this.#loseMarks(`Anthropic takes ${maxMarks} marks, the last ones are sent`);
    else if (this.#held.length < asked) this.#loseMarks('what they stood on is not sent');
    this.#longFirst([...this.#held.slice(over.length), whole]);
    return whole as JsonObject;
  }

  #loseMarks(why: string): void {
    this.#lost.set('cache.mark', why).set('cache.ttl', why);
  }

  #control({ ttl }: CacheMark): Control {
    const known = ttl && (lasting.has(ttl) ? '1h' : '5m');
    if (known !== ttl) this.#lost.set('cache.ttl', 'Anthropic keeps for 5 minutes or an hour');
    return { type: 'ephemeral', ...(known && { ttl: known }) };
  }

  /** A mark before an hour's one is made an hour's. */
  #longFirst(blocks: readonly MarkedBlock[]): void {
    const last = blocks.findLastIndex(({ cache_control: control }) => control?.ttl === '1h');
    for (const { cache_control: control } of blocks.slice(0, Math.max(last, 0))) {
      if (!control || control.ttl === '1h') continue;
      control.ttl = '1h';
      this.#lost.set('cache.ttl', 'Anthropic wants longer marks before shorter ones');
    }
  }
}
