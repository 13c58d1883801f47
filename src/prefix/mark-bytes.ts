import type { Bytes } from '../core/json.ts';

const comma = 44;
const space = 32;
/** By this a mark is looked for: it begins with a byte that is rare in JSON. */
const markEnd = Buffer.from('_control"');
const markStart = Buffer.from('"cache');
/** A mark is no longer than this. */
const maxMarkBytes = 100;

/** The JSON without marks for the cache: those wander, and say nothing. Only for comparison. */
export function withoutMarkBytes(json: Bytes): Bytes {
  const pieces: Bytes[] = [];
  let from = 0;
  for (let end = json.indexOf(markEnd); end >= 0; end = json.indexOf(markEnd, end + 1)) {
    const mark = markAt(json, end - markStart.length, end + markEnd.length);
    if (!mark) continue;
    pieces.push(json.subarray(from, mark.from));
    from = mark.to;
  }
  return pieces.length === 0 ? json : Buffer.concat([...pieces, json.subarray(from)]);
}

/** From the comma before it, or to the one behind it. */
function markAt(json: Bytes, keyFrom: number, keyTo: number): { readonly from: number; readonly to: number } | undefined {
  const to = json.indexOf('}', keyTo) + 1;
  if (keyFrom < 1 || to === 0 || to - keyFrom > maxMarkBytes) return undefined;
  if (json.compare(markStart, 0, markStart.length, keyFrom, keyFrom + markStart.length) !== 0) return undefined;
  if (!/^\s*:\s*\{/.test(json.toString('latin1', keyTo, to))) return undefined;
  let from = keyFrom - 1;
  while (json[from] === space) from -= 1;
  if (json[from] === comma) return { from, to };
  return { from: keyFrom, to: json[to] === comma ? to + 1 : to };
}
