import type { ApiId } from '../core/api.ts';
import type { Body } from '../core/body.ts';
import type { Call } from '../core/call.ts';
import { parse, type Bytes, type Json } from '../core/json.ts';
import { Mark } from '../core/scan.ts';
import { conversationForm, type ConversationForm } from './conversations.ts';
import { printOf, type Print } from './print.ts';
import type { Newest } from './retries.ts';

/** Reads the ends of conversations, and remembers the prints of what it has read: the next call of a conversation brings most of it again. */
export interface TailReader {
  /** Prints of the last items, oldest first. Never throws: an item that cannot be read is left out. */
  read(call: Call): readonly Print[];
}

export interface TailReaderOptions {
  /** Items of a conversation that are read at most, from its end. */
  readonly maxItems: number;
  /** Memory for the prints of items, about; the oldest go first. */
  readonly maxRememberedBytes: number;
}

/** A larger item is not parsed: it counts as a result that is the same only to the byte. */
export const maxItemBytes = 256 * 1024;

/** Beginnings and ends of the last `most` items of the conversation, newest first: from, to, from, to ... Empty where there is none. */
export function tailExtents(call: Call, most: number): readonly number[] {
  const form = conversationForm(call.api);
  const { members, tape } = call.received.outline;
  const member = form && members.get(form.key);
  const extents: number[] = [];
  if (!member) return extents;
  for (let at = tape.length - 3; at >= 0 && extents.length < 2 * most; at -= 3) {
    if (tape[at] !== Mark.Item || tape[at + 1]! >= member.to) continue;
    if (tape[at + 1]! < member.from) break;
    extents.push(tape[at + 1]!, tape[at + 2]!);
  }
  return extents;
}

/** Whether a conversation has at least so many items. Costs less than to find out where they stand. */
export function hasItems(call: Call, least: number): boolean {
  const form = conversationForm(call.api);
  const { members, tape } = call.received.outline;
  const member = form && members.get(form.key);
  if (!member) return false;
  let count = 0;
  for (let at = tape.length - 3; at >= 0 && count < least; at -= 3) {
    if (tape[at] !== Mark.Item || tape[at + 1]! >= member.to) continue;
    if (tape[at + 1]! < member.from) break;
    count += 1;
  }
  return count >= least;
}

/** Where the last item stands: what no request before had. `undefined` where there is no conversation. */
export function newestItem(call: Call): Newest | undefined {
  const [from, to] = tailExtents(call, 1);
  return from === undefined || to === undefined ? undefined : { from, to };
}

export function createTailReader({ maxItems, maxRememberedBytes }: TailReaderOptions): TailReader {
  const remembered = new Map<number, readonly Print[]>();
  let bytes = 0;
  const keep = (key: number, prints: readonly Print[]): readonly Print[] => {
    remembered.set(key, prints);
    bytes += bytesOf(prints);
    for (const [oldest, gone] of remembered) {
      if (bytes <= maxRememberedBytes) break;
      remembered.delete(oldest);
      bytes -= bytesOf(gone);
    }
    return prints;
  };
  return {
    read(call) {
      const form = conversationForm(call.api)!;
      const extents = tailExtents(call, maxItems);
      const { body, outline } = call.received;
      const start = outline.members.get(form.key)?.from ?? 0;
      const prints: Print[] = [];
      const places = placesIn(body);
      for (let at = extents.length - 2; at >= 0; at -= 2) {
        const [from, to] = [extents[at]!, extents[at + 1]!];
        const { view, offset } = places(from, to);
        const key = sampled(call.api, view, { from: offset, length: to - from, place: from - start });
        for (const print of remembered.get(key) ?? keep(key, printsOf(form, body.slice(from, to)))) prints.push(print);
      }
      return prints;
    },
  };
}

/** Of an entry in a map, and of a print with its strings, about. */
const itemOverhead = 96;
const printOverhead = 256;

export const bytesOf = (prints: readonly Print[]): number =>
  prints.reduce((sum, { shingles }) => sum + printOverhead + shingles.hashes.byteLength, itemOverhead);

function printsOf({ entriesOf }: ConversationForm, item: Bytes): readonly Print[] {
  if (item.length > maxItemBytes) return [printOf({ kind: 'result', text: item.toString('latin1'), failed: false })];
  try {
    return entriesOf(parse<Json>(item)).map(printOf);
  } catch {
    return [];
  }
}

interface Place {
  readonly view: DataView;
  readonly offset: number;
}

/** Where stretches of a body stand, asked in order: in one of its chunks, or copied where they lie in several. Views of them would cost more than all that is read. */
function placesIn(body: Body): (from: number, to: number) => Place {
  const { chunks } = body;
  let index = 0;
  let begin = 0;
  let view = viewOf(chunks[0]!);
  return (from, to) => {
    const before = index;
    while (index < chunks.length - 1 && begin + chunks[index]!.length <= from) begin += chunks[index++]!.length;
    if (index !== before) view = viewOf(chunks[index]!);
    return to <= begin + view.byteLength ? { view, offset: from - begin } : { view: viewOf(body.slice(from, to)), offset: 0 };
  };
}

const viewOf = ({ buffer, byteOffset, length }: Bytes): DataView => new DataView(buffer, byteOffset, length);

/** Looked at in full. */
const headBytes = 32;
const tailBytes = 96;
/** Of what lies between. */
const samples = 32;
const wordBytes = 4;

/**
 * A key for an item: its place, its length and some of its bytes, four at a time, as 53 bits. The same bytes at the same place of a conversation are the
 * same item; another conversation would have to be as long up to there, and to differ only where nobody looks.
 */
function sampled(
  api: ApiId,
  view: DataView,
  { from, length, place }: { readonly from: number; readonly length: number; readonly place: number },
): number {
  let low = Math.imul(place ^ 0x811c9dc5, 0x01000193) ^ length ^ api.charCodeAt(0);
  let high = Math.imul(length ^ 0x9e3779b9, 0x85ebca6b) ^ place ^ api.charCodeAt(8);
  const last = length - wordBytes;
  const step = Math.max(wordBytes, Math.floor((length - headBytes - tailBytes) / samples));
  for (let at = 0; at <= last; at += at < headBytes || at >= length - tailBytes ? wordBytes : step) {
    low = Math.imul(low ^ view.getInt32(from + at, true), 0x01000193);
    low ^= low >>> 15;
    high = Math.imul(high ^ low ^ (low >>> 13), 0x85ebca6b);
  }
  for (let at = Math.max(0, last + 1); at < length; at += 1) {
    low = Math.imul(low ^ view.getUint8(from + at), 0x01000193);
    high = Math.imul(high ^ low ^ (low >>> 13), 0x85ebca6b);
  }
  return (high >>> 11) * 2 ** 32 + (low >>> 0);
}
