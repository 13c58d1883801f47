import type { MediaSource } from '../../../core/canonical/media.ts';
import type { AudioPart, FilePart, ImagePart, VideoPart } from '../../../core/canonical/part.ts';
import type { JsonObject } from '../../../core/json.ts';
import { compact } from '../fields.ts';
import { refused } from '../losses.ts';
import type { ProtoFields } from './proto-fields.ts';

export type MediaPart = ImagePart | FilePart | AudioPart | VideoPart;
type Kind = MediaPart['type'];

const byExtension: Readonly<Record<string, string>> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heif',
  pdf: 'application/pdf',
  txt: 'text/plain',
  md: 'text/markdown',
  csv: 'text/csv',
  html: 'text/html',
  json: 'application/json',
  wav: 'audio/wav',
  mp3: 'audio/mpeg',
  flac: 'audio/flac',
  aac: 'audio/aac',
  ogg: 'audio/ogg',
  mp4: 'video/mp4',
  mov: 'video/quicktime',
  webm: 'video/webm',
};

/** What Google is told when the address does not say. */
const usual: Readonly<Record<Kind, string>> = { image: 'image/jpeg', file: 'application/pdf', audio: 'audio/mpeg', video: 'video/mp4' };

function kindOf(mediaType: string): Kind {
  const major = mediaType.slice(0, mediaType.indexOf('/'));
  return major === 'image' || major === 'audio' || major === 'video' ? major : 'file';
}

function typeOfAddress(address: string): string | undefined {
  const path = address.split(/[?#]/, 1)[0]!;
  const dot = path.lastIndexOf('.');
  return dot > path.lastIndexOf('/') ? byExtension[path.slice(dot + 1).toLowerCase()] : undefined;
}

/** Addresses of what Google keeps for a project: nobody else can read them. */
const kept = /^(?:gs:\/\/|files\/|https:\/\/generativelanguage\.googleapis\.com\/)/;

export const isKeptByGoogle = (source: MediaSource): boolean => source.kind === 'file' && kept.test(source.id);

/** `inlineData`, `fileData` or `text`. @throws {GatewayError} `invalid_request` for a file that another provider keeps. */
export function encodeMedia({ type, source }: MediaPart): JsonObject {
  if (source.kind === 'text') return { text: source.text };
  if (source.kind === 'data') return { inlineData: { mimeType: source.mediaType, data: source.data } };
  if (source.kind === 'file' && !isKeptByGoogle(source)) throw refused(type === 'image' ? 'image.file' : 'file.file', 'kept elsewhere');
  const fileUri = source.kind === 'url' ? source.url : source.id;
  const told = typeOfAddress(fileUri);
  return { fileData: { mimeType: told !== undefined && kindOf(told) === type ? told : usual[type], fileUri } };
}

const details = {
  MEDIA_RESOLUTION_LOW: 'low',
  MEDIA_RESOLUTION_HIGH: 'high',
  MEDIA_RESOLUTION_ULTRA_HIGH: 'original',
} as const;
const resolutions = Object.keys(details) as (keyof typeof details)[];

/** How closely images are looked at; the words between have no like. */
export function detailOf(fields: ProtoFields | undefined, key: string): ImagePart['detail'] {
  const word = fields?.word(key, resolutions);
  return word && details[word];
}

/** The finest resolution asked for: older models know one for all media only. */
export function resolutionOf(parts: readonly { readonly type: string; readonly detail?: ImagePart['detail'] }[]): string | undefined {
  const asked = new Set(parts.map(({ detail }) => detail));
  if (asked.has('high') || asked.has('original')) return 'MEDIA_RESOLUTION_HIGH';
  return asked.has('low') ? 'MEDIA_RESOLUTION_LOW' : undefined;
}

/** A part with `inlineData` or `fileData`; `undefined`: it has neither. `detail`: of images that do not say. */
export function decodeMedia(part: ProtoFields, detail?: ImagePart['detail']): MediaPart | undefined {
  const inline = part.object('inlineData');
  const file = inline ? undefined : part.object('fileData');
  const fields = inline ?? file;
  if (!fields) return undefined;
  const mediaType = fields.text('mimeType');
  const source: MediaSource = inline
    ? { kind: 'data', mediaType: mediaType ?? 'application/octet-stream', data: inline.required('data') }
    : addressed(fields.required('fileUri'));
  const type = kindOf(mediaType ?? (source.kind === 'url' ? guessed(source.url) : 'application/pdf'));
  const name = fields.text('displayName');
  if (type === 'image') return compact({ type, source, detail: detailOf(part.object('mediaResolution'), 'level') ?? detail });
  return type === 'file' ? compact({ type, source, name }) : { type, source };
}

const addressed = (uri: string): MediaSource => (kept.test(uri) ? { kind: 'file', id: uri } : { kind: 'url', url: uri });
const guessed = (url: string): string =>
  /^https:\/\/(?:www\.youtube\.com|youtu\.be)\//.test(url) ? 'video/mp4' : (typeOfAddress(url) ?? 'application/pdf');
