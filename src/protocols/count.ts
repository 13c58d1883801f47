import type { Bytes } from '../core/json.ts';

/** No count is larger: sums of all buckets stay exact. */
export const maxCount = 2 ** 40;

/**
 * A count as providers write them: a number, or digits in a string. `undefined`: absent, `null`, or not a count at all.
 * What had to be bent is told in `flags`.
 */
export function count(value: unknown, flags: Set<string>): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = numberOf(value);
  if (Number.isNaN(number) || number < 0) {
    flags.add('count_unreadable');
    return undefined;
  }
  if (number > maxCount) flags.add('count_clamped');
  if (number % 1 !== 0 && number !== Infinity) flags.add('count_fractional');
  return Math.min(Math.round(number), maxCount);
}

function numberOf(value: unknown): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' && /^\s*\d+(?:\.\d+)?\s*$/.test(value) ? Number(value) : NaN;
}

/** Looks into an object that may not be one. */
export function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

export const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);

/** Elements of a list that may not be one. */
export const list = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

/** The value of a JSON text, or `undefined` when it is none. */
export const parsed = (json: Bytes | undefined): unknown => parsedText(json?.toString('utf8'));

/** The same of a string. */
export function parsedText(json: string | undefined): unknown {
  if (!json) return undefined;
  try {
    return JSON.parse(json) as unknown;
  } catch {
    return undefined;
  }
}

/** A value as JSON text; nothing for an absent one, or one nested too deeply to write. */
export function jsonText(value: unknown): readonly string[] {
  if (value === undefined || value === null) return [];
  try {
    return [JSON.stringify(value)];
  } catch {
    return [];
  }
}

/** Those values that are strings with something in them. */
export const strings = (...values: readonly unknown[]): readonly string[] => values.map(text).filter((value) => value !== undefined);
