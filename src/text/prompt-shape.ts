import type { Bytes } from '../core/json.ts';
import { Part } from './tally.ts';

const TAB = 9;
const SPACE = 32;
const QUOTE = 34;
const BACKSLASH = 92;
const LOWER_N = 110;

/** The part of an item by the first letter of its role: no two roles of the four protocols share one. `-1`: unknown. */
export function partOfRole(json: Bytes, from: number): number {
  switch (json[from + 1]) {
    case 117: // user
      return Part.User;
    case 97: // assistant
    case 109: // model
      return Part.History;
    case 115: // system
    case 100: // developer
      return Part.System;
    case 116: // tool
    case 102: // function
      return Part.ToolResults;
    default:
      return -1;
  }
}

/** A short JSON string as one small integer: its length, and three of its bytes. */
const signature = (json: Bytes, from: number, to: number): number =>
  (((to - from) & 63) << 24) | (json[from + 1]! << 16) | (json[from + 3]! << 8) | json[to - 2]!;
const signatures = <T>(table: Readonly<Record<string, T>>): ReadonlyMap<number, T> =>
  new Map(Object.entries(table).map(([word, value]) => [signature(Buffer.from(`"${word}"`), 0, word.length + 2), value]));

/** What a block, or an item without a role, holds. */
export const Kind = { Text: 1, Media: 2, File: 3, Document: 4, Retrieved: 5, ToolResult: 6, ToolCall: 7, Hidden: 8, Tools: 9 } as const;

/** The types the four protocols have, each told apart from the others by its signature. */
export const typeKinds: Readonly<Record<string, number>> = {
  text: Kind.Text,
  input_text: Kind.Text,
  output_text: Kind.Text,
  image: Kind.Media,
  image_url: Kind.Media,
  input_image: Kind.Media,
  input_audio: Kind.Media,
  audio: Kind.Media,
  video_url: Kind.Media,
  computer_screenshot: Kind.Media,
  image_generation_call: Kind.Media,
  container_upload: Kind.Media,
  file: Kind.File,
  input_file: Kind.File,
  document: Kind.Document,
  search_result: Kind.Retrieved,
  file_search_call: Kind.Retrieved,
  mcp_call: Kind.ToolResult,
  tool_search_output: Kind.ToolResult,
  mcp_list_tools: Kind.Tools,
  additional_tools: Kind.Tools,
  reasoning: Kind.Hidden,
  compaction: Kind.Hidden,
  redacted_thinking: Kind.Hidden,
  tool_result: Kind.ToolResult,
  function_call_output: Kind.ToolResult,
  tool_use: Kind.ToolCall,
  function_call: Kind.ToolCall,
  thinking: Kind.ToolCall,
};
const kinds = signatures(typeKinds);

/** The kind named by the `type` at `[from, to)`; `*_result` and `*_output` are results of tools, and what is unknown belongs to whoever said it. */
export function kindOfType(json: Bytes, from: number, to: number): number {
  const known = kinds.get(signature(json, from, to));
  if (known !== undefined) return known;
  return endsWith(json, to - 1, RESULT) || endsWith(json, to - 1, OUTPUT) ? Kind.ToolResult : Kind.ToolCall;
}

const RESULT = Buffer.from('_result');
const OUTPUT = Buffer.from('_output');

function endsWith(json: Bytes, to: number, word: Bytes): boolean {
  return startsWith(json, to - word.length, word);
}

function startsWith(json: Bytes, from: number, word: Bytes): boolean {
  for (let at = 0; at < word.length; at += 1) if (json[from + at] !== word[at]) return false;
  return true;
}

/** Gemini's parts have no type: the first of these keys within a few dozen bytes tells what they hold. */
const keys: readonly (readonly [Bytes, number])[] = (
  [
    ['"text"', Kind.Text],
    ['"inlineData"', Kind.Media],
    ['"inline_data"', Kind.Media],
    ['"fileData"', Kind.Media],
    ['"file_data"', Kind.Media],
    ['"functionResponse"', Kind.ToolResult],
    ['"function_response"', Kind.ToolResult],
    ['"codeExecutionResult"', Kind.ToolResult],
    ['"functionCall"', Kind.ToolCall],
    ['"function_call"', Kind.ToolCall],
  ] as const
).map(([key, kind]) => [Buffer.from(key), kind]);
/** Bytes of a part in which its telling key must begin. */
export const keyBytes = 96;

export function kindOfKeys(json: Bytes, from: number, to: number): number {
  const end = Math.min(to, from + keyBytes);
  for (let at = from; at < end; at += 1) {
    if (json[at] !== QUOTE) continue;
    for (const [key, kind] of keys) if (json[at + 1] === key[1] && startsWith(json, at, key)) return kind;
  }
  return Kind.ToolCall;
}

const TEXT = Buffer.from('"text"');

/** Where the value of a text block begins, inside its quotes, when `text` is its first key or the one after its `type`; else where the block begins. */
export function textStart(json: Bytes, block: number, typeEnd: number): number {
  const key = startsWith(json, afterPunctuation(json, block), TEXT) ? afterPunctuation(json, block) : afterPunctuation(json, typeEnd);
  if (!startsWith(json, key, TEXT)) return block;
  const value = afterPunctuation(json, key + TEXT.length);
  return json[value] === QUOTE ? value + 1 : block;
}

/** Past white space and one of `{`, `,` and `:`. */
function afterPunctuation(json: Bytes, from: number): number {
  let at = from;
  for (
    let byte = json[at];
    byte === 123 || byte === 44 || byte === 58 || (byte !== undefined && byte <= SPACE && byte >= TAB);
    byte = json[at]
  )
    at += 1;
  return at;
}

/**
 * How texts begin that were put into a prompt by retrieval, after white space. A user's or system text that begins so counts as `retrieved`;
 * in the new turn only up to the tag that closes it, when that stands in the last 2 KB.
 */
export const retrievedWrappers = ['<context>', '<documents>', '<document', '<search_results>', '<retrieved', 'Context:'] as const;
const wrappers = retrievedWrappers.map((wrapper) => Buffer.from(wrapper));
const LESS_THAN = 60;
const UPPER_C = 67;

/** Whether the text at `from` begins with one of `retrievedWrappers`. */
export function isRetrieved(json: Bytes, from: number): boolean {
  let at = from;
  for (let spaces = 0; spaces < 8; spaces += 1) {
    if (json[at] === SPACE) at += 1;
    else if (json[at] === BACKSLASH && json[at + 1] === LOWER_N) at += 2;
    else break;
  }
  if (json[at] !== LESS_THAN && json[at] !== UPPER_C) return false;
  return wrappers.some((wrapper) => startsWith(json, at, wrapper));
}

/** Bytes at a text's end in which its closing tag is looked for. */
export const closingBytes = 2048;

/** Where a wrapped text `[from, to)` ends its last tag; `to` when none stands in the last 2 KB. */
export function closingTag(json: Bytes, from: number, to: number): number {
  const start = Math.max(from, to - closingBytes);
  const tail = json.subarray(start, to);
  const tag = tail.lastIndexOf('</');
  const end = tag === -1 ? -1 : tail.indexOf('>', tag);
  return end === -1 ? to : start + end + 1;
}
