import type { CanonicalCall } from '../../../core/canonical/call.ts';
import type { Seal } from '../../../core/canonical/part.ts';
import type { Delta, OpenedPart, ReplyEvent } from '../../../core/canonical/reply-event.ts';
import type { Json } from '../../../core/json.ts';
import { openaiDialect } from '../../dialect.ts';
import { googleGenerateContent } from './index.ts';

const call: CanonicalCall = {
  model: 'asked',
  stream: true,
  streamUsage: true,
  messages: [{ role: 'user', parts: [{ type: 'text', text: 'Hello' }] }],
  tools: [],
  sampling: {},
};
/** How the client asked. */
export interface Asked {
  readonly stream?: boolean;
  readonly framing?: 'sse' | 'json-list';
  readonly reasoning?: NonNullable<CanonicalCall['reasoning']>;
}

export function encoder({ stream = true, framing = 'sse', reasoning }: Asked = {}) {
  const client = { call: { ...call, stream, ...(reasoning && { reasoning }) }, requestId: 'request-1', createdAt: 1, framing };
  return googleGenerateContent.encodeReply(client);
}
/** What the client gets. */
export function encoded(events: readonly ReplyEvent[], asked?: Asked): string {
  const out = encoder(asked);
  return events.map((event) => out.write(event)?.toString() ?? '').join('');
}
export const chunksOf = (stream: string): readonly Json[] =>
  stream
    .split('\n\n')
    .filter((event) => event !== '')
    .map((event) => JSON.parse(event.replace(/^data: /, '')) as Json);

/** What a reply of Google says. */
export function decoded(bytes: string, isStream = true): readonly ReplyEvent[] {
  const decoder = googleGenerateContent.decodeReply({ isStream, dialect: openaiDialect, maxEventBytes: 1 << 20 });
  return [...decoder.write(Buffer.from(bytes)), ...decoder.end()];
}

export const start: ReplyEvent = { type: 'start', id: 'r1', model: 'claude' };
export const part = (index: number, opened: OpenedPart, ...deltas: readonly Delta[]): readonly ReplyEvent[] => [
  { type: 'part-start', index, candidate: 0, part: opened },
  ...deltas.map((delta): ReplyEvent => ({ type: 'part-delta', index, delta })),
  { type: 'part-end', index },
];
export const text = (...pieces: readonly string[]): readonly Delta[] => pieces.map((piece) => ({ type: 'text', text: piece }));
export const json = (...pieces: readonly string[]): readonly Delta[] => pieces.map((piece) => ({ type: 'arguments', text: piece }));
export const closing = (reason: 'stop' | 'tool_calls' | 'refusal' = 'stop'): readonly ReplyEvent[] => [
  { type: 'finish', candidate: 0, reason },
  {
    type: 'usage',
    usage: { buckets: { input: 7, cacheRead: 3, cacheWrite: 1, output: 4, reasoning: 2 }, served: { serviceTier: 'flex' } },
  },
  { type: 'end' },
];
export const usageMetadata = {
  promptTokenCount: 11,
  promptTokensDetails: [{ modality: 'TEXT', tokenCount: 11 }],
  cachedContentTokenCount: 3,
  cacheTokensDetails: [{ modality: 'TEXT', tokenCount: 3 }],
  candidatesTokenCount: 4,
  thoughtsTokenCount: 2,
  totalTokenCount: 17,
  trafficType: 'ON_DEMAND_FLEX',
};
export const head = { modelVersion: 'claude', responseId: 'r1' };
export const candidate = (parts: readonly Json[], more: object = {}) => ({ content: { parts, role: 'model' }, index: 0, ...more });
export const lastChunk = (finishReason = 'STOP', more: object = {}) => ({
  candidates: [{ content: { parts: [{ text: '' }], role: 'model' }, finishReason, index: 0, ...more }],
  usageMetadata,
  ...head,
});
export const anthropic: Seal = { family: 'anthropic', kind: 'signature', data: 'abc' };
export const anthropicSignature = Buffer.from('modicum.anthropic.signature..abc').toString('base64');
export const google: Seal = { family: 'google', kind: 'signature', data: 'c2ln' };
