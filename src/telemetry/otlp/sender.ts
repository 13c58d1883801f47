import { setTimeout as sleep } from 'node:timers/promises';

export interface Payload {
  readonly contentType: string;
  readonly body: Uint8Array | string;
}

/** `sent`: taken. `refused`: it will not be taken, however often it is sent. */
export type Sent = { readonly end: 'sent'; readonly rejected: number } | { readonly end: 'refused'; readonly reason: string };

export interface SenderOptions {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  /** Attempts in all. */
  readonly maxAttempts: number;
  /** Wait before the second attempt; it doubles with each, and half of it is random. */
  readonly backoffMs: number;
  readonly fetch?: typeof fetch;
}

/** Codes after which OTLP says to try again. */
const again: ReadonlySet<number> = new Set([429, 502, 503, 504]);
const maxWaitMs = 30_000;

/** Sends one payload by OTLP/HTTP, again where it may help. Never rejects. `stop` ends the waiting, not the attempt. */
export async function sendPayload(payload: Payload, options: SenderOptions, stop: AbortSignal): Promise<Sent> {
  let reason = '';
  for (let attempt = 1; attempt <= options.maxAttempts; attempt += 1) {
    const answer = await once(payload, options);
    if ('end' in answer) return answer;
    reason = answer.reason;
    if (attempt < options.maxAttempts && !(await waited(answer.waitMs ?? backoff(options.backoffMs, attempt), stop))) break;
  }
  return { end: 'refused', reason };
}

const backoff = (firstMs: number, attempt: number): number => firstMs * 2 ** (attempt - 1) * (0.5 + Math.random() / 2);

async function waited(ms: number, stop: AbortSignal): Promise<boolean> {
  return sleep(Math.min(ms, maxWaitMs), true, { signal: stop, ref: false }).catch(() => false);
}

interface Again {
  readonly reason: string;
  readonly waitMs?: number;
}

async function once({ contentType, body }: Payload, { url, headers, timeoutMs, fetch: ask = fetch }: SenderOptions): Promise<Sent | Again> {
  try {
    const response = await ask(url, {
      method: 'POST',
      headers: { ...headers, 'content-type': contentType },
      body: body as NonNullable<RequestInit['body']>,
      redirect: 'error', // the headers may hold a credential
      signal: AbortSignal.timeout(timeoutMs),
    });
    const text = await response.text();
    if (response.ok) return { end: 'sent', rejected: rejectedIn(response, text) };
    const reason = `the receiver answers ${response.status}`;
    if (!again.has(response.status)) return { end: 'refused', reason };
    const seconds = Number(response.headers.get('retry-after') ?? NaN);
    return { reason, ...(seconds >= 0 && { waitMs: seconds * 1000 }) };
  } catch (error) {
    const { cause, message } = error as Error;
    return { reason: `no answer of the receiver: ${cause instanceof Error ? cause.message : message}` };
  }
}

/** What a receiver that answers in JSON says it did not take; in protobuf it is not read. */
function rejectedIn(response: Response, text: string): number {
  if (!response.headers.get('content-type')?.includes('json') || !text.includes('rejectedSpans')) return 0;
  try {
    return Number((JSON.parse(text) as { partialSuccess?: { rejectedSpans?: string } }).partialSuccess?.rejectedSpans ?? 0) || 0;
  } catch {
    return 0;
  }
}
