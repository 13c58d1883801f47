import type { ProtocolTranslator } from '../translator.ts';
import { decodeCall } from './decode-call.ts';
import { decodeReply } from './decode-reply.ts';
import { encodeCall } from './encode-call.ts';
import { MessageStreamEncoder } from './encode-stream.ts';
import { messageEncoder } from './encode-whole.ts';
import { decodeError, encodeError } from './errors.ts';
import { losses } from './losses.ts';

/** `POST /v1/messages` of Anthropic, in its versions 2023-06-01 and 2026-10-21. */
export const anthropicMessages: ProtocolTranslator = {
  api: 'anthropic.messages',
  losses,
  decodeCall,
  encodeCall,
  decodeReply,
  encodeReply: (client) => (client.call.stream ? new MessageStreamEncoder(client) : messageEncoder(client)),
  decodeError,
  encodeError,
};
