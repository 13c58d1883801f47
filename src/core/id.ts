import { hash } from 'node:crypto';

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');

// Random once a process, plus a counter within the millisecond: unique across processes, ordered within one.
const origin = crypto.getRandomValues(new Uint16Array(4));
const tail = `${hex(0x8000 | (origin[0]! & 0x3fff), 4)}-${hex(origin[1]!, 4)}${hex(origin[2]!, 4)}`;
let lastMs = 0;
let counter = 0;
let prefix = '';

/** A UUID of version 7: sorts by time, and within one process by order of making. */
export function newId(nowMs: number): string {
  const ms = Math.max(nowMs, lastMs); // a clock set back must not break the order
  counter = ms === lastMs ? counter + 1 : 0;
  if (ms !== lastMs || prefix === '') {
    lastMs = ms;
    const time = hex(ms, 12);
    prefix = `${time.slice(0, 8)}-${time.slice(8)}-7`;
  }
  // 12 + 16 bits of counter: 268 million ids a millisecond.
  return `${prefix}${hex(counter >>> 16, 3)}-${tail}${hex(counter & 0xffff, 4)}`;
}

/** The same UUID for the same words, of version 8: for what must be recorded once however often it is seen. It does not sort by time. */
export function stableId(...words: readonly string[]): string {
  const digest = hash('sha256', JSON.stringify(words), 'hex');
  const variant = hex(0x8 | (parseInt(digest[15]!, 16) & 0x3), 1);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(12, 15)}-${variant}${digest.slice(16, 19)}-${digest.slice(19, 31)}`;
}
