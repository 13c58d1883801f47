import type { ApiId } from '../src/core/api.ts';

/** One way to ask each of the APIs that generate for a reply, told to the emulator in advance. */
export interface Way {
  readonly api: ApiId;
  readonly path: (stream: boolean) => string;
  readonly body: (stream: boolean) => object;
  /** The event or member that ends a whole stream. */
  readonly closing: RegExp;
  /** Visible text in what was received of a stream. */
  readonly text: (received: string) => string;
}

const user = { role: 'user', content: 'Tell me about the sea.' };

const joined =
  (pattern: RegExp) =>
  (received: string): string =>
    Array.from(received.matchAll(pattern), ([, json]) => JSON.parse(`"${json!}"`) as string).join('');

const chatText = joined(/"content":"((?:[^"\\]|\\.)*)"/g);
export const ways: readonly Way[] = [
  {
    api: 'openai.chat',
    path: () => '/v1/chat/completions',
    body: (stream) => ({ model: 'gpt-5-mini', messages: [user], ...(stream && { stream, stream_options: { include_usage: true } }) }),
    closing: /data: \[DONE\]/,
    text: chatText,
  },
  {
    api: 'openai.responses',
    path: () => '/v1/responses',
    body: (stream) => ({ model: 'gpt-5-mini', input: [user], stream }),
    closing: /event: response\.completed/,
    text: joined(/"delta":"((?:[^"\\]|\\.)*)"/g),
  },
  {
    api: 'anthropic.messages',
    path: () => '/v1/messages',
    body: (stream) => ({ model: 'claude-opus-5-5', max_tokens: 4000, messages: [user], stream }),
    closing: /event: message_stop/,
    text: joined(/"text":"((?:[^"\\]|\\.)*)"/g),
  },
  {
    api: 'google.generate_content',
    path: (stream) => `/v1beta/models/gemini-2.5-flash:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
    body: () => ({ contents: [{ role: 'user', parts: [{ text: user.content }] }] }),
    closing: /"finishReason":"STOP"/,
    text: joined(/"text":"((?:[^"\\]|\\.)*)"/g),
  },
];

/** A chat stream of a client that does not ask for its usage. */
export const unasked: Way = {
  ...ways[0]!,
  body: (stream) => ({ model: 'gpt-5-mini', messages: [user], stream }),
};

/** The header that tells the emulator its reply. */
export const scripted = (content: string): Readonly<Record<string, string>> => ({
  'x-emulator-reply': Buffer.from(JSON.stringify({ content })).toString('base64'),
});
export const words = (count: number): string =>
  Array.from({ length: count }, (_, index) => ['the', 'sea', 'is', 'wide', 'and', 'blue'][index % 6]).join(' ');
