import { Body } from '../../../core/body.ts';
import { parse, type Bytes, type Json } from '../../../core/json.ts';
import type { Scope } from '../../../core/pipeline.ts';
import { headerOf, type Reply } from '../../../core/reply.ts';
import { GatewayError } from '../../../core/errors.ts';
import { headersThere } from '../../translate/crossed.ts';
import { maxErrorBytes } from '../../translate/reply.ts';
import { collected } from '../../translate/collect.ts';
import type { RawRequest } from '../../dispatch.ts';
import type { Asked, Asking } from './batch.ts';

/** Bytes of a description of a batch or a file at most. */
const maxAnswerBytes = 4 << 20;

/** The provider refused what was asked of it. */
export class ProviderRefusal extends Error {
  override readonly name = 'ProviderRefusal';
  readonly reply: Reply;
  readonly body: Bytes;

  constructor(reply: Reply, body: Bytes) {
    super(`the provider answered with status ${reply.head.status}`);
    this.reply = reply;
    this.body = body;
  }
}

/** Asks one provider in the client's place: with the gateway's credential, never with that of another vendor. */
export function askingOf(
  send: (request: RawRequest, scope: Scope) => Promise<Reply>,
  client: Scope,
  always: readonly string[] = [],
): Asking {
  const scope: Scope = { ...client, credentials: [] };
  const ask = async ({ method, path, body, contentType }: Asked): Promise<Reply> => {
    const headers = [...headersThere(client.headers, contentType), ...always];
    const request = { path, method, body: body ? new Body([body]) : null, contentEncoding: undefined };
    const reply = await send(request, { ...scope, target: path, method, headers });
    if (reply.head.status >= 400) throw new ProviderRefusal(reply, await collected(reply, client, maxErrorBytes));
    if ((headerOf(reply.head.headers, 'content-encoding') ?? 'identity') !== 'identity')
      throw new GatewayError('provider_error', 'the provider compressed its reply, which was not asked for');
    return reply;
  };
  return {
    reply: ask,
    async json(asked) {
      const body = await collected(await ask(asked), client, maxAnswerBytes);
      try {
        return parse<Json>(body);
      } catch (cause) {
        throw new GatewayError('provider_error', 'the provider answered with what is not JSON', { cause });
      }
    },
  };
}
