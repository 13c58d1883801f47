import { decodeError, encodeError } from '../openai-chat/errors.ts';
import type { ProtocolTranslator } from '../translator.ts';
import { decodeCall } from './decode-call.ts';
import { decodeReply } from './decode-reply.ts';
import { encodeCall } from './encode-call.ts';
import { ResponseStream } from './encode-stream.ts';
import { responseEncoder } from './encode-whole.ts';
import { losses } from './losses.ts';

/** `POST /v1/responses` of OpenAI. */
export const openaiResponses: ProtocolTranslator = {
  api: 'openai.responses',
  losses,
  decodeCall,
  encodeCall,
  decodeReply,
  encodeReply: (client) => (client.call.stream ? new ResponseStream(client) : responseEncoder(client)),
  decodeError,
  encodeError,
};
