import { bareScope } from '../../core/bare-scope.ts';
import { Body } from '../../core/body.ts';
import { Call } from '../../core/call.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { Scope } from '../../core/pipeline.ts';
import { callCodecs } from '../../protocols/codecs.ts';
import { openaiDialect } from '../../protocols/dialect.ts';
import { openaiChat } from '../../protocols/translate/openai-chat/index.ts';
import { createResponseState } from '../../protocols/translate/openai-responses/state.ts';
import type { ProtocolTranslator } from '../../protocols/translate/translator.ts';

// What the tests of this folder have in common: a call, its scope, and where it goes.
export const deployment: Deployment = {
  id: 'far/model-9',
  provider: 'far',
  model: 'model-9',
  weight: 1,
  price: undefined,
  keys: 1,
  ownKey: true,
};
export const destination = { deployment, speech: { apis: ['openai.chat'], dialect: openaiDialect } } as const;
export const state = createResponseState({ maxEntries: 10, maxBytes: 1 << 20, ttlMs: 1000, now: () => 0 });
/** A neighbour of OpenAI's chat: the same translator, of another family. */
export const neighbour: ProtocolTranslator = { ...openaiChat, api: 'anthropic.messages' };

export const callOf = (fields: object): Call =>
  Call.received('call-1', {
    codec: callCodecs['openai.chat'],
    body: new Body([Buffer.from(JSON.stringify({ model: 'model-1', messages: [{ role: 'user', content: 'Hello' }], ...fields }))]),
  });

export interface Leaving {
  leave(): void;
}

export function scopeOf(more: Partial<Scope> = {}): Scope & Leaving {
  const listeners = new Set<() => void>();
  const client = {
    closed: false,
    onClose(listener: () => void) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
  const scope = bareScope({ requestId: 'request-1', target: '/v1/chat/completions', startedAt: 1_790_000_000_000, client, ...more });
  return { ...scope, leave: () => listeners.forEach((listener) => listener()) };
}
