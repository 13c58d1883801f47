import type { ServerResponse } from 'node:http';
import {
  createBrotliCompress,
  createGzip,
  createZstdCompress,
  constants,
  type BrotliCompress,
  type Gzip,
  type ZstdCompress,
} from 'node:zlib';

export type Encoding = 'gzip' | 'br' | 'zstd';
type Compressor = Gzip | BrotliCompress | ZstdCompress;

const compressors: Readonly<Record<Encoding, () => Compressor>> = {
  gzip: () => createGzip(),
  br: () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  zstd: () => createZstdCompress(),
};

/** The body of one reply on its way out, compressed or not. Waits for a slow client; `closed` tells that it has gone. */
export interface Outlet {
  readonly closed: boolean;
  write(bytes: string | Buffer): Promise<void>;
  end(): Promise<void>;
  /** Cuts the connection; what was written before is sent first. A TCP reset would take unread bytes from the client. */
  cut(): Promise<void>;
}

export function outletOf(response: ServerResponse, encoding: Encoding | undefined): Outlet {
  const compressor = encoding === undefined ? undefined : compressors[encoding]();
  compressor?.pipe(response);
  const target = compressor ?? response;
  const flush = (): Promise<void> => new Promise((resolve) => (compressor ? compressor.flush(resolve) : resolve()));
  return {
    get closed() {
      return response.destroyed;
    },
    async write(bytes) {
      const room = target.write(bytes);
      if (compressor) await flush();
      if (!room || response.writableNeedDrain) await drained(response);
    },
    end: () => new Promise((resolve) => (response.once('close', resolve), target.end(resolve))),
    async cut() {
      await flush();
      await new Promise<void>((resolve) => response.write('', () => resolve()));
      response.socket?.destroy();
    },
  };
}

/** Resolves when there is room again, or nobody to wait for. */
function drained(response: ServerResponse): Promise<void> {
  if (!response.writableNeedDrain || response.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const done = (): void => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.on('drain', done).on('close', done);
  });
}

/** The first encoding of ours that `accept-encoding` allows. */
export function acceptedEncoding(header: string | undefined): Encoding | undefined {
  const words = (header ?? '').toLowerCase().split(',');
  const allowed = (name: string): boolean =>
    words.some((word) => word.trim().split(';')[0] === name && !/;\s*q=0(\.0*)?$/.test(word.trim()));
  return (['zstd', 'br', 'gzip'] as const).find(allowed);
}
