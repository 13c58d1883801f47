import type { MediaSource } from '../../../core/canonical/media.ts';
import type { AudioPart, Citation, FilePart, ImagePart, TextPart } from '../../../core/canonical/part.ts';
import { sourceOf } from '../data-url.ts';
import { compact, type Fields } from '../fields.ts';
import { markOf } from '../openai-chat/cache-mark.ts';

/** Content that is one string, or a list of parts. Empty texts are none. */
export function contentOf<P>(fields: Fields, key: string, partOf: (part: Fields, type: string) => readonly P[]): readonly (P | TextPart)[] {
  const content = fields.any(key);
  if (content === undefined || content === '') return [];
  if (typeof content === 'string') return [{ type: 'text', text: content }];
  return (fields.list(key) ?? []).flatMap((part) => partOf(part, part.required('type')));
}

/** Clients write `output_text` and `text` for `input_text` too. */
const textTypes: ReadonlySet<string> = new Set(['input_text', 'output_text', 'text', 'summary_text', 'reasoning_text']);

export function textPart(part: Fields, type: string): readonly TextPart[] {
  if (textTypes.has(type)) return [textOf(part)];
  part.leave('type');
  return [];
}

function textOf(part: Fields): TextPart {
  part.any('logprobs'); // of an answer of earlier: nothing to send on
  const citations = (part.list('annotations') ?? []).map(citationOf);
  return compact({
    type: 'text' as const,
    text: part.required('text'),
    cache: markOf(part),
    citations: citations.length > 0 ? citations : undefined,
  });
}

const citationOf = (annotation: Fields): Citation =>
  compact({
    url: annotation.text('url'),
    title: annotation.text('title') ?? annotation.text('filename'),
    from: annotation.number('start_index'),
    to: annotation.number('end_index'),
    raw: { api: 'openai.responses' as const, value: annotation.whole() },
  });

/** What a tool may answer. */
export function resultPart(part: Fields, type: string): readonly (TextPart | ImagePart | FilePart)[] {
  if (type === 'input_image') return [imageOf(part)];
  if (type === 'input_file') return [fileOf(part)];
  return textPart(part, type);
}

export function userPart(part: Fields, type: string): readonly (TextPart | ImagePart | FilePart | AudioPart)[] {
  return type === 'input_audio' ? [audioOf(part)] : resultPart(part, type);
}

const imageOf = (part: Fields): ImagePart =>
  compact({
    type: 'image' as const,
    source: keptFile(part) ?? sourceOf(part.required('image_url'), 'image/png'),
    detail: part.word('detail', ['auto', 'low', 'high', 'original']),
    cache: markOf(part),
  });

const fileOf = (part: Fields): FilePart =>
  compact({ type: 'file' as const, source: fileSource(part), name: part.text('filename'), cache: markOf(part) });

function keptFile(part: Fields): MediaSource | undefined {
  const id = part.text('file_id');
  return id === undefined ? undefined : { kind: 'file', id };
}

function fileSource(part: Fields): MediaSource {
  const url = part.text('file_url');
  const kept = keptFile(part) ?? (url === undefined ? undefined : ({ kind: 'url', url } as const));
  return kept ?? documentOf(part.required('file_data'));
}

/** A plain text is given as text, which other APIs take where they take no such document. */
function documentOf(data: string): MediaSource {
  const source = data.startsWith('data:') ? sourceOf(data, 'application/pdf') : undefined;
  if (source?.kind !== 'data') return { kind: 'data', mediaType: 'application/pdf', data };
  if (source.mediaType !== 'text/plain') return source;
  return { kind: 'text', text: Buffer.from(source.data, 'base64').toString('utf8') };
}

function audioOf(part: Fields): AudioPart {
  const audio = part.object('input_audio');
  if (!audio) throw part.wrong('input_audio', 'given');
  const format = audio.text('format') ?? 'wav';
  const mediaType = format === 'mp3' ? 'audio/mpeg' : `audio/${format}`;
  return { type: 'audio', source: { kind: 'data', mediaType, data: audio.required('data') } };
}
