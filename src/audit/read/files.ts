import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Something to read: a file, or the data directory of a ledger. */
export interface Found {
  readonly path: string;
  readonly kind: 'file' | 'ledger';
  readonly sizeBytes: number;
  /** Epoch ms of its last change. */
  readonly changedAt: number;
}

/** Files of one audit at most. */
export const maxFiles = 200_000;

const looksRight = /\.(?:jsonl|json|ndjson|csv|tsv)(?:\.gz)?$/i;
const isLedger = (dir: string): boolean => existsSync(join(dir, 'ledger.db')) || existsSync(join(dir, 'journal'));

/** What lies at a path: a file named outright is read whatever its name; folders are walked, in order of names. @throws {RangeError} when there are too many */
export async function filesAt(path: string): Promise<readonly Found[]> {
  const { isDir, ...found } = factsOf(path);
  if (!isDir) return [found];
  const all: Found[] = [];
  await walk(path, all);
  return all;
}

function factsOf(path: string): Found & { readonly isDir: boolean } {
  const stat = statSync(path);
  return { path, kind: 'file', sizeBytes: stat.size, changedAt: stat.mtimeMs, isDir: stat.isDirectory() };
}

async function walk(dir: string, all: Found[]): Promise<void> {
  if (isLedger(dir)) return void all.push({ ...factsOf(dir), kind: 'ledger', path: dir });
  const entries = await readdir(dir, { withFileTypes: true });
  for (const entry of entries.sort((left, right) => (left.name < right.name ? -1 : 1))) {
    const path = join(dir, entry.name);
    if (entry.isDirectory()) await walk(path, all);
    else if (entry.isFile() && looksRight.test(entry.name)) all.push(factsOf(path));
    if (all.length > maxFiles) throw new RangeError(`more than ${maxFiles} files in ${dir}`);
  }
}
