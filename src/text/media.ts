import type { Family } from '../core/api.ts';
import type { Bytes } from '../core/json.ts';

/** What a block of media is known to be, from a few bytes at its ends. */
type MediaKind = 'image' | 'audio' | 'video' | 'document';

/** Bytes looked at from the start and from the end of a block. */
const headBytes = 192;
const tailBytes = 64;

const kinds: readonly (readonly [RegExp, MediaKind])[] = [
  [/audio/i, 'audio'],
  [/video/i, 'video'],
  [/application\/pdf|"document"|"(?:input_)?file"/, 'document'],
];

/** An image of which nothing is known: a URL, a file's id. */
const typicalSide = 1024;
/** No vendor takes larger ones: a header may claim anything. */
const maxSide = 16_384;
/** Pixels a byte of a JPEG or WebP file stands for, about. */
const pixelsPerByte = 5;
/** Bytes a second of compressed speech and of video take, about (128 kbit/s, 1 Mbit/s). */
const audioBytesPerSecond = 16_000;
const videoBytesPerSecond = 125_000;
/** A page of a PDF: its bytes, and its text together with its picture as tokens. */
const pageBytes = 50_000;
const pageTokens = 2_000;

interface Size {
  readonly width: number;
  readonly height: number;
}

/**
 * About how many tokens a block of media `[from, to)` costs, by the vendor's formula (section 8 of the metering notes), never by the length of its base64.
 * The size comes from a PNG's header, else from the number of bytes; what is only named by a URL or an id counts as one typical piece.
 */
export function mediaTokens(family: Family, json: Bytes, from: number, to: number): number {
  const head = json.toString('latin1', from, Math.min(to, from + headBytes));
  const tail = json.toString('latin1', Math.max(from, to - tailBytes), to);
  const kind = kinds.find(([pattern]) => pattern.test(head) || pattern.test(tail))?.[1] ?? 'image';
  const bytes = to - from > headBytes + tailBytes ? (to - from) * 0.75 : undefined;
  if (kind === 'image') return imageTokens(family, sizeOf(head, bytes), /"low"/.test(tail) || /"detail": ?"low"/.test(head));
  if (kind === 'document') return pageTokens * Math.max(1, (bytes ?? 0) / pageBytes);
  const [bytesPerSecond, tokensPerSecond] =
    kind === 'audio' ? [audioBytesPerSecond, family === 'google' ? 32 : 10] : [videoBytesPerSecond, 263];
  return tokensPerSecond * Math.max(1, (bytes ?? bytesPerSecond * 10) / bytesPerSecond);
}

/** Base64 of a PNG up to its width and height, which stand at fixed places. */
const png = /iVBORw0KGgo[A-Za-z0-9+/]{21}/;

function sizeOf(head: string, bytes: number | undefined): Size {
  const header = png.exec(head);
  if (header) {
    const decoded = Buffer.from(header[0], 'base64');
    return { width: Math.min(maxSide, decoded.readUInt32BE(16)), height: Math.min(maxSide, decoded.readUInt32BE(20)) };
  }
  const side = bytes === undefined ? typicalSide : Math.sqrt(bytes * pixelsPerByte);
  return { width: side, height: side };
}

/** Tokens of one image: OpenAI's tiles, Anthropic's patches, Gemini's tiles. */
export function imageTokens(family: Family, { width, height }: Size, lowDetail = false): number {
  if (family === 'anthropic') return anthropicImage(width, height);
  if (family === 'google') return width <= 384 && height <= 384 ? 258 : 258 * tiles(width, height, 768);
  return lowDetail ? 85 : openaiImage(width, height);
}

function anthropicImage(width: number, height: number): number {
  const scale = Math.min(1, 1568 / Math.max(width, height, 1));
  return Math.min(1568, Math.max(1, tiles(width * scale, height * scale, 28)));
}

function openaiImage(width: number, height: number): number {
  const fitted = Math.min(1, 2048 / Math.max(width, height, 1));
  const scale = Math.min(fitted, 768 / Math.max(1, Math.min(width, height)));
  return 85 + 170 * tiles(width * scale, height * scale, 512);
}

const tiles = (width: number, height: number, side: number): number =>
  Math.max(1, Math.ceil(width / side)) * Math.max(1, Math.ceil(height / side));

/** An image found by the looks of its bytes alone. */
export const typicalImage: Size = { width: typicalSide, height: typicalSide };
