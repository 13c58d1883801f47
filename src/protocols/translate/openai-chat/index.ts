import type { ProtocolTranslator } from '../translator.ts';
import { decodeCall } from './decode-call.ts';
import { decodeReply } from './decode-reply.ts';
import { encodeCall } from './encode-call.ts';
import { ChunkEncoder } from './encode-stream.ts';
import { completionEncoder } from './encode-whole.ts';
import { decodeError, encodeError } from './errors.ts';
import { losses } from './losses.ts';

/** `POST /v1/chat/completions` of OpenAI and of all who copy it. */
export const openaiChat: ProtocolTranslator = {
  api: 'openai.chat',
  losses,
  decodeCall,
  encodeCall,
  decodeReply,
  encodeReply: (client) => (client.call.stream ? new ChunkEncoder(client) : completionEncoder(client)),
  decodeError,
  encodeError,
};
