import { closeSync, fdatasyncSync, ftruncateSync, openSync, unlinkSync, writevSync } from 'node:fs';
import { headerBytes, headerOf, pack, type Frame } from './frame.ts';
import { journalDir, makeJournalDir, segmentPath, segmentsOf, syncDirectory } from './segments.ts';

/** When written frames are forced to the disk: each, every `syncIntervalMs`, or when the operating system likes. */
export type SyncMode = 'commit' | 'interval' | 'off';

export interface JournalOptions {
  readonly dir: string;
  /** A segment that has reached this size is followed by a new one. */
  readonly segmentBytes: number;
  readonly sync: SyncMode;
  readonly syncIntervalMs: number;
  /** First sequence to give out. */
  readonly nextSequence: number;
  readonly files?: JournalFiles;
}

/** What the journal asks of the file system; tests put a full disk here. */
export interface JournalFiles {
  readonly open: (path: string) => number;
  readonly write: (descriptor: number, parts: readonly Buffer[]) => number;
  readonly sync: (descriptor: number) => void;
  readonly truncate: (descriptor: number, bytes: number) => void;
  readonly close: (descriptor: number) => void;
  readonly remove: (path: string) => void;
}

const realFiles: JournalFiles = {
  open: (path) => openSync(path, 'ax', 0o600),
  write: (descriptor, parts) => writevSync(descriptor, parts),
  sync: fdatasyncSync,
  truncate: ftruncateSync,
  close: closeSync,
  remove: unlinkSync,
};

/** A frame in its place: the segment, and the offset just behind it. */
export interface Committed {
  readonly frame: Frame;
  readonly segment: number;
  readonly end: number;
}

/**
 * Writes frames, one after the other, into numbered segments. It never writes to a segment it did not make: an end left torn by a crash
 * stays as it is, and readers pass over it.
 */
export class Journal {
  readonly #options: JournalOptions;
  readonly #files: JournalFiles;
  #nextSequence: number;
  #segment: Segment | undefined;
  #syncedAt = -Infinity;
  #unsynced = false;

  constructor(options: JournalOptions) {
    this.#options = options;
    this.#files = options.files ?? realFiles;
    this.#nextSequence = options.nextSequence;
  }

  get nextSequence(): number {
    return this.#nextSequence;
  }

  /**
   * Writes lines (each ended by a newline) as one frame; when it returns they are as safe as `sync` says.
   * @throws when the disk does not take them; then nothing of them stays behind, and the same lines may be given again.
   */
  commit(lines: Buffer, count: number): Committed {
    const frame = pack(lines, this.#nextSequence, count);
    const segment = (this.#segment ??= this.#openSegment());
    this.#write(segment, [headerOf(frame), frame.payload], headerBytes + frame.payload.length);
    this.#sync(segment);
    segment.size += headerBytes + frame.payload.length;
    this.#nextSequence += count;
    const committed = { frame, segment: segment.number, end: segment.size };
    if (segment.size >= this.#options.segmentBytes) this.close();
    return committed;
  }

  /** With `sync: 'interval'`: syncs what the last commits left to time. To be called now and then. @throws as `commit` does. */
  syncIfDue(): void {
    if (this.#segment && this.#unsynced) this.#sync(this.#segment);
  }

  /** Ends the current segment, safe on disk unless `sync` is `off`. */
  close(): void {
    if (!this.#segment) return;
    if (this.#unsynced && this.#options.sync !== 'off') this.#files.sync(this.#segment.descriptor);
    this.#unsynced = false;
    this.#files.close(this.#segment.descriptor);
    this.#segment = undefined;
  }

  /** Ends the current segment and begins a new one at once, so that readers are done with the former. @throws as `commit` does. */
  rotate(): void {
    this.close();
    this.#segment = this.#openSegment();
  }

  #openSegment(): Segment {
    makeJournalDir(this.#options.dir);
    const number = (segmentsOf(this.#options.dir).at(-1) ?? 0) + 1;
    const descriptor = this.#files.open(segmentPath(this.#options.dir, number));
    syncDirectory(journalDir(this.#options.dir));
    return { number, descriptor, size: 0 };
  }

  /** A write that fails is cut off again, so that the next frame stands where this one would have. */
  #write(segment: Segment, parts: readonly Buffer[], bytes: number): void {
    try {
      const written = this.#files.write(segment.descriptor, parts);
      if (written < bytes) throw new Error(`the disk took ${written} of ${bytes} bytes of the journal`);
    } catch (error) {
      if (!this.#cut(segment)) this.#abandon(segment);
      throw error;
    }
  }

  /** After a failed sync nobody knows what the file holds behind its last good byte: cut it there and go on in a new one. */
  #sync(segment: Segment): void {
    const { sync, syncIntervalMs } = this.#options;
    const now = performance.now();
    this.#unsynced = true;
    if (sync === 'off' || (sync === 'interval' && now - this.#syncedAt < syncIntervalMs)) return;
    try {
      this.#files.sync(segment.descriptor);
      this.#syncedAt = now;
      this.#unsynced = false;
    } catch (error) {
      this.#cut(segment);
      this.#abandon(segment);
      throw error;
    }
  }

  #cut(segment: Segment): boolean {
    try {
      this.#files.truncate(segment.descriptor, segment.size);
      return true;
    } catch {
      return false; // half a frame at the end of a segment: readers pass over it, and report it
    }
  }

  #abandon(segment: Segment): void {
    this.#segment = undefined;
    try {
      this.#files.close(segment.descriptor);
      if (segment.size === 0) this.#files.remove(segmentPath(this.#options.dir, segment.number));
    } catch {
      // The descriptor is gone either way, and an empty segment does no harm.
    }
  }
}

interface Segment {
  readonly number: number;
  readonly descriptor: number;
  size: number;
}
