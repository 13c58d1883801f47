import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../../core/errors.ts';
import type { Bytes } from '../../core/json.ts';

/** Largest body the admin API reads. */
export const maxAdminBodyBytes = 1 << 20;

/**
 * The JSON of a request; `undefined` where there is no body. Only `application/json` is read: a form of another site cannot send that.
 * @throws {GatewayError} `body_too_large`, `invalid_request`
 */
export async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Bytes[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Bytes>) {
    size += chunk.length;
    if (size > maxAdminBodyBytes)
      throw new GatewayError('body_too_large', `the admin API takes bodies of at most ${maxAdminBodyBytes} bytes`);
    chunks.push(chunk);
  }
  if (size === 0) return undefined;
  if (!/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? ''))
    throw new GatewayError('invalid_request', 'the admin API reads JSON only', {
      param: 'content-type',
      fix: 'send "content-type: application/json"',
    });
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch (cause) {
    throw new GatewayError('invalid_request', 'the body is not valid JSON', { cause, param: 'body' });
  }
}
