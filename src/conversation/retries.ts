import { crc32 } from 'node:zlib';
import type { Body } from '../core/body.ts';
import { Recent } from '../core/recent.ts';

/** A request that came, and what its reader keeps about it for the next time. */
export interface Seen<Note> {
  readonly times: number;
  readonly note: Note;
}

/** Where that part of a body stands in which requests of a client differ most: what was said last. */
export interface Newest {
  readonly from: number;
  readonly to: number;
}

/** Counts how often the same request came, within bounds of time and memory. */
export interface Retries<Note> {
  /**
   * How often it was seen, this time included. `whose` tells clients apart. Up to `enough` (3 or more) it is known by its newest part and
   * some of its other bytes; only then are all of them compared with those of the time before.
   */
  seen(body: Body, whose: string, enough: number, newest?: Newest): Seen<Note>;
}

export interface RetriesOptions<Note> {
  /** What is kept about a request that is new. */
  readonly newNote: () => Note;
  /** A request that was not seen for so long is new. */
  readonly windowMs: number;
  /** Requests remembered at most, and at least half as many; those not seen for longest go first. */
  readonly maxRemembered: number;
  /** Monotonic ms. */
  readonly now: () => number;
}

interface Sight<Note> extends Seen<Note> {
  readonly atMs: number;
  /** The half of what it is known by that is no key. */
  readonly check: number;
  /** Of the whole body, from the time before `enough` on: most requests come once, and need none. */
  readonly checksum: number | undefined;
}

export function createRetries<Note>({ newNote, windowMs, maxRemembered, now }: RetriesOptions<Note>): Retries<Note> {
  const sights = new Recent<number, Sight<Note>>(maxRemembered, now);
  return {
    seen(body, whose, enough, newest) {
      const [key, check] = sampled(body, whose, newest);
      const atMs = now();
      const before = sights.get(key);
      const sight: Sight<Note> =
        before?.check === check && atMs - before.atMs < windowMs
          ? again({ ...before, atMs }, body, enough)
          : { times: 1, note: newNote(), atMs, check, checksum: undefined };
      sights.set(key, sight);
      return sight;
    },
  };
}

function again<Note>(before: Sight<Note>, body: Body, enough: number): Sight<Note> {
  const times = before.times + 1;
  if (times < enough - 1 || times > enough) return { ...before, times };
  const checksum = checksumOf(body);
  return { ...before, checksum, times: times === enough && checksum !== before.checksum ? enough - 1 : times };
}

/** A tenth of the time of a digest; who makes another body with the same one has only itself to blame. */
const checksumOf = ({ chunks }: Body): number => chunks.reduce((sum, chunk) => crc32(chunk, sum), 0);

/** Of a longer newest part, the end is looked at. */
export const maxNewestBytes = 4096;
const windows = 6;
const windowBytes = 16;

/** Length, owner, newest part and some bytes of every sixth of the body, as two numbers of 32 bits: maps find such numbers faster than longer ones. */
function sampled(body: Body, whose: string, newest: Newest | undefined): readonly [key: number, check: number] {
  const { chunks, length } = body;
  const said = newest ? crc32(body.slice(Math.max(newest.from, newest.to - maxNewestBytes), newest.to)) : 0;
  let low = Math.imul(length ^ 0x811c9dc5, 0x01000193) ^ said;
  let high = length ^ 0x9e3779b9 ^ said;
  const add = (byte: number): void => {
    low = Math.imul(low ^ byte, 0x01000193);
    high = Math.imul(high ^ low ^ (low >>> 13), 0x85ebca6b);
  };
  for (let at = 0; at < whose.length; at += 1) add(whose.charCodeAt(at));
  const each = Math.max(1, Math.floor(windows / chunks.length));
  for (const chunk of chunks) {
    for (let window = 1; window <= each; window += 1) {
      const end = Math.floor((chunk.length * window) / each);
      for (let at = Math.max(0, end - windowBytes); at < end; at += 1) add(chunk[at]!);
    }
  }
  return [low | 0, high | 0];
}
