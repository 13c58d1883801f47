import { crc32 } from 'node:zlib';
import { Mark } from '../core/scan.ts';
import type { Call } from '../core/call.ts';
import type { Scope } from '../core/pipeline.ts';

/** Bytes of a conversation's beginning that are looked at. */
const maxBeginningBytes = 1024;
const userRole = Buffer.from('"user"');

/**
 * What is held out as one, so that a conversation is never on both sides and its caches stay whole: the session, else the task, else
 * whatever begins with the same words of the user for the same app and user, else the call alone. Who calls is part of it, so that two
 * clients may name their sessions alike.
 */
export function unitOf({ received }: Call, { key, labels: { app, user, session, task }, requestId }: Scope): number {
  if (session !== undefined) return hashText(session, hashText(`session\n${key ?? ''}`));
  if (task !== undefined) return hashText(task, hashText(`task\n${key ?? ''}`));
  const beginning = firstOfUser(received);
  if (!beginning) return hashText(requestId);
  const owner = hashText(`${key}\n${app}\n${user}`);
  return mixed(crc32(received.body.slice(beginning.from, Math.min(beginning.to, beginning.from + maxBeginningBytes)), owner) | 0);
}

interface Extent {
  readonly from: number;
  readonly to: number;
}

/** The first item with the role `user`, for instructions before it may hold the time of day; else the first item of all. */
function firstOfUser({ body, outline: { tape } }: Call['received']): Extent | undefined {
  let first: Extent | undefined;
  let item: Extent | undefined;
  for (let at = 0; at < tape.length; at += 3) {
    const from = tape[at + 1]!;
    const to = tape[at + 2]!;
    if (tape[at] === Mark.Item) item = { from, to };
    else if (tape[at] === Mark.Role && item && to - from === userRole.length && userRole.equals(body.slice(from, to))) return item;
    first ??= item;
  }
  return first;
}

const prime = 0x01000193;

/** FNV-1a over UTF-16 units, then mixed: 32 bits that change whole with any character. */
export function hashText(text: string, seed = 0): number {
  let hash = 0x811c9dc5 ^ seed;
  for (let at = 0; at < text.length; at++) hash = Math.imul(hash ^ text.charCodeAt(at), prime);
  return mixed(hash);
}

/** The finalizer of MurmurHash3. */
export function mixed(value: number): number {
  let hash = value;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
