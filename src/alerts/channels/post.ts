import { DeliveryError } from './channel.ts';

export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly signal: AbortSignal;
}

/** Statuses upon which it is tried again. */
const passing: ReadonlySet<number> = new Set([408, 425, 429]);

/** Sends JSON. Redirects are not followed: a signed message is for the address that is configured. @throws {DeliveryError} */
export async function post({ url, headers, body, signal }: Post): Promise<void> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'user-agent': 'modicum', ...headers },
    body,
    signal,
    redirect: 'manual',
  }).catch((cause: unknown) => {
    throw new DeliveryError(signal.aborted ? 'no answer in time' : `no connection: ${codeOf(cause)}`, { cause });
  });
  await response.body?.cancel();
  if (response.ok) return;
  throw new DeliveryError(`answered with status ${response.status}`, { isFinal: response.status < 500 && !passing.has(response.status) });
}

/** Why, without the address, which may hold a secret. */
function codeOf(error: unknown): string {
  const { cause } = error as { readonly cause?: { readonly code?: unknown } };
  return typeof cause?.code === 'string' ? cause.code : 'it failed';
}
