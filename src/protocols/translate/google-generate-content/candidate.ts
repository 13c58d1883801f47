import type { OpenedPart } from '../../../core/canonical/reply-event.ts';
import type { Seal } from '../../../core/canonical/part.ts';
import type { JsonObject } from '../../../core/json.ts';
import { argumentsOf } from '../custom-tool.ts';
import { parsedObject } from './arguments.ts';
import { signatureOf } from './signature.ts';

/** A part that comes whole; `undefined`: there is nothing to send of it yet, or at all. */
export function wholePart(part: OpenedPart): JsonObject | undefined {
  if (part.type === 'image' || part.type === 'audio') return { inlineData: { mimeType: part.mediaType, data: part.data } };
  return part.type === 'opaque' && part.api === 'google.generate_content' ? (part.value as JsonObject) : undefined;
}

export const thoughtPart = (text: string, seal?: Seal): JsonObject => ({ text, thought: true, ...signed(seal) });

/** A signature without a thought that can be shown. */
export const sealPart = (seal: Seal): JsonObject => ({ text: '', ...signed(seal) });

/** Arguments are an object in Google's API: free text, or what is no object, goes inside one. */
export function callPart(call: Extract<OpenedPart, { readonly type: 'tool-call' }>, text: string, seal: Seal | undefined): JsonObject {
  const args = parsedObject(call.custom ? argumentsOf(text) : text) ?? { value: text };
  return { functionCall: { id: call.id, name: call.name, args }, ...signed(seal) };
}

const signed = (seal: Seal | undefined): JsonObject => (seal ? { thoughtSignature: signatureOf(seal) } : {});
