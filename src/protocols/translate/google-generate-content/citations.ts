import type { Citation } from '../../../core/canonical/part.ts';
import type { Json, JsonObject } from '../../../core/json.ts';
import { compact } from '../fields.ts';
import { field, list, text } from '../../count.ts';

const number = (value: unknown): number | undefined => (typeof value === 'number' ? value : undefined);

/** Sources in a candidate's `groundingMetadata` and `citationMetadata`. `said`: the text so far, when it is known: Google counts its bytes. */
export function decodeCitations(candidate: unknown, said: string | undefined): readonly Citation[] {
  return [...grounded(field(candidate, 'groundingMetadata'), said), ...recited(field(candidate, 'citationMetadata'), said)];
}

/** Each stretch of text with each of its sources; a source no text names is one for all. */
function grounded(metadata: unknown, said: string | undefined): readonly Citation[] {
  const chunks = list(field(metadata, 'groundingChunks'));
  const used = new Set<number>();
  const named = list(field(metadata, 'groundingSupports')).flatMap((support) => {
    const span = spanOf(field(support, 'segment'), said);
    return list(field(support, 'groundingChunkIndices')).flatMap((index) => {
      if (typeof index !== 'number' || chunks[index] === undefined) return [];
      used.add(index);
      return [{ ...sourceOf(chunks[index]), ...span }];
    });
  });
  return [...named, ...chunks.flatMap((chunk, index) => (used.has(index) ? [] : [sourceOf(chunk)]))];
}

function sourceOf(chunk: unknown): Citation {
  const source = field(chunk, 'web') ?? field(chunk, 'retrievedContext') ?? field(chunk, 'maps');
  return compact({ url: text(field(source, 'uri')), title: text(field(source, 'title')), quote: text(field(source, 'text')) });
}

const recited = (metadata: unknown, said: string | undefined): readonly Citation[] =>
  list(field(metadata, 'citations') ?? field(metadata, 'citationSources')).map((citation) =>
    compact({ url: text(field(citation, 'uri')), title: text(field(citation, 'title')), ...spanOf(citation, said) }),
  );

/** Bytes to UTF-16 code units. Protocol buffers leave a start of 0 out. */
function spanOf(segment: unknown, said: string | undefined): { readonly from?: number; readonly to?: number } {
  const end = number(field(segment, 'endIndex'));
  if (end === undefined || said === undefined) return {};
  const bytes = Buffer.from(said);
  const units = (at: number): number => bytes.toString('utf8', 0, at).length;
  return { from: units(number(field(segment, 'startIndex')) ?? 0), to: units(end) };
}

/** A citation and where its part begins in the text of its candidate. */
export interface PlacedCitation {
  readonly citation: Citation;
  readonly offset: number;
}

/** `groundingMetadata`; `undefined` when there is nothing to tell. `said`: the candidate's text, when it is known. */
export function encodeCitations(citations: readonly PlacedCitation[], said: string | undefined): JsonObject | undefined {
  const places = new Map<string, number>();
  const chunks: Json[] = [];
  const supports: Json[] = [];
  for (const { citation, offset } of citations) {
    const { url, title, from, to } = citation;
    if (url === undefined && title === undefined) continue;
    const key = `${url} ${title}`;
    if (!places.has(key)) {
      places.set(key, chunks.length);
      chunks.push({ web: { uri: url, title: title ?? url } });
    }
    if (from === undefined || to === undefined || said === undefined) continue;
    supports.push({ segment: segmentOf(said, offset + from, offset + to), groundingChunkIndices: [places.get(key)!] });
  }
  return chunks.length === 0 ? undefined : { groundingChunks: chunks, ...(supports.length > 0 && { groundingSupports: supports }) };
}

function segmentOf(said: string, from: number, to: number): JsonObject {
  const bytes = (at: number): number => Buffer.byteLength(said.slice(0, at));
  return { startIndex: bytes(from), endIndex: bytes(to), text: said.slice(from, to) };
}
