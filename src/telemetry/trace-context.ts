import { hash } from 'node:crypto';

/** W3C trace context, as far as it is read here. Ids are lower-case hex. */
export interface TraceParent {
  readonly traceId: string;
  /** Span id of whoever called. */
  readonly parentId: string;
  readonly isSampled: boolean;
}

const form = /^(?!ff)[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;

/** `undefined` for what is no valid `traceparent` (W3C Trace Context, level 2). */
export function parseTraceparent(header: string | undefined): TraceParent | undefined {
  const parts = header === undefined ? null : form.exec(header);
  return parts ? { traceId: parts[1]!, parentId: parts[2]!, isSampled: (parseInt(parts[3]!, 16) & 1) === 1 } : undefined;
}

/**
 * Span ids follow from the request's id, so that what is sent upstream and what is exported later agree without anything being kept.
 * Two mixes of 32 bits (multiply and rotate, as in MurmurHash3): a call needs several, and a digest of `node:crypto` costs a microsecond.
 */
export function spanIdOf(requestId: string, attempt = 0): string {
  let high = 0x9e3779b9 ^ attempt;
  let low = 0x85ebca6b + attempt;
  for (let at = 0; at < requestId.length; at += 1) {
    const code = requestId.charCodeAt(at);
    high = rotated(Math.imul(high ^ code, 0xcc9e2d51), 15);
    low = rotated(Math.imul(low ^ code, 0x1b873593), 13);
  }
  return hex32(finished(high ^ (low >>> 5))) + hex32(finished(low ^ (high >>> 7)) || 1); // all zeros is no id
}

const rotated = (bits: number, by: number): number => (bits << by) | (bits >>> (32 - by));

function finished(bits: number): number {
  const once = Math.imul(bits ^ (bits >>> 16), 0x85ebca6b);
  const twice = Math.imul(once ^ (once >>> 13), 0xc2b2ae35);
  return (twice ^ (twice >>> 16)) >>> 0;
}

const hexBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));
/** By bytes: numbers of 32 bits are printed slowly. */
const hex32 = (bits: number): string =>
  hexBytes[bits >>> 24]! + hexBytes[(bits >>> 16) & 0xff]! + hexBytes[(bits >>> 8) & 0xff]! + hexBytes[bits & 0xff]!;

/** Trace id of a call that came without one. */
export const ownTraceId = (requestId: string): string =>
  requestId.length === 36 ? requestId.replaceAll('-', '') : hash('sha256', requestId, 'hex').slice(0, 32);
