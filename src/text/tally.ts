import type { Bytes } from '../core/json.ts';
import { promptParts } from '../core/record.ts';
import { estimateTokens, isBase64 } from './density.ts';

/** Index of each part in a tally. */
export const Part = { System: 0, Tools: 1, History: 2, Retrieved: 3, ToolResults: 4, Media: 5, User: 6 } as const;
export const partCount = promptParts.length;

/** Bytes looked at in one place. */
const windowBytes = 40;
/**
 * How far apart windows are: near each other where the text of a part begins, so that small parts are seen well, then up to a share of the body.
 * Of a small body a third is read.
 */
const nearestBytes = 320;
const nearestShare = 1 / 32;
const widestShare = 1 / 10;

// One scratch for all splits: a split runs to its end in one go. Rows: bytes of text; offset of the next window; tokens
// estimated up to there; tokens a byte in the last window; tokens known otherwise.
const cells = new Float64Array(5 * partCount);
const NEXT = partCount;
const TOKENS = 2 * partCount;
const LAST = 3 * partCount;
const KNOWN = 4 * partCount;
let nearest = 0;
let widest = 0;

/** Begins a tally for a body of that size. */
export function begin(bodyBytes: number): void {
  cells.fill(0);
  nearest = Math.min(nearestBytes, Math.max(3 * windowBytes, bodyBytes * nearestShare));
  widest = Math.max(nearest, bodyBytes * widestShare);
}

/** Counts tokens that need no sample. Returns the part. */
export function addKnown(part: number, tokens: number): number {
  cells[KNOWN + part]! += tokens;
  return part;
}

/**
 * Counts the text `[from, to)` for a part. Only windows of it are read, at set distances over all text of the part, each standing for the text up to the next.
 * Returns whether base64 was met: it is not text, and counts as nothing.
 */
export function addText(part: number, json: Bytes, from: number, to: number): boolean {
  if (to <= from) return false;
  const before = cells[part]!;
  const after = (cells[part] = before + to - from);
  let found = false;
  for (let next = cells[NEXT + part]!; next < after; next = cells[NEXT + part]!) {
    const at = from + Math.floor(next - before);
    const end = Math.min(to, at + windowBytes);
    const isText = !isBase64(json, at, end);
    const density = isText ? estimateTokens(json, at, end) / (end - at) : 0;
    const gap = Math.min(widest, Math.max(nearest, next / 2));
    cells[NEXT + part] = next + gap;
    cells[TOKENS + part]! += density * gap;
    cells[LAST + part] = density;
    found ||= !isText;
  }
  return found;
}

/** About how many tokens a part has. */
export function tokensOf(part: number): number {
  const beyond = cells[NEXT + part]! - cells[part]!; // the last window stood for more text than there was
  return cells[KNOWN + part]! + cells[TOKENS + part]! - cells[LAST + part]! * beyond;
}
