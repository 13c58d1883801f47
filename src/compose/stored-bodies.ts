import { brotliDecompressSync, gunzipSync, inflateSync, zstdDecompressSync } from 'node:zlib';
import type { Bytes } from '../core/json.ts';
import { redactReply } from '../protocols/rewrite/redact.ts';
import type { KeptBody } from '../stages/account/index.ts';
import type { Classify } from '../text/sensitivity/classifier.ts';
import { rewriteJson } from '../text/sensitivity/json-text.ts';
import { isOpaque } from '../text/sensitivity/opaque.ts';
import { redactionOf, replaced } from '../text/sensitivity/replace.ts';

type Decompress = (body: Bytes, options: { readonly maxOutputLength: number }) => Bytes;

const decompressors: Readonly<Record<string, Decompress>> = {
  gzip: gunzipSync,
  'x-gzip': gunzipSync,
  br: brotliDecompressSync,
  deflate: inflateSync,
  zstd: zstdDecompressSync,
};

/** Takes what `find` finds out of a body before it is stored. `undefined`: it cannot be read, and is not stored. */
export function redactorOf(find: Classify, maxBytes: number): (body: Bytes, kept: KeptBody) => Bytes | undefined {
  return (body, { api, part, encoding }) => {
    try {
      const plain =
        encoding === undefined || encoding === 'identity' ? body : decompressors[encoding]?.(body, { maxOutputLength: maxBytes });
      if (!plain || plain.length > maxBytes) return undefined;
      return part === 'reply' ? redactReply(plain, { api, find: (text) => find(text, undefined) }) : redactRequest(plain, find);
    } catch {
      return undefined; // neither JSON nor a stream: nobody knows what it holds
    }
  };
}

function redactRequest(body: Bytes, find: Classify): Bytes {
  const json = body.toString('utf8');
  const changed = rewriteJson(json, {
    rewrite: (text, place) => (isOpaque(text, place) ? undefined : replaced(text, find(text, place.field), redactionOf)),
  });
  return changed === json ? body : Buffer.from(changed);
}
