import { hash } from 'node:crypto';
import type { ApiId } from '../core/api.ts';
import type { Bytes } from '../core/json.ts';
import { SizedMap } from '../core/sized-map.ts';
import { blockOf } from './block.ts';
import { elementTexts } from './json-tree.ts';
import { withoutMarkBytes } from './mark-bytes.ts';
import type { Conversation, MemoryLimits, Place } from './memory.ts';

/** The bytes of a prompt, as they came. */
export interface RawPrompt {
  readonly api: ApiId;
  readonly model: string;
  readonly tools: Bytes | undefined;
  readonly head: Bytes | undefined;
  /** Raw JSON of the list of items, brackets included. */
  readonly list: Bytes;
  /** Where the items end with which it says what it is about, in `list`. */
  readonly openingTo: number;
  /** There is no more than that. */
  readonly isOpening: boolean;
}

/** The same, kept. */
export interface KeptPrompt extends Omit<RawPrompt, 'openingTo' | 'isOpening'> {
  /** When it was sent last, epoch ms. */
  readonly at: number;
}

/** A conversation that went on byte for byte since it was read last. */
export interface Grown {
  readonly place: Place;
  /** As it is remembered. */
  readonly before: Conversation;
  /** As it stands now. */
  readonly now: Conversation;
  /** When it was sent last, epoch ms. */
  readonly at: number;
}

/** What was found out by reading it. */
export interface Known {
  readonly place: Place;
  readonly conversation: Conversation;
}

interface Kept {
  readonly key: string;
  readonly owner: string;
  /** `undefined`: not read yet. */
  known: Known | undefined;
  readonly raw: Omit<KeptPrompt, 'list' | 'at'>;
  at: number;
  /** The list without its last bracket, in pieces as it grew. */
  pieces: readonly Bytes[];
}

/** Conversations of one owner that are read when one of them may be what a call goes on from. */
export const maxUnread = 16;

/**
 * Conversations that grow byte for byte: of those nothing needs to be read, neither what they say nor what is new. Only those are held of
 * which everything went out as it came. A class, because it is nothing but hidden state.
 */
export class Growth {
  readonly #kept: SizedMap<Kept>;
  readonly #atPlace = new Map<string, Set<Kept>>();
  readonly #unread = new Map<string, Set<Kept>>();
  readonly #owned = new Map<string, Set<Kept>>();

  constructor({ maxConversations: maxEntries, maxBytes }: MemoryLimits) {
    this.#kept = new SizedMap({ maxEntries, maxBytes, dropped: (kept) => this.#forget(kept) });
  }

  get size(): number {
    return this.#kept.size;
  }
  get sizeBytes(): number {
    return this.#kept.bytes;
  }

  /** Whether anything of the owner is held. */
  knows(owner: string): boolean {
    return this.#owned.has(owner);
  }

  /** Whether this is a conversation that was seen, and more; then what it has now is remembered. */
  goesOn(owner: string, raw: RawPrompt, at: number): { readonly place: Place | undefined } | undefined {
    const kept = this.#kept.peek(keyOf(owner, raw));
    if (!kept || kept.raw.model !== raw.model || !isSame(kept.raw.tools, raw.tools) || !isSame(kept.raw.head, raw.head)) return undefined;
    const list = withoutMarkBytes(raw.list);
    const from = newFrom(kept.pieces, list);
    if (from < 0) return undefined;
    this.#kept.get(kept.key); // in use
    kept.at = at;
    const piece = Buffer.from(list.subarray(from, -1));
    // The first piece is what was read: whether there are more tells whether it grew since.
    kept.pieces = kept.pieces.length < maxPieces ? [...kept.pieces, piece] : [kept.pieces[0]!, Buffer.concat([...kept.pieces.slice(1), piece])]; // prettier-ignore
    this.#kept.grow(kept.key, piece.length);
    return { place: kept.known?.place };
  }

