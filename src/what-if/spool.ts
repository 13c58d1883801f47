import { hash } from 'node:crypto';
import { DatabaseSync } from 'node:sqlite';
import { zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import type { RecordedCall } from './recorded.ts';

/** Pieces whose numbers are remembered beside the database, and pieces held to be read again. */
const maxNumbers = 100_000;
const maxHeldChars = 64 * 1024 * 1024;
/** Memory of the database; what is more lies in a file of its own without a name. */
const cacheKiB = 64 * 1024;
/** Shorter pieces are not worth packing. */
const minPackedChars = 256;

/** Calls put in order of time. Pieces of bodies are kept once; the memory it takes does not grow with the recording. */
export interface Spool {
  add(call: RecordedCall): void;
  readonly size: number;
  /** By time; of the same time, as they were added. */
  all(): Generator<RecordedCall & { readonly sequence: number }>;
  close(): void;
}

/** Opens one in a file of its own, which goes with it. */
export function openSpool(): Spool {
  const database = new DatabaseSync('');
  database.exec(`
PRAGMA journal_mode = OFF;
PRAGMA cache_size = -${cacheKiB};
CREATE TABLE piece (number INTEGER PRIMARY KEY, hash BLOB NOT NULL UNIQUE, packed INTEGER NOT NULL, bytes BLOB NOT NULL);
CREATE TABLE call (sequence INTEGER PRIMARY KEY, at INTEGER NOT NULL, facts TEXT NOT NULL, pieces BLOB NOT NULL);
CREATE INDEX call_at ON call (at, sequence);
BEGIN`);
  const numberOf = pieceWriter(database);
  const textOf = pieceReader(database);
  const add = database.prepare('INSERT INTO call (at, facts, pieces) VALUES (?, ?, ?)');
  let size = 0;
  return {
    add({ pieces, ...facts }) {
      const numbers = Uint32Array.from(pieces, numberOf);
      add.run(Math.round(facts.at), JSON.stringify(facts), new Uint8Array(numbers.buffer));
      size += 1;
    },
    get size() {
      return size;
    },
    *all() {
      for (const row of database.prepare('SELECT sequence, facts, pieces FROM call ORDER BY at, sequence').iterate()) {
        const numbers = new Uint32Array(Uint8Array.from(row['pieces'] as Uint8Array).buffer);
        const facts = JSON.parse(row['facts'] as string) as Omit<RecordedCall, 'pieces'>;
        yield { ...facts, pieces: Array.from(numbers, textOf), sequence: Number(row['sequence']) };
      }
    },
    close: () => database.close(),
  };
}

function pieceWriter(database: DatabaseSync): (piece: string) => number {
  const insert = database.prepare('INSERT INTO piece (hash, packed, bytes) VALUES (?, ?, ?)');
  const find = database.prepare('SELECT number FROM piece WHERE hash = ?');
  const numbers = new Map<string, number>();
  return (piece) => {
    const key = hash('sha256', piece, 'base64');
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const digest = Buffer.from(key, 'base64');
    const isPacked = piece.length >= minPackedChars;
    const number = Number(
      find.get(digest)?.['number'] ??
        insert.run(digest, isPacked ? 1 : 0, isPacked ? zstdCompressSync(piece) : Buffer.from(piece)).lastInsertRowid,
    );
    if (numbers.size >= maxNumbers) numbers.delete(numbers.keys().next().value!);
    numbers.set(key, number);
    return number;
  };
}

function pieceReader(database: DatabaseSync): (number: number) => string {
  const find = database.prepare('SELECT packed, bytes FROM piece WHERE number = ?');
  const held = new Map<number, string>();
  let chars = 0;
  return (number) => {
    const known = held.get(number);
    if (known !== undefined) return known;
    const { packed, bytes } = find.get(number) as { readonly packed: number; readonly bytes: Uint8Array };
    const text = (packed === 1 ? zstdDecompressSync(bytes) : Buffer.from(bytes)).toString('utf8');
    held.set(number, text);
    chars += text.length;
    for (const [oldest, old] of held) {
      if (chars <= maxHeldChars || oldest === number) break;
      held.delete(oldest);
      chars -= old.length;
    }
    return text;
  };
}
