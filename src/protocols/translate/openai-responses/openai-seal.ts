import type { Seal } from '../../../core/canonical/part.ts';
import { sealOf } from '../seal.ts';

/** The seal in `encrypted_content`, with the id of its item where the seal is OpenAI's own. */
export function openaiSeal(data: string, id: string | undefined): Seal {
  const seal = sealOf(data, { family: 'openai', kind: 'encrypted' });
  return id === undefined || seal.family !== 'openai' || seal.id !== undefined ? seal : { ...seal, id };
}
