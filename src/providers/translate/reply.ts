import { apis, type Family } from '../../core/api.ts';
import type { Dropped } from '../../core/canonical/feature.ts';
import type { ReplyEvent } from '../../core/canonical/reply-event.ts';
import type { ReplyError } from '../../core/canonical/reply-error.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Flow } from '../../core/flow.ts';
import type { Bytes } from '../../core/json.ts';
import type { Scope } from '../../core/pipeline.ts';
import { headerOf, Reply } from '../../core/reply.ts';
import type { EncodedError } from '../../protocols/errors.ts';
import type { ProtocolTranslator, ReplyClient, ReplyEncoder } from '../../protocols/translate/translator.ts';
import { collected } from './collect.ts';
import type { Destination } from './crossing.ts';
import type { TranslatedCall } from './request.ts';
import { translatedFlow } from './translated-flow.ts';

/** Bytes of an error's body at most. */
export const maxErrorBytes = 1 << 20;

export interface Translation {
  readonly from: ProtocolTranslator;
  readonly to: ProtocolTranslator;
  readonly destination: Destination;
  readonly translated: TranslatedCall;
  /** Of the client. */
  readonly scope: Scope;
  readonly maxReplyBytes: number;
  readonly maxEventBytes: number;
}

/** The reply in the client's API. A stream goes on as it comes; a whole body is whole before its head is known, for it may tell an error. */
export async function translateReply(reply: Reply, translation: Translation): Promise<Reply> {
  const { from, to, translated, scope } = translation;
  if (reply.head.status >= 400) {
    const body = await collected(reply, scope, maxErrorBytes);
    return errorReply(reply, translation, to.decodeError(reply.head.status, body));
  }
  if ((headerOf(reply.head.headers, 'content-encoding') ?? 'identity') !== 'identity') return unreadable(reply);
  const client = clientOf(translation);
  const writing = { encoder: from.encodeReply(client), see: translated.conversation.seen?.(client) };
  return translated.canonical.stream ? streamed(reply, translation, writing) : whole(reply, translation, writing);
}

const clientOf = ({ translated, scope }: Translation): ReplyClient => ({
  call: translated.canonical,
  requestId: scope.requestId,
  createdAt: Math.floor(scope.startedAt / 1000),
  framing: /[?&]alt=sse(?:&|$)/.test(scope.target) ? 'sse' : 'json-list',
});

function unreadable(reply: Reply): never {
  const error = new GatewayError('provider_error', 'the provider compressed its reply, which was not asked for');
  reply.bytes.to({ open: (valve) => valve.abort(error), write: () => {}, end: () => {} });
  throw error;
}

const decoderOf = (reply: Reply, { to, destination, maxReplyBytes, maxEventBytes }: Translation) => {
  const isStream = headerOf(reply.head.headers, 'content-type')?.startsWith('text/event-stream') ?? false;
  return to.decodeReply({ isStream, dialect: destination.speech.dialect, maxEventBytes: isStream ? maxEventBytes : maxReplyBytes });
};

interface Writing {
  readonly encoder: ReplyEncoder;
  readonly see: ((event: ReplyEvent) => void) | undefined;
}

function streamed(reply: Reply, translation: Translation, { encoder, see }: Writing): Reply {
  const headers = ['content-type', encoder.contentType, 'cache-control', 'no-cache', ...notes(reply, translation)];
  return new Reply(
    reply.servedBy,
    { status: reply.head.status, headers },
    translatedFlow(reply.bytes, decoderOf(reply, translation), encoder, see),
  );
}

async function whole(reply: Reply, translation: Translation, { encoder, see }: Writing): Promise<Reply> {
  const decoder = decoderOf(reply, translation);
  const body = await collected(reply, translation.scope, translation.maxReplyBytes);
  const events = [...decoder.write(body), ...decoder.end()];
  const last = events.at(-1);
  if (last?.type === 'error') return errorReply(reply, translation, { ...last.error, status: last.error.status ?? 502 });
  if (see) events.forEach(see);
  const bytes = Buffer.concat(events.flatMap((event) => encoder.write(event) ?? []));
  const headers = ['content-type', encoder.contentType, 'content-length', String(bytes.length), ...notes(reply, translation)];
  return new Reply(reply.servedBy, { status: reply.head.status, headers }, flowOf(bytes));
}

function errorReply(reply: Reply, translation: Translation, error: ReplyError): Reply {
  const { status, headers, body }: EncodedError = translation.from.encodeError(error, requestIdOf(reply) ?? translation.scope.requestId);
  return new Reply(
    reply.servedBy,
    { status, headers: [...headers, ...retryHeaders(reply), ...droppedHeader(translation.translated.dropped)] },
    flowOf(body),
  );
}

/** Bytes that are there already. */
const flowOf = (bytes: Bytes): Flow => ({
  to(sink) {
    sink.open({ pause: () => {}, resume: () => {}, abort: () => {} });
    if (bytes.length > 0) sink.write(bytes);
    sink.end();
  },
});

const requestIdHeaders: Readonly<Record<Family, string>> = { openai: 'x-request-id', anthropic: 'request-id', google: 'x-request-id' };

const requestIdOf = ({ head: { headers } }: Reply): string | undefined =>
  headerOf(headers, 'request-id') ?? headerOf(headers, 'x-request-id');

/** The provider's id of the request under the client's name of it, and what was dropped. */
function notes(reply: Reply, { from, translated }: Translation): readonly string[] {
  const id = requestIdOf(reply);
  const named = id === undefined ? [] : [requestIdHeaders[apis[from.api].family], id];
  return [...named, ...droppedHeader(translated.dropped)];
}

const retryNames = ['retry-after', 'retry-after-ms', 'x-should-retry'] as const;

const retryHeaders = ({ head: { headers } }: Reply): readonly string[] =>
  retryNames.flatMap((name) => {
    const value = headerOf(headers, name);
    return value === undefined ? [] : [name, value];
  });

/** Characters of the header at most. */
export const maxDroppedLength = 1000;

/** `x-modicum-dropped: top_k, field:container` */
export function droppedHeader(dropped: readonly Dropped[]): readonly string[] {
  if (dropped.length === 0) return [];
  const names = [...new Set(dropped.map(({ what }) => what.replaceAll(/[^\x21-\x2b\x2d-\x7e]/g, '?')))];
  const kept: string[] = [];
  let length = 0;
  for (const name of names) {
    length += name.length + 2;
    if (length > maxDroppedLength) break;
    kept.push(name);
  }
  return ['x-modicum-dropped', kept.length < names.length ? [...kept, '...'].join(', ') : kept.join(', ')];
}
