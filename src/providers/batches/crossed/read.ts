import { GatewayError } from '../../../core/errors.ts';
import type { Json } from '../../../core/json.ts';
import { field, text } from '../../../protocols/count.ts';

/** A text without which nothing can be done. @throws {GatewayError} `provider_error` */
export function required(value: Json, key: string): string {
  const found = text(field(value, key));
  if (found === undefined) throw new GatewayError('provider_error', `the provider answered without ${key}`);
  return found;
}

/** A count; 0 where there is none. */
export function whole(value: unknown, key: string): number {
  const found = field(value, key);
  return typeof found === 'number' && found > 0 ? Math.floor(found) : 0;
}

/** Of seconds since 1970, or of a date as text. */
export function epochMs(value: unknown): number | undefined {
  const ms = typeof value === 'number' ? value * 1000 : Date.parse(text(value) ?? '');
  return Number.isFinite(ms) && ms > 0 ? ms : undefined;
}
