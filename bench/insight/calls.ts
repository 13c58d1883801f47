import { Pool } from 'undici';
import type { Call } from '../translation.ts';
import type { Gateway } from '../translation/gateway.ts';
import { lastWords, paths } from '../translation/pairs.ts';

/** Calls in one slice, before the first of them, side by side, and in a second of an even pace. */
export const pace = { sliceCalls: 400, warmCalls: 3000, connections: 16, callsPerSecond: 500 } as const;

/** Calls each of which belongs to a trace of its own. `more`: what else differs from call to call, by their number. */
export function tracedCall({ url }: Gateway, bodyOf: () => string, more: Readonly<Record<string, (number: number) => string>> = {}): Call {
  let number = 0;
  const headers: Record<string, string> = {};
  const get = (name: string, value: () => string): unknown => Object.defineProperty(headers, name, { enumerable: true, get: value });
  get('traceparent', () => `00-4bf92f3577b34da6${String(++number).padStart(16, '0')}-00f067aa0ba902b7-01`);
  for (const [name, value] of Object.entries(more)) get(name, () => value(number));
  const { connections } = pace;
  return { pool: new Pool(url, { connections }), path: paths['chat'], bodyOf, lastWord: lastWords['chat'].whole, headers };
}
