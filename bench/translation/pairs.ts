import type { KitBodies } from '../bodies.ts';

/** A client's API, and a provider of another one. */
export interface Pair {
  readonly name: string;
  readonly api: Parameters<KitBodies['body']>[0];
  /** Model names: at a provider of the client's own API, and at one of another. */
  readonly fast: string;
  readonly translated: string;
}

export const pairs: readonly Pair[] = [
  { name: 'chat → anthropic', api: 'chat', fast: 'at-openai', translated: 'at-anthropic' },
  { name: 'anthropic → chat', api: 'messages', fast: 'at-anthropic', translated: 'at-openai' },
  { name: 'responses → anthropic', api: 'responses', fast: 'at-openai', translated: 'at-anthropic' },
  { name: 'chat → google', api: 'chat', fast: 'at-openai', translated: 'at-google' },
];

export const paths: Readonly<Record<Pair['api'], string>> = {
  chat: '/v1/chat/completions',
  responses: '/v1/responses',
  messages: '/v1/messages',
};

/** What a whole answer holds at its end, by API: a run must not measure errors. */
export const lastWords: Readonly<Record<Pair['api'], { readonly whole: string; readonly stream: string }>> = {
  chat: { whole: '"finish_reason":"stop"', stream: 'data: [DONE]' },
  responses: { whole: '"status":"completed"', stream: '"type":"response.completed"' },
  messages: { whole: '"stop_reason":"end_turn"', stream: '"type":"message_stop"' },
};
