import { closeSync, fstatSync, mkdirSync, openSync, readSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { maxFrameBytes, scan, type Frame } from './frame.ts';
import { asideDir, segmentPath, segmentsOf } from './segments.ts';

/** A place in the journal: everything before it is in the database. */
export interface Checkpoint {
  readonly segment: number;
  readonly offset: number;
}
/** A stretch of the journal that is no frame. */
export interface JournalFault extends Checkpoint {
  readonly bytes: number;
  /** `torn`: half a frame, left by a crash, never acknowledged. `corrupt`: it may have held acknowledged records. */
  readonly reason: 'torn' | 'corrupt';
}
export interface Reading {
  readonly frames: readonly Frame[];
  readonly faults: readonly JournalFault[];
  readonly checkpoint: Checkpoint;
  /** Whether something may follow at once. */
  readonly more: boolean;
}

/** How much of a segment is read at once: more than the largest frame. */
const sliceBytes = 2 * maxFrameBytes;

/** Reads what follows `from`: at most one slice of one segment, and about `maxRecords` records. Damaged bytes are copied aside first. */
export function readJournal(dir: string, from: Checkpoint, maxRecords: number): Reading {
  const segments = segmentsOf(dir);
  const segment = segments.find((number) => number >= from.segment);
  if (segment === undefined) return { frames: [], faults: [], checkpoint: from, more: false };
  const start = segment === from.segment ? from.offset : 0;
  const closed = segment !== segments.at(-1);
  const { bytes, atEnd } = readSlice(segmentPath(dir, segment), start);
  const scanned = scan(bytes, atEnd ? (closed ? 'closed' : 'live') : 'cut', maxRecords);
  const end = start + scanned.end;
  const finished = closed && atEnd && scanned.end === bytes.length;
  return {
    frames: scanned.frames.map((placed) => placed.frame),
    faults: scanned.faults.map(({ from, to, reason }) => {
      keepAside(dir, segment, start + from, bytes.subarray(from, to));
      return { segment, offset: start + from, bytes: to - from, reason };
    }),
    checkpoint: finished ? { segment: segment + 1, offset: 0 } : { segment, offset: end },
    more: finished || end > start,
  };
}

function readSlice(path: string, start: number): { readonly bytes: Buffer; readonly atEnd: boolean } {
  const descriptor = openSync(path, 'r');
  try {
    const left = Math.max(0, fstatSync(descriptor).size - start);
    const bytes = Buffer.allocUnsafe(Math.min(left, sliceBytes));
    const read = readSync(descriptor, bytes, 0, bytes.length, start);
    return { bytes: bytes.subarray(0, read), atEnd: read === left };
  } finally {
    closeSync(descriptor);
  }
}

function keepAside(dir: string, segment: number, offset: number, bytes: Buffer): void {
  mkdirSync(asideDir(dir), { recursive: true, mode: 0o700 });
  writeFileSync(join(asideDir(dir), `${segment}-${offset}.bytes`), bytes, { mode: 0o600 });
}
