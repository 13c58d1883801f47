import type { MediaSource } from '../../../core/canonical/media.ts';
import type { FilePart, ImagePart } from '../../../core/canonical/part.ts';
import type { JsonObject } from '../../../core/json.ts';
import { compact } from '../fields.ts';
import { refused } from '../losses.ts';
import { losses } from './losses.ts';
import type { Lost } from './marks.ts';

export const imageBlock = ({ source }: ImagePart): JsonObject => ({ type: 'image', source: imageSource(source) });

function imageSource(source: MediaSource): JsonObject {
  if (source.kind === 'url') return { type: 'url', url: source.url };
  if (source.kind === 'data') return { type: 'base64', media_type: source.mediaType, data: source.data };
  throw refused('image.file', losses['image.file']!.why);
}

export const documentBlock = ({ source, name, context, citations }: FilePart, lost: Lost): JsonObject =>
  compact({
    type: 'document',
    source: documentSource(source, lost),
    title: name,
    context,
    citations: citations === undefined ? undefined : { enabled: citations },
  });

function documentSource(source: MediaSource, lost: Lost): JsonObject {
  switch (source.kind) {
    case 'url':
      return { type: 'url', url: source.url };
    case 'text':
      return plainText(source.text);
    case 'data':
      return fromData(source.mediaType, source.data, lost);
    default:
      throw refused('file.file', losses['file.file']!.why);
  }
}

const plainText = (text: string): JsonObject => ({ type: 'text', media_type: 'text/plain', data: text });

const isText = (mediaType: string): boolean => mediaType.startsWith('text/') || /^application\/(?:json|xml|yaml)$/.test(mediaType);

function fromData(mediaType: string, data: string, lost: Lost): JsonObject {
  if (mediaType === 'application/pdf') return { type: 'base64', media_type: mediaType, data };
  if (!isText(mediaType)) throw refused('file.data', `Anthropic takes PDF and plain text only, not ${mediaType}`);
  lost.set('file.data', 'sent as plain text');
  return plainText(Buffer.from(data, 'base64').toString('utf8'));
}
