import type { ApiId } from '../core/api.ts';
import type { PartTokens } from '../core/record.ts';
import { outline } from '../core/scan.ts';
import { splitParts } from './parts.ts';

/** The split of a body, given as a value or as JSON. */
export function split(api: ApiId, body: unknown, total = 1000): PartTokens {
  const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
  return splitParts(api, { body: bytes, outline: outline(bytes) }, total);
}
export const sum = (parts: PartTokens): number => Object.values(parts).reduce((left, right) => left + right, 0);

/** 40 words of prose that begin with `start`. */
export const prose = (start: string): string => `${start} ${'the harbour was quiet and the boats lay close to the wall '.repeat(4)}`.trim();
export const base64 = (bytes: number): string =>
  Buffer.from(Uint8Array.from({ length: bytes }, (_, at) => (at * 7919 + (at >> 3) * 104_729) & 255)).toString('base64');
export const tool = {
  name: 'search',
  description: prose('Finds'),
  parameters: { type: 'object', properties: { query: { type: 'string' } } },
};
export const schema = {
  type: 'object',
  properties: Object.fromEntries(Array.from({ length: 20 }, (_, at) => [`field${at}`, { type: 'string' }])),
};
