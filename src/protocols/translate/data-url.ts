import type { MediaSource } from '../../core/canonical/media.ts';

/** What an address holds: a `data:` URL carries its bytes, any other names them. `mediaType`: of a data URL that does not say. */
export function sourceOf(url: string, mediaType: string): MediaSource {
  if (!url.startsWith('data:')) return { kind: 'url', url };
  const comma = url.indexOf(',');
  const [type = '', ...parameters] = url.slice('data:'.length, comma).split(';');
  const data = url.slice(comma + 1);
  const base64 = parameters.includes('base64') ? data : Buffer.from(unescaped(data)).toString('base64');
  return { kind: 'data', mediaType: type === '' ? mediaType : type, data: base64 };
}

export const dataUrl = (mediaType: string, base64: string): string => `data:${mediaType};base64,${base64}`;

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