  /** Holds a conversation that went out as it came. `known`: left out, it is read only when that is needed. */
  watch(owner: string, { api, model, tools, head, list, openingTo }: RawPrompt, at: number, known?: Known): void {
    const key = keyOf(owner, { api, list, openingTo });
    this.#kept.delete(key);
    const raw = { api, model, tools: copied(tools), head: copied(head) };
    const piece = Buffer.from(withoutMarkBytes(list).subarray(0, -1));
    const kept: Kept = { key, owner, known: undefined, raw, at, pieces: [piece] };
    add(this.#owned, owner, kept);
    if (known) this.#settle(kept, known);
    else add(this.#unread, owner, kept);
    this.#kept.set(key, kept, piece.length + (raw.tools?.length ?? 0) + (raw.head?.length ?? 0));
  }

  /** Has the newest conversations read of which nothing is known but their bytes. */
  readUnread(owner: string, read: (prompt: KeptPrompt) => Known | undefined): void {
    const unread = [...(this.#unread.get(owner) ?? [])];
    this.#unread.delete(owner);
    for (const kept of unread.slice(-maxUnread)) {
      const known = read({ ...kept.raw, at: kept.at, list: listOf(kept.pieces) });
      if (!known) continue;
      kept.pieces = [Buffer.concat(kept.pieces)];
      this.#settle(kept, known);
    }
  }

  /** What grew at a place since it was read, to be read after all. It is forgotten here. */
  take({ key }: Place): readonly Grown[] {
    const there = [...(this.#atPlace.get(key) ?? [])];
    for (const kept of there) this.#kept.delete(kept.key);
    return there.flatMap(({ known, pieces, at, raw: { head } }) => {
      const now = known && pieces.length > 1 ? caughtUp(known.conversation, head !== undefined, pieces) : undefined;
      return known && now ? [{ place: known.place, before: known.conversation, now, at }] : [];
    });
  }

  #settle(kept: Kept, known: Known): void {
    kept.known = known;
    add(this.#atPlace, known.place.key, kept);
  }

  #forget(kept: Kept): void {
    remove(this.#owned, kept.owner, kept);
    remove(this.#unread, kept.owner, kept);
    if (kept.known) remove(this.#atPlace, kept.known.place.key, kept);
  }
}

function add(to: Map<string, Set<Kept>>, key: string, kept: Kept): void {
  const there = to.get(key) ?? new Set();
  to.set(key, there.add(kept));
}

function remove(from: Map<string, Set<Kept>>, key: string, kept: Kept): void {
  const there = from.get(key);
  there?.delete(kept);
  if (there?.size === 0) from.delete(key);
}

/** Pieces of one conversation that are compared one by one. */
const maxPieces = 64;
const sampledBytes = 512;
const comma = 44;

/** By the ends of the opening, not by all of it: whether it is the same is told by comparison. */
function keyOf(owner: string, { api, list, openingTo }: Pick<RawPrompt, 'api' | 'list' | 'openingTo'>): string {
  const opening = withoutMarkBytes(list.subarray(0, openingTo));
  const sample =
    opening.length <= 2 * sampledBytes ? opening : Buffer.concat([opening.subarray(0, sampledBytes), opening.subarray(-sampledBytes)]);
  return `${owner}\n${api} ${opening.length} ${hash('sha1', sample, 'base64url')}`;
}

const copied = (bytes: Bytes | undefined): Bytes | undefined => bytes && Buffer.from(withoutMarkBytes(bytes));
const closing = Buffer.from(']');
const listOf = (pieces: readonly Bytes[]): Bytes => Buffer.concat([...pieces, closing]);

const isSame = (kept: Bytes | undefined, now: Bytes | undefined): boolean =>
  kept === undefined || now === undefined ? kept === now : kept.equals(withoutMarkBytes(now));

/** Where in `list` that begins which `pieces` do not have; -1: it does not go on from them. */
function newFrom(pieces: readonly Bytes[], list: Bytes): number {
  let at = 0;
  for (const piece of pieces) {
    if (list.length < at + piece.length || list.compare(piece, 0, piece.length, at, at + piece.length) !== 0) return -1;
    at += piece.length;
  }
  return list[at] === comma ? at : -1;
}

/** The conversation with all that its bytes say. */
function caughtUp(conversation: Conversation, hasHead: boolean, pieces: readonly Bytes[]): Conversation | undefined {
  const items = elementTexts(listOf(pieces).toString('utf8'));
  const added = items?.slice(conversation.blocks.length - (hasHead ? 1 : 0)).map((json) => {
    const block = blockOf(json);
    return { block, base: block, plain: json, told: [] };
  });
  return added && { ...conversation, blocks: [...conversation.blocks, ...added] };
}
