import { crc32, zstdCompressSync, zstdDecompressSync } from 'node:zlib';

/**
 * The unit of one group commit in a segment file. All numbers are big-endian:
 * magic and version (4 bytes), encoding (1; 0 as it is, 1 zstd), 3 bytes zero, payload length (4), length before compression (4),
 * record count (4), first sequence (8), CRC-32 of the header up to here and the payload (4), payload: lines of JSON.
 */
export interface Frame {
  /** Sequence of its first record; the others count up. */
  readonly firstSequence: number;
  readonly count: number;
  readonly encoding: number;
  readonly rawBytes: number;
  readonly payload: Buffer;
}

export const headerBytes = 32;
/** Lines of one frame, before compression. */
export const maxFrameBytes = 1 << 20;

const magic = Buffer.from('MDJ1');
const compressed = 1;
const crcOffset = 28;
/** Below this zstd does not pay. */
const minCompressBytes = 128;

/** Packs lines, each ended by a newline, into the payload of a frame. */
export function pack(lines: Buffer, firstSequence: number, count: number): Frame {
  const rawBytes = lines.length;
  const small = rawBytes < minCompressBytes ? lines : zstdCompressSync(lines);
  if (small.length < rawBytes) return { firstSequence, count, encoding: compressed, rawBytes, payload: small };
  return { firstSequence, count, encoding: 0, rawBytes, payload: lines };
}

/** Lines of one record are no longer than this, so that any fits into a frame. In UTF-16 units, each at most three bytes. */
export const maxLineLength = Math.floor(maxFrameBytes / 3) - 1;

/** One chunk of just the size, where it is known: each further one costs a copy, a larger one memory. */
const optionsFor = (rawBytes: number) => ({ maxOutputLength: maxFrameBytes, chunkSize: Math.max(rawBytes, 64) });

/** The lines of a frame, in the order of their sequence. Blank lines are fill. */
export function unpack(frame: Pick<Frame, 'encoding' | 'payload'> & { readonly rawBytes?: number }): string[] {
  const bytes = frame.encoding === compressed ? zstdDecompressSync(frame.payload, optionsFor(frame.rawBytes ?? 64 << 10)) : frame.payload;
  const lines = bytes.toString().split('\n');
  lines.pop(); // behind the last newline
  return lines.includes('') ? lines.filter((line) => line !== '') : lines;
}

/** Header of a frame, to be written before its payload. */
export function headerOf({ firstSequence, count, encoding, rawBytes, payload }: Frame): Buffer {
  const header = Buffer.alloc(headerBytes);
  magic.copy(header);
  header.writeUInt8(encoding, 4);
  header.writeUInt32BE(payload.length, 8);
  header.writeUInt32BE(rawBytes, 12);
  header.writeUInt32BE(count, 16);
  header.writeBigUInt64BE(BigInt(firstSequence), 20);
  header.writeUInt32BE(crc32(payload, crc32(header.subarray(0, crcOffset))), crcOffset);
  return header;
}

/** Bytes that are no frame, as offsets into what was scanned. `torn`: a frame whose end is missing; it was never acknowledged. */
export interface Fault {
  readonly from: number;
  readonly to: number;
  readonly reason: 'torn' | 'corrupt';
}
export interface PlacedFrame {
  readonly frame: Frame;
  /** Offset just behind the frame. */
  readonly end: number;
}
export interface Scan {
  readonly frames: readonly PlacedFrame[];
  readonly faults: readonly Fault[];
  /** Everything before this is either a frame or a fault; what follows may still be growing. */
  readonly end: number;
}

/**
 * What follows the scanned bytes. `closed`: nothing, the segment is finished. `live`: the writer may be adding to it.
 * `cut`: the file goes on, only this reading ended.
 */
export type Following = 'closed' | 'live' | 'cut';

/** Finds the frames in a piece of a segment, up to about `maxRecords` records; after a damaged one it looks for the next whole one. */
export function scan(bytes: Buffer, following: Following, maxRecords = Infinity): Scan {
  const frames: PlacedFrame[] = [];
  const faults: Fault[] = [];
  let at = 0;
  let records = 0;
  while (at < bytes.length && records < maxRecords) {
    const found = frameAt(bytes, at);
    if (typeof found === 'object') {
      frames.push(found);
      records += found.frame.count;
      at = found.end;
      continue;
    }
    const next = nextFrame(bytes, at + 1, following);
    if (next === undefined) return { frames, ...tail(bytes, at, found, following, faults) };
    faults.push({ from: at, to: next, reason: 'corrupt' });
    at = next;
  }
  return { frames, faults, end: at };
}

/** Decides about an end without a whole frame: wait for more of it, or give it up. */
function tail(bytes: Buffer, at: number, found: 'short' | 'bad', following: Following, faults: readonly Fault[]): Omit<Scan, 'frames'> {
  if (following === 'live' || (following === 'cut' && (found === 'short' || at > 0))) return { faults, end: at };
  const to = following === 'cut' ? bytes.length - headerBytes : bytes.length; // a frame may begin in the last few bytes of a reading
  return { faults: [...faults, { from: at, to, reason: found === 'short' ? 'torn' : 'corrupt' }], end: to };
}

/** The frame that begins at `at`; `short` when its end lies beyond the bytes, `bad` when it is none. */
function frameAt(bytes: Buffer, at: number): PlacedFrame | 'short' | 'bad' {
  const here = bytes.subarray(at, at + magic.length);
  if (!here.equals(magic.subarray(0, here.length))) return 'bad';
  if (at + headerBytes > bytes.length) return 'short';
  const length = bytes.readUInt32BE(at + 8);
  const rawBytes = bytes.readUInt32BE(at + 12);
  if (length > rawBytes || rawBytes > maxFrameBytes) return 'bad';
  const end = at + headerBytes + length;
  if (end > bytes.length) return 'short';
  const payload = bytes.subarray(at + headerBytes, end);
  if (crc32(payload, crc32(bytes.subarray(at, at + crcOffset))) !== bytes.readUInt32BE(at + crcOffset)) return 'bad';
  const firstSequence = Number(bytes.readBigUInt64BE(at + 20));
  return { frame: { firstSequence, count: bytes.readUInt32BE(at + 16), encoding: bytes.readUInt8(at + 4), rawBytes, payload }, end };
}

/** Where the next frame begins. In a cut reading one whose end is out of sight counts too: the next reading will tell. */
function nextFrame(bytes: Buffer, from: number, following: Following): number | undefined {
  for (let at = bytes.indexOf(magic, from); at >= 0; at = bytes.indexOf(magic, at + 1)) {
    const found = frameAt(bytes, at);
    if (typeof found === 'object' || (found === 'short' && following === 'cut')) return at;
  }
  return undefined;
}
