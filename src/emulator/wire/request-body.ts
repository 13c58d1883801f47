import type { IncomingMessage } from 'node:http';
import { promisify } from 'node:util';
import { brotliDecompress, gunzip, inflate, zstdDecompress } from 'node:zlib';
import type { JsonObject } from '../../core/json.ts';
import { VendorError } from './errors.ts';

const decoders: Readonly<Record<string, (bytes: Buffer, options: { readonly maxOutputLength: number }) => Promise<Buffer>>> = {
  gzip: promisify(gunzip),
  br: promisify(brotliDecompress),
  zstd: promisify(zstdDecompress),
  deflate: promisify(inflate),
};

/** The request body as a JSON object. `check` sees the bytes as they came. @throws {VendorError} 400, 413 or 415, or what `check` throws. */
export async function jsonBody(request: IncomingMessage, bytesMax: number, check?: (bytes: Buffer) => void): Promise<JsonObject> {
  const raw = await received(request, bytesMax);
  check?.(raw);
  const bytes = await decoded(raw, request.headers['content-encoding'], bytesMax);
  let value: unknown;
  try {
    value = JSON.parse(bytes.toString('utf8'));
  } catch {
    throw new VendorError(400, 'the body is not valid JSON');
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as JsonObject;
  throw new VendorError(400, 'the body is not a JSON object');
}

/** A form with files. @throws {VendorError} 400, 413 */
export async function formBody(request: IncomingMessage, bytesMax: number): Promise<FormData> {
  const bytes = await received(request, bytesMax);
  try {
    return await new Response(bytes as Uint8Array<ArrayBuffer>, {
      headers: { 'content-type': request.headers['content-type'] ?? '' },
    }).formData();
  } catch {
    throw new VendorError(400, 'the body is not a form');
  }
}

async function received(request: IncomingMessage, bytesMax: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bytesMax) throw new VendorError(413, `the body is larger than ${bytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

async function decoded(bytes: Buffer, encoding: string | undefined, bytesMax: number): Promise<Buffer> {
  if (encoding === undefined || encoding === '' || encoding === 'identity') return bytes;
  const decode = decoders[encoding.toLowerCase()];
  if (!decode) throw new VendorError(415, `unsupported content-encoding: ${encoding}`);
  try {
    return await decode(bytes, { maxOutputLength: bytesMax });
  } catch (error) {
    if (error instanceof RangeError) throw new VendorError(413, `the decoded body is larger than ${bytesMax} bytes`);
    throw new VendorError(400, `the body is not valid ${encoding}`);
  }
}
