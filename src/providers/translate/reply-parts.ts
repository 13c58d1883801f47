import { apis, type ApiId, type Family } from '../../core/api.ts';
import type { Dropped } from '../../core/canonical/feature.ts';
import type { ReplyError } from '../../core/canonical/reply-error.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Flow } from '../../core/flow.ts';
import type { Bytes } from '../../core/json.ts';
import { headerOf, Reply } from '../../core/reply.ts';
import type { EncodedError } from '../../protocols/errors.ts';

export interface Failing {
  readonly encodeError: (error: ReplyError, requestId: string) => EncodedError;
  /** Where the provider gives no id of its own. */
  readonly requestId: string;
  readonly dropped: readonly Dropped[];
}

/** An error in the client's API in the place of a reply. */
export function failedReply(reply: Reply, { encodeError, requestId, dropped }: Failing, error: ReplyError): Reply {
  const { status, headers, body } = encodeError(error, requestIdOf(reply) ?? requestId);
  return new Reply(reply.servedBy, { status, headers: [...headers, ...retryHeaders(reply), ...droppedHeader(dropped)] }, flowOf(body));
}

/** A reply that cannot be read is broken off. @throws {GatewayError} `provider_error` when it is compressed */
export function mustBePlain(reply: Reply): void {
  if ((headerOf(reply.head.headers, 'content-encoding') ?? 'identity') === 'identity') return;
  const error = new GatewayError('provider_error', 'the provider compressed its reply, which was not asked for');
  reply.bytes.to({ open: (valve) => valve.abort(error), write: () => {}, end: () => {} });
  throw error;
}

/** Bytes that are there already. */
export const flowOf = (bytes: Bytes): Flow => ({
  to(sink) {
    sink.open({ pause: () => {}, resume: () => {}, abort: () => {} });
    if (bytes.length > 0) sink.write(bytes);
    sink.end();
  },
});

const requestIdHeaders: Readonly<Record<Family, string>> = {
  openai: 'x-request-id',
  anthropic: 'request-id',
  google: 'x-request-id',
  bedrock: 'x-amzn-requestid',
};

const requestIdOf = ({ head: { headers } }: Reply): string | undefined =>
  headerOf(headers, 'request-id') ?? headerOf(headers, 'x-request-id') ?? headerOf(headers, 'x-amzn-requestid');

/** The provider's id of the request under the client's name of it, and what was dropped: raw headers. */
export function notes(reply: Reply, clientApi: ApiId, dropped: readonly Dropped[]): readonly string[] {
  const id = requestIdOf(reply);
  const named = id === undefined ? [] : [requestIdHeaders[apis[clientApi].family], id];
  return [...named, ...droppedHeader(dropped)];
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
export function droppedHeader(dropped: readonly { readonly what: string }[]): readonly string[] {
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
