import type { Transform } from 'node:stream';
import zlib from 'node:zlib';
import type { Bytes } from '../core/json.ts';

/** Names of `content-encoding` that can be undone. */
const decoders: Readonly<Record<string, () => Transform>> = {
  gzip: () => zlib.createGunzip({ finishFlush: zlib.constants.Z_SYNC_FLUSH }),
  'x-gzip': () => zlib.createGunzip({ finishFlush: zlib.constants.Z_SYNC_FLUSH }),
  deflate: () => zlib.createInflate({ finishFlush: zlib.constants.Z_SYNC_FLUSH }),
  br: () => zlib.createBrotliDecompress({ finishFlush: zlib.constants.BROTLI_OPERATION_FLUSH }),
  zstd: () => zlib.createZstdDecompress({ finishFlush: zlib.constants.ZSTD_e_continue }),
};

const none: readonly string[] = [];

/** The encodings of a `content-encoding` header in the order in which they were applied, or `undefined` when one is unknown. */
export function encodingsOf(header: string | undefined): readonly string[] | undefined {
  if (!header) return none;
  const names = header
    .toLowerCase()
    .split(',')
    .map((name) => name.trim());
  const real = names.filter((name) => name !== '' && name !== 'identity');
  return real.every((name) => Object.hasOwn(decoders, name)) ? real : undefined;
}

/**
 * Undoes `encodings`, giving out pieces as they come. What was cut off or damaged yields what can be had of it. At most `maxBytes` come out of each step.
 * Whether everything came out.
 */
export async function inflate(
  bytes: Bytes,
  encodings: readonly string[],
  options: { readonly maxBytes: number; readonly onPiece: (piece: Bytes) => void },
): Promise<boolean> {
  let input = bytes;
  let whole = true;
  for (const encoding of encodings.toReversed().slice(0, -1)) {
    const pieces: Bytes[] = [];
    whole = (await inflateOnce(input, encoding, { maxBytes: options.maxBytes, onPiece: (piece) => pieces.push(piece) })) && whole;
    input = Buffer.concat(pieces);
  }
  return (await inflateOnce(input, encodings[0]!, options)) && whole;
}

async function inflateOnce(
  bytes: Bytes,
  encoding: string,
  options: { readonly maxBytes: number; readonly onPiece: (piece: Bytes) => void },
): Promise<boolean> {
  const decoder = decoders[encoding]!();
  let left = options.maxBytes;
  let whole = true;
  decoder.on('data', (piece: Bytes) => {
    options.onPiece(piece.subarray(0, left));
    left -= Math.min(piece.length, left);
    if (left > 0) return;
    whole = false;
    decoder.destroy();
  });
  decoder.on('error', () => {
    whole = false;
  });
  const closed = new Promise((resolve) => decoder.once('close', resolve));
  decoder.end(bytes);
  await closed;
  return whole;
}
