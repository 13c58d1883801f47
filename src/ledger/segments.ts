import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where the parts of a ledger lie inside its data directory. */
export const journalDir = (dir: string): string => join(dir, 'journal');
export const segmentPath = (dir: string, segment: number): string => join(journalDir(dir), `${String(segment).padStart(8, '0')}.log`);
/** Bytes of the journal that could not be read, kept for a person to look at. */
export const asideDir = (dir: string): string => join(dir, 'journal', 'aside');

const segmentName = /^(\d{8,})\.log$/;

/** Numbers of the segments there are, rising. */
export function segmentsOf(dir: string): number[] {
  const names = readdirSync(journalDir(dir));
  return names
    .flatMap((name) => segmentName.exec(name)?.[1] ?? [])
    .map(Number)
    .sort((left, right) => left - right);
}

export function makeJournalDir(dir: string): void {
  mkdirSync(journalDir(dir), { recursive: true, mode: 0o700 });
}

/** A new file is safe only when its directory entry is. Windows cannot open a directory, and needs no such thing. */
export function syncDirectory(path: string): void {
  if (process.platform === 'win32') return;
  const descriptor = openSync(path, 'r');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
