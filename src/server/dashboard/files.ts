import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { promisify } from 'node:util';
import { constants, gzip } from 'node:zlib';
import type { Bytes } from '../../core/json.ts';

export interface PageFile {
  readonly contentType: string;
  readonly bytes: Bytes;
  /** `undefined` where it would not be smaller. */
  readonly gzipped: Bytes | undefined;
}

/** Files of a built dashboard, read when first asked for. */
export interface PageFiles {
  /** The page; `undefined` while there is no build. */
  index(): Promise<PageFile | undefined>;
  /** A file with its content's hash in its name. */
  asset(name: string): Promise<PageFile | undefined>;
}

const contentTypes: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** `folders`: the first with a page in it serves. A newer build is taken up with the next request of the page. */
export function pageFiles(folders: readonly string[]): PageFiles {
  let built: { readonly folder: string; readonly changedMs: number; readonly assets: ReadonlySet<string> } | undefined;
  const known = new Map<string, Promise<PageFile>>();
  const look = async (): Promise<typeof built> => {
    const found = await newest(folders);
    if (found?.folder === built?.folder && found?.changedMs === built?.changedMs) return built;
    known.clear();
    return (built = found && { ...found, assets: new Set(await readdir(join(found.folder, 'assets'))) });
  };
  const file = (path: string): Promise<PageFile> => {
    const reading = known.get(path) ?? read(path);
    reading.catch(() => known.delete(path));
    known.set(path, reading);
    return reading;
  };
  return {
    async index() {
      const found = await look();
      return found && file(join(found.folder, 'index.html'));
    },
    async asset(name) {
      const found = built ?? (await look());
      // Only what the folder lists is read: a name cannot point elsewhere.
      return found?.assets.has(name) ? file(join(found.folder, 'assets', name)) : undefined;
    },
  };
}

async function newest(folders: readonly string[]): Promise<{ readonly folder: string; readonly changedMs: number } | undefined> {
  for (const folder of folders) {
    const page = await stat(join(folder, 'index.html')).catch(() => undefined);
    if (page) return { folder, changedMs: page.mtimeMs };
  }
  return undefined;
}

async function read(path: string): Promise<PageFile> {
  const bytes = await readFile(path);
  const packed = await promisify(gzip)(bytes, { level: constants.Z_BEST_COMPRESSION });
  return {
    contentType: contentTypes[extname(path)] ?? 'application/octet-stream',
    bytes,
    gzipped: packed.length < bytes.length ? packed : undefined,
  };
}
