import { headerOf } from './reply.ts';

/** Whole seconds, with a fraction where a proxy sends one. */
const seconds = /^\d+(\.\d+)?$/;

/**
 * How long the provider asks to wait, ms; `undefined`: it does not say. `retry-after-ms` is OpenAI's and Azure's, exact where `retry-after`
 * is rounded up; the latter may also be a date (RFC 9110 10.2.3). `nowMs`: epoch ms.
 */
export function retryAfterMs(headers: readonly string[], nowMs: number): number | undefined {
  const exact = headerOf(headers, 'retry-after-ms');
  if (exact !== undefined && seconds.test(exact)) return Number(exact);
  const text = headerOf(headers, 'retry-after')?.trim();
  if (text === undefined) return undefined;
  if (seconds.test(text)) return Number(text) * 1000;
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}
