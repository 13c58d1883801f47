import type { ApiId, Family } from '../core/api.ts';
import { apis } from '../core/api.ts';
import type { Json } from '../core/json.ts';
import type { PromptPart } from '../core/record.ts';
import { conversationForm } from '../conversation/conversations.ts';
import type { Entry } from '../conversation/entry.ts';
import { printOf, type Print } from '../conversation/print.ts';
import { imageTokens, typicalImage } from '../text/media.ts';

/** What is kept of one item of a prompt, however often it is sent again. */
export interface ItemFacts {
  /** Characters of its text: media left out. */
  readonly chars: number;
  readonly part: PromptPart;
  readonly prints: readonly Print[];
  /** Tools it calls, by name. */
  readonly calls: readonly string[];
  /** Results of tools in it, together. */
  readonly resultChars: number;
  /** Characters of its results that are only indentation of JSON. */
  readonly indentChars: number;
  /** Tokens that images at high detail take more than at low detail. */
  readonly detailTokens: number;
  /** Text a person or program said in it. */
  readonly heard: string;
  /** Calls that sent it. */
  sent: number;
}

/** Results above this are not searched for indentation. */
const maxPrettyChars = 4 * 1024 * 1024;

export function itemFacts(api: ApiId, json: string): ItemFacts {
  const value = parsed(json);
  const entries = value === undefined ? [] : (conversationForm(api)?.entriesOf(value) ?? []);
  const results = entries.flatMap((entry) => (entry.kind === 'result' ? [entry.text] : []));
  return {
    chars: textChars(json),
    part: partOf(value, entries, json),
    prints: entries.map(printOf),
    calls: entries.flatMap((entry) => (entry.kind === 'call' ? [entry.tool] : [])),
    resultChars: results.reduce((sum, text) => sum + text.length, 0),
    indentChars: results.reduce((sum, text) => sum + indentOf(text), 0),
    detailTokens: json.includes('"high"') ? detailOf(apis[api].family, value) : 0,
    heard: entries.flatMap((entry) => (entry.kind === 'heard' ? [entry.text] : [])).join('\n'),
    sent: 0,
  };
}

function parsed(json: string): Json | undefined {
  try {
    return JSON.parse(json) as Json;
  } catch {
    return undefined;
  }
}

const media = /[A-Za-z0-9+/=_-]{2000,}/g;

/** Length without media in base64, which costs by its size in pixels. */
export const textChars = (json: string): number => (json.length < 2000 ? json.length : json.replace(media, '').length);

function partOf(value: Json | undefined, entries: readonly Entry[], json: string): PromptPart {
  const role = typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { readonly role?: Json }).role : undefined;
  if (role === 'system' || role === 'developer') return 'system';
  if (entries.some(({ kind }) => kind === 'result')) return 'toolResults';
  if (entries.some(({ kind }) => kind === 'call' || kind === 'said') || role === 'assistant' || role === 'model') return 'history';
  return json.length > 4000 && textChars(json) * 4 < json.length ? 'media' : 'user';
}

/** What JSON takes less without line breaks and indentation; 0 for what is no indented JSON. */
function indentOf(text: string): number {
  if (text.length > maxPrettyChars || !/^\s*[[{]/.test(text) || !/\n {2,}|\n\t/.test(text)) return 0;
  const value = parsed(text);
  return value === undefined ? 0 : Math.max(0, text.length - JSON.stringify(value).length);
}

/** Images for which high detail was asked, at their size where it is known, else of a usual one. */
function detailOf(family: Family, value: Json | undefined): number {
  if (family !== 'openai' || typeof value !== 'object' || value === null) return 0;
  if (Array.isArray(value)) return (value as readonly Json[]).reduce<number>((sum, each) => sum + detailOf(family, each), 0);
  const object = value as { readonly [key: string]: Json };
  if (object['detail'] === 'high') return imageTokens(family, sizeOf(object)) - imageTokens(family, typicalImage, true);
  return Object.values(object).reduce<number>((sum, each) => sum + detailOf(family, each), 0);
}

const pngHead = /base64,(iVBORw0KGgo[A-Za-z0-9+/]{21})/;
const maxSide = 16_384;

function sizeOf(image: { readonly [key: string]: Json }): { readonly width: number; readonly height: number } {
  const url = [image['url'], image['image_url']].find((each) => typeof each === 'string');
  const head = pngHead.exec(url?.slice(0, 200) ?? '')?.[1];
  if (!head) return typicalImage;
  const bytes = Buffer.from(head, 'base64');
  return { width: Math.min(maxSide, bytes.readUInt32BE(16)), height: Math.min(maxSide, bytes.readUInt32BE(20)) };
}
