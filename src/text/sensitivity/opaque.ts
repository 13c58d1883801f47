import type { Place } from './json-text.ts';

/** Fields of the APIs that hold media, files and seals of vendors: encoded bytes, not text. */
const opaqueFields: ReadonlySet<string> = new Set([
  'data',
  'file_data',
  'image_url',
  'url',
  'b64_json',
  'audio',
  'signature',
  'encrypted_content',
  'thoughtSignature',
  'thought_signature',
  'encrypted_index',
]);
/** Encoded bytes shorter than this are looked at all the same: a key may look like them. */
export const minOpaqueLength = 512;
const encoded = /^(?:data:[\w.+-]{1,100}\/[\w.+-]{1,100}(?:;[\w=.-]{1,100}){0,4},)?[A-Za-z0-9+/_-]+={0,2}$/;

/** Whether a text is encoded bytes that no detector can read. Only where an API has them, and only what is nothing else. */
export const isOpaque = (text: string, { field }: Pick<Place, 'field'>): boolean =>
  text.length >= minOpaqueLength && field !== undefined && opaqueFields.has(field) && encoded.test(text);
