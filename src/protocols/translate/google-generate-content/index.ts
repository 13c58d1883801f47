import type { ProtocolTranslator } from '../translator.ts';
import { decodeCall } from './decode-call.ts';
import { decodeReply } from './decode-reply.ts';
import { encodeCall } from './encode-call.ts';
import { ChunkEncoder } from './encode-stream.ts';
import { contentEncoder } from './encode-whole.ts';
import { decodeError, encodeError } from './errors.ts';
import { losses } from './losses.ts';

/** `:generateContent` and `:streamGenerateContent` of Google's Gemini API and of Vertex AI. */
export const googleGenerateContent: ProtocolTranslator = {
  api: 'google.generate_content',
  losses,
  decodeCall,
  encodeCall,
  decodeReply,
  encodeReply: (client) => (client.call.stream ? new ChunkEncoder(client) : contentEncoder(client)),
  decodeError,
  encodeError,
};
