import type { Scope } from '../../core/pipeline.ts';
import { headerOf, Reply } from '../../core/reply.ts';
import { parsed } from '../../protocols/count.ts';
import { collected } from '../translate/collect.ts';
import { flowOf } from '../translate/reply-parts.ts';
import { maxErrorBytes } from '../translate/reply.ts';
import { eventStreamType, frameReader, unframed } from './event-stream.ts';
import type { CloudErrors, Hosted } from './hosting.ts';

/** A cloud's reply as the vendor of its API would have sent it. */
export async function vendorsReply(reply: Reply, { errors, events }: Hosted, scope: Scope): Promise<Reply> {
  const { status, headers } = reply.head;
  if (status >= 400) return errors ? vendorsError(reply, errors, scope) : reply;
  if (!events || !headerOf(headers, 'content-type')?.startsWith(eventStreamType)) return reply;
  const head = { status, headers: withoutBody(headers, ['content-type', 'text/event-stream', 'cache-control', 'no-cache']) };
  return new Reply(reply.servedBy, head, unframed(reply.bytes, await frameReader(), events));
}

const ofBody = /^(?:content-|cache-control$|x-amzn-bedrock-content-type$)/i;

/** Headers with those of another body, each name once. */
function withoutBody(raw: readonly string[], more: readonly string[]): readonly string[] {
  const kept = raw.filter((_, at) => {
    const name = raw[at - (at % 2)]!;
    return !ofBody.test(name) && headerOf(more, name.toLowerCase()) === undefined;
  });
  return [...kept, ...more];
}

/** The cloud has a shape of its own for what it refuses itself; what the model's vendor said stays as it is. */
async function vendorsError(reply: Reply, { from, to, isOwn }: CloudErrors, scope: Scope): Promise<Reply> {
  const { status, headers } = reply.head;
  const body = await collected(reply, scope, maxErrorBytes);
  if (isOwn(parsed(body))) return new Reply(reply.servedBy, reply.head, flowOf(body));
  const encoded = to.encodeError(from.decodeError(status, body), scope.requestId);
  return new Reply(reply.servedBy, { status, headers: withoutBody(headers, encoded.headers) }, flowOf(encoded.body));
}
