import type { Seal } from '../../../core/canonical/part.ts';
import type { JsonObject } from '../../../core/json.ts';
import { sealText } from '../seal.ts';

/** The block of a thought's seal that stands for its text. */
export const isRedacted = (seal: Seal | undefined): seal is Seal => seal?.family === 'anthropic' && seal.kind === 'redacted';

/** A thought; the seal of another family travels as its signature. */
export const thoughtBlock = (text: string, seal: Seal | undefined): JsonObject =>
  isRedacted(seal) && text === ''
    ? { type: 'redacted_thinking', data: seal.data }
    : { type: 'thinking', thinking: text, signature: seal ? sealText(seal, 'anthropic') : '' };

/**
 * A tool call has no field for the seal that Google's models put on it, and without which they refuse the call when it comes back.
 * It travels in a thought without text behind the call, with the call's id; the decoder of calls puts it back.
 */
export const carrierBlock = (callId: string, seal: Seal): JsonObject => thoughtBlock('', { ...seal, id: callId });

export const toolUseBlock = (id: string, name: string, input: JsonObject): JsonObject => ({
  type: 'tool_use',
  id,
  name,
  input,
  caller: { type: 'direct' },
});
