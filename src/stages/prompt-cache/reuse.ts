import { Gaps } from './gaps.ts';
import { Lru } from './lru.ts';

/** Depths of a conversation, in calls, that are told apart; deeper ones count as the last. */
const depths = 12;
/** Kinds of conversations that are remembered: by app and what its prompts begin with. */
export const kindsMax = 4096;

/** How conversations of one kind go on. */
export class Kind {
  readonly #reached = new Float64Array(depths + 1);
  readonly #continued = new Float64Array(depths + 1);
  /** From one call of a conversation to the next. */
  readonly gaps = new Gaps();
  /** From the beginning of one conversation to that of the next. */
  readonly sharedGaps = new Gaps();
  #beganAt: number | undefined;
  /** Epoch ms of the last call, where somebody notes it. */
  lastAt: number | undefined;
  /** Calls of the kind whose reply has not begun. */
  inFlight = 0;

  /** A conversation of the kind begins. `at`: epoch ms. */
  began(at: number): void {
    if (this.#beganAt !== undefined) this.sharedGaps.seen(at - this.#beganAt);
    this.#beganAt = at;
  }

  reached(depth: number): void {
    const at = Math.min(depth, depths);
    if (this.#reached[at]! >= maxSamples) {
      this.#reached[at]! /= 2;
      this.#continued[at]! /= 2;
    }
    this.#reached[at]! += 1;
  }

  continued(depth: number, gapMs: number): void {
    this.#continued[Math.min(depth, depths)]! += 1;
    this.gaps.seen(gapMs);
  }

  /** Conversations that came to this depth. */
  samples(depth: number): number {
    return this.#reached[Math.min(depth, depths)]!;
  }

  /** The chance that a conversation which has come to `depth` goes on. `prior`: what is assumed before anything was seen. */
  goesOn(depth: number, prior: number): number {
    const at = Math.min(depth, depths);
    return (this.#continued[at]! + priorWeight * prior) / (Math.max(this.#reached[at]!, this.#continued[at]!) + priorWeight);
  }

  /** As good as all that came to `depth` went on, and enough did to say so. Not told of depths that are not told apart. */
  surelyGoesOn(depth: number): boolean {
    return depth < depths && this.samples(depth) >= sureSamples && this.goesOn(depth, 1) >= sureShare;
  }
}

const maxSamples = 512;
/** Conversations seen before their going on is taken for granted, and the share of them that did. The last few may still be under way. */
const sureSamples = 20;
const sureShare = 0.9;
const priorWeight = 1;

/** What traffic has taught, by kind of conversation. */
export class Reuse {
  readonly #kinds = new Lru<Kind>(kindsMax);

  of(key: string): Kind {
    const known = this.#kinds.get(key);
    if (known) return known;
    const kind = new Kind();
    this.#kinds.set(key, kind);
    return kind;
  }
}
