import type { Bytes, Json } from '../../core/json.ts';

/** A server-sent event without a name. */
export const dataEvent = (data: Json): string => `data: ${JSON.stringify(data)}\n\n`;
/** A server-sent event named by its type. */
export const namedEvent = (data: { readonly type: string } & { readonly [key: string]: Json | undefined }): string =>
  `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

/** Bytes of texts, if there is anything in them. */
export function bytesOf(...texts: readonly string[]): Bytes | undefined {
  const text = texts.length === 1 ? texts[0]! : texts.join('');
  return text === '' ? undefined : Buffer.from(text);
}
