import type { Call } from '../../core/call.ts';
import type { Bytes } from '../../core/json.ts';
import type { PromptBlock, PromptBlocks } from './block.ts';

/** A mark on the end of a block. */
export interface Marked {
  readonly block: PromptBlock;
  /** As the API writes it; the default needs no word. */
  readonly ttl: string | undefined;
}

const textOpen = Buffer.from('[{"type":"text","text":');
const textClose = Buffer.from('}]');
const converseOpen = Buffer.from('[{"text":');

/** The call with marks put in by byte: all else keeps its bytes, inside the marked blocks too. */
export function withMarks(call: Call, { members }: PromptBlocks, marks: readonly Marked[]): Call {
  const changed: Record<string, Bytes> = {};
  for (const member of new Set(marks.map(({ block }) => block.member)))
    changed[member] = inserted(call.api, members.get(member)!, marks.filter(({ block }) => block.member === member)); // prettier-ignore
  return call.withJson(changed);
}

/** `marks`: in order. */
function inserted(api: Call['api'], json: Bytes, marks: readonly Marked[]): Bytes {
  const pieces: Bytes[] = [];
  let from = 0;
  for (const { block, ttl } of marks) {
    const { before, after, at } = api === 'bedrock.converse' ? pointOf(block, ttl) : markOf(api, block, ttl);
    pieces.push(json.subarray(from, block.from), before, json.subarray(block.from, at), after);
    from = at;
  }
  return Buffer.concat([...pieces, json.subarray(from)]);
}

interface Insertion {
  readonly before: Bytes;
  readonly after: Bytes;
  /** Where `after` stands. */
  readonly at: number;
}

const nothing: Bytes = Buffer.alloc(0);

function markOf(api: Call['api'], { kind, to }: PromptBlock, ttl: string | undefined): Insertion {
  const mark = api === 'anthropic.messages' ? anthropicMark(ttl) : openaiMark(ttl);
  return kind === 'text'
    ? { before: textOpen, after: Buffer.concat([mark, textClose]), at: to }
    : { before: nothing, after: mark, at: to - 1 };
}

const anthropicMark = (ttl: string | undefined): Bytes =>
  Buffer.from(`,"cache_control":{"type":"ephemeral"${ttl === undefined ? '' : `,"ttl":"${ttl}"`}}`);
const openaiMark = (ttl: string | undefined): Bytes =>
  Buffer.from(`,"prompt_cache_breakpoint":{"mode":"explicit"${ttl === undefined ? '' : `,"ttl":"${ttl}"`}}`);

/** Converse marks by a block behind the one that is meant. */
function pointOf({ kind, to }: PromptBlock, ttl: string | undefined): Insertion {
  const point = `,{"cachePoint":{"type":"default"${ttl === undefined ? '' : `,"ttl":"${ttl}"`}}}`;
  return kind === 'text'
    ? { before: converseOpen, after: Buffer.from(`}${point}]`), at: to }
    : { before: nothing, after: Buffer.from(point), at: to };
}
