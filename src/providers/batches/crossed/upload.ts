import type { Body } from '../../../core/body.ts';
import type { Bytes } from '../../../core/json.ts';
import { field, parsed, text } from '../../../protocols/count.ts';

/** A file of requests that a client uploads. */
export interface Upload {
  readonly name: string;
  readonly content: Bytes;
}

/** The file of a form whose purpose is a batch; `undefined` for any other body. */
export async function uploadOf(body: Body, contentType: string | undefined): Promise<Upload | undefined> {
  if (!/^multipart\/form-data/i.test(contentType ?? '') || !body.whole.includes('batch')) return undefined;
  const form = await formOf(body.whole, contentType!);
  const file = form?.get('file');
  if (form?.get('purpose') !== 'batch' || !file || typeof file === 'string') return undefined;
  return { name: file.name, content: Buffer.from(await file.arrayBuffer()) };
}

async function formOf(body: Bytes, contentType: string): Promise<FormData | undefined> {
  try {
    return await new Response(new Uint8Array(body), { headers: { 'content-type': contentType } }).formData();
  } catch {
    return undefined; // the vendor will say what is wrong with it
  }
}

const LF = 0x0a;

/** The lines of a file that hold something. */
export function* linesOf(content: Bytes): Generator<Bytes> {
  for (let at = 0; at < content.length;) {
    const found = content.indexOf(LF, at);
    const end = found === -1 ? content.length : found;
    const line = content.subarray(at, end);
    if (line.some((byte) => byte > 0x20)) yield line;
    at = end + 1;
  }
}

/** The model that the first request asks for. */
export function firstModel(content: Bytes): string | undefined {
  for (const line of linesOf(content)) return text(field(field(parsed(line), 'body'), 'model'));
  return undefined;
}
