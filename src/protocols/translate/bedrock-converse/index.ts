import type { ProviderTranslator } from '../translator.ts';
import { decodeReply } from './decode-reply.ts';
import { encodeCall } from './encode-call.ts';
import { decodeError } from './errors.ts';
import { losses } from './losses.ts';

/** `POST /model/{model}/converse` and `converse-stream` of Amazon Bedrock, in the provider's role: no client speaks it here. */
export const bedrockConverse: ProviderTranslator = { api: 'bedrock.converse', losses, encodeCall, decodeReply, decodeError };
