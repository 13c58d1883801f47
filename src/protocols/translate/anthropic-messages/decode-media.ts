import type { MediaSource } from '../../../core/canonical/media.ts';
import type { FilePart, ImagePart } from '../../../core/canonical/part.ts';
import { compact, type Fields } from '../fields.ts';
import { markOf } from './cache-mark.ts';

export const imageOf = (block: Fields): ImagePart =>
  compact({ type: 'image' as const, source: sourceOf(sourceFields(block)), cache: markOf(block) });

function sourceFields(block: Fields): Fields {
  const source = block.object('source');
  if (!source) throw block.wrong('source', 'given');
  return source;
}

function sourceOf(source: Fields): MediaSource {
  const type = source.required('type');
  if (type === 'base64') return { kind: 'data', mediaType: source.required('media_type'), data: source.required('data') };
  if (type === 'url') return { kind: 'url', url: source.required('url') };
  if (type === 'file') return { kind: 'file', id: source.required('file_id') };
  if (type !== 'text') throw source.wrong('type', 'base64, url, text, file or content');
  source.any('media_type'); // text/plain
  return { kind: 'text', text: source.required('data') };
}

/** A document; where it was given in pieces, its texts are one, and its images stand behind it. */
export function fileOf(block: Fields): readonly (FilePart | ImagePart)[] {
  const source = sourceFields(block);
  const beside = {
    name: block.text('title'),
    context: block.text('context'),
    citations: block.object('citations')?.boolean('enabled'),
    cache: markOf(block),
  };
  if (source.text('type') !== 'content') return [compact({ type: 'file' as const, source: sourceOf(source), ...beside })];
  const { text, images } = piecesOf(source);
  return [compact({ type: 'file' as const, source: { kind: 'text' as const, text }, ...beside }), ...images];
}

function piecesOf(source: Fields): { readonly text: string; readonly images: readonly ImagePart[] } {
  const content = source.any('content');
  if (typeof content === 'string') return { text: content, images: [] };
  const texts: string[] = [];
  const images: ImagePart[] = [];
  for (const piece of source.list('content') ?? []) {
    if (piece.required('type') === 'text') texts.push(piece.required('text'));
    else images.push(imageOf(piece));
  }
  return { text: texts.join('\n\n'), images };
}

/** What the client's own search found is a document of plain text. */
export function searchResultOf(block: Fields): FilePart {
  const texts = (block.list('content') ?? []).map((piece) => {
    piece.any('type');
    return piece.required('text');
  });
  return compact({
    type: 'file' as const,
    source: { kind: 'text' as const, text: texts.join('\n\n') },
    name: block.text('title'),
    context: block.text('source'),
    citations: block.object('citations')?.boolean('enabled'),
    cache: markOf(block),
  });
}
