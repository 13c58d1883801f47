import { GatewayError } from '../../../core/errors.ts';

const floatBytes = 4;

/** Numbers as the base64 of 32-bit floats, little-endian: numbers that came from such floats give the same bytes. @throws {GatewayError} `provider_error` for what no such float can hold */
export function base64Of(vector: readonly number[]): string {
  const bytes = Buffer.allocUnsafe(vector.length * floatBytes);
  for (const [at, value] of vector.entries()) {
    if (!Number.isFinite(Math.fround(value))) throw unreadable('a number that is no 32-bit float');
    bytes.writeFloatLE(value, at * floatBytes);
  }
  return bytes.toString('base64');
}

/** A vector as a provider writes it: a list of numbers, or base64. @throws {GatewayError} `provider_error` when it is neither */
export function vectorOf(value: unknown): readonly number[] {
  if (typeof value === 'string') return floatsOf(value);
  if (Array.isArray(value) && value.every((element) => Number.isFinite(element))) return value as readonly number[];
  throw unreadable('an embedding that is no list of numbers');
}

function floatsOf(base64: string): readonly number[] {
  const bytes = Buffer.from(base64, 'base64');
  if (bytes.length % floatBytes !== 0) throw unreadable('an embedding that is no base64 of 32-bit floats');
  const vector = Array.from({ length: bytes.length / floatBytes }, (_, at) => bytes.readFloatLE(at * floatBytes));
  if (!vector.every(Number.isFinite)) throw unreadable('an embedding with a number that JSON cannot hold');
  return vector;
}

export const unreadable = (what: string): GatewayError => new GatewayError('provider_error', `the provider sent ${what}`);
