import { createHmac } from 'node:crypto';
import type { Channel } from './channel.ts';
import { post } from './post.ts';

export interface WebhookOptions {
  readonly name: string;
  readonly url: string;
  /** Signs messages; left out, they are not signed. */
  readonly secret?: string | undefined;
  readonly headers: Readonly<Record<string, string>>;
  /** Epoch ms. */
  readonly now: () => number;
}

/** `sha256=` and the HMAC of the timestamp in seconds, a dot, and the body, in hex: what `x-modicum-signature` must be. */
export const signatureOf = (secret: string, timestamp: string, body: string): string =>
  `sha256=${createHmac('sha256', secret).update(`${timestamp}.${body}`).digest('hex')}`;

/** POSTs messages as JSON. */
export const webhook = ({ name, url, secret, headers, now }: WebhookOptions): Channel => ({
  name,
  type: 'webhook',
  send: (message, signal) => {
    const body = JSON.stringify(message);
    const timestamp = String(Math.floor(now() / 1000));
    return post({
      url,
      body,
      signal,
      headers: {
        ...headers,
        'x-modicum-timestamp': timestamp,
        ...(secret !== undefined && { 'x-modicum-signature': signatureOf(secret, timestamp, body) }),
      },
    });
  },
});
