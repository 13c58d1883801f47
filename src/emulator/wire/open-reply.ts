import type { ServerResponse } from 'node:http';
import type { HeaderOf } from '../generation.ts';
import { VendorError } from './errors.ts';
import { acceptedEncoding, outletOf, type Encoding, type Outlet } from './outlet.ts';

export interface OpenOptions {
  readonly contentType: string;
  readonly encoding?: Encoding | undefined;
  readonly requestId: string;
  readonly status?: number;
  /** A content-length to claim, where nothing is compressed. */
  readonly length?: number | undefined;
}

/** Writes status and headers; every reply says that no model stands behind it. */
export function openReply(response: ServerResponse, options: OpenOptions): Outlet {
  const { encoding } = options;
  response.writeHead(options.status ?? 200, {
    'content-type': options.contentType,
    'x-modicum-emulator': '1',
    'request-id': options.requestId,
    'x-request-id': options.requestId,
    'cache-control': 'no-cache',
    ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
    ...(encoding !== undefined || options.length === undefined ? {} : { 'content-length': options.length }),
  });
  return outletOf(response, encoding);
}

/** How the reply is to be compressed: as `x-emulator-compress` asks, else as `accept-encoding` allows if `compress`. @throws {VendorError} 400 */
export function replyEncoding(compress: boolean, header: HeaderOf): Encoding | undefined {
  const asked = header('x-emulator-compress');
  if (asked === 'gzip' || asked === 'br' || asked === 'zstd') return asked;
  if (asked !== undefined) throw new VendorError(400, `unknown x-emulator-compress: ${asked}`);
  return compress ? acceptedEncoding(header('accept-encoding')) : undefined;
}
