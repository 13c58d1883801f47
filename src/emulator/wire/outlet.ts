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
  const gone = new Promise<void>((resolve) => response.once('close', resolve));
  /** Nothing waits for a client that has gone. */
  const orGone = (start: (done: () => void) => void): Promise<void> =>
    response.destroyed ? gone : Promise.race([new Promise<void>(start), gone]);
  return {
    get closed() {
      return response.destroyed;
    },
    async write(bytes) {
      if (response.destroyed) return;
      target.write(bytes);
      if (compressor) await orGone((done) => compressor.flush(done));
      if (response.writableNeedDrain) await orGone((done) => response.once('drain', done));
    },
    end: () => orGone((done) => target.end(done)),
    async cut() {
      await new Promise(setImmediate); // the response gathers writes until the end of the tick
      await orGone((done) => response.socket?.write('', () => done())); // tells when what stood before is with the system
      response.socket?.destroy();
    },
  };
}

/** The first encoding of ours that `accept-encoding` allows. */
export function acceptedEncoding(header: string | undefined): Encoding | undefined {
  const words = (header ?? '').toLowerCase().split(',');
  const allowed = (name: string): boolean =>
    words.some((word) => word.trim().split(';')[0] === name && !/;\s*q=0(\.0*)?$/.test(word.trim()));
  return (['zstd', 'br', 'gzip'] as const).find(allowed);
}
