import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import zlib from 'node:zlib';
import { Body } from '../core/body.ts';
import { GatewayError } from '../core/errors.ts';
import type { Bytes } from '../core/json.ts';
import type { Closable } from '../core/pipeline.ts';

interface BodyOptions {
  readonly maxBytes: number;
  /** Bytes announced; -1 for a body sent in chunks. */
  readonly contentLength: number;
  readonly client: Closable;
}

/**
 * The whole body of a request. Not async: a promise made here costs less than an async iteration over the chunks.
 * @throws {GatewayError} `body_too_large` beyond `maxBytes`; `aborted` when the client leaves first.
 */
export function readBody(request: IncomingMessage, { maxBytes, contentLength, client }: BodyOptions): Promise<Body> {
  if (contentLength > maxBytes) return Promise.reject(tooLarge(maxBytes));
  return new Promise((resolve, reject) => {
    const chunks: Bytes[] = [];
    let size = 0;
    const stopListening = client.onClose(() => reject(new GatewayError('aborted', 'the client left before its request was whole')));
    request.on('data', (chunk: Bytes) => {
      size += chunk.length;
      if (size <= maxBytes) chunks.push(chunk);
      else reject(tooLarge(maxBytes));
    });
    request.on('end', () => {
      stopListening();
      resolve(new Body(chunks));
    });
  });
}

const tooLarge = (maxBytes: number): GatewayError =>
  new GatewayError('body_too_large', `the request body is larger than server.limits.maxBodyBytes (${maxBytes} bytes)`);

type Inflate = (bytes: Bytes, options: { maxOutputLength: number }) => Promise<Bytes>;
const inflaters: Readonly<Record<string, Inflate>> = {
  gzip: promisify(zlib.gunzip),
  'x-gzip': promisify(zlib.gunzip),
  deflate: promisify(zlib.inflate),
  br: promisify(zlib.brotliDecompress),
  zstd: promisify(zlib.zstdDecompress),
};

/**
 * A body as it reads once its `content-encoding` is undone.
 * @throws {GatewayError} `unsupported_encoding`, `body_too_large`, `invalid_request`
 */
export async function decompressed(compressed: Body, encoding: string, maxBytes: number): Promise<Body> {
  const inflate = inflaters[encoding];
  if (!inflate) {
    throw new GatewayError('unsupported_encoding', `content-encoding "${encoding}" is none of gzip, br, zstd, deflate`, {
      param: 'content-encoding',
    });
  }
  try {
    return new Body([await inflate(compressed.whole, { maxOutputLength: maxBytes })]);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE') throw tooLarge(maxBytes);
    throw new GatewayError('invalid_request', `the body is not valid ${encoding}`, { cause, param: 'content-encoding' });
  }
}
