import type { Seal } from '../../../core/canonical/part.ts';
import { sealOf, sealText } from '../seal.ts';

/** Google's word for a function call that another model made, in place of the signature that its newer models insist on. */
export const unsigned = 'skip_thought_signature_validator';
const fillers: ReadonlySet<string> = new Set([unsigned, 'context_engineering_is_the_way_to_go']);

/** How base64 of another family's seal begins. */
const wrapped = 'bW9kaWN1bS';

/** A seal as `thoughtSignature`. It is bytes in Google's API, so a foreign one is put into base64: typed SDKs decode it. */
export const signatureOf = (seal: Seal): string =>
  seal.family === 'google' ? seal.data : Buffer.from(sealText(seal, 'google')).toString('base64');

/** The seal in a `thoughtSignature`; none in one that only fills the field. */
export function sealIn(signature: string | undefined): Seal | undefined {
  if (signature === undefined || signature === '' || fillers.has(signature)) return undefined;
  const text = signature.startsWith(wrapped) ? Buffer.from(signature, 'base64').toString() : signature;
  return sealOf(text, { family: 'google', kind: 'signature' });
}
