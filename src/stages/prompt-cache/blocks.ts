import { estimateTokens } from '../../text/density.ts';
import type { ApiId } from '../../core/api.ts';
import { Body } from '../../core/body.ts';
import type { Call } from '../../core/call.ts';
import { parse, type Bytes, type JsonObject } from '../../core/json.ts';
import { Mark, members, outline } from '../../core/scan.ts';
import type { PromptBlock, PromptBlocks } from './block.ts';

/** How an API writes its prompt. */
interface Form {
  /** Top-level members in the order the provider renders them; the last one holds the conversation. */
  readonly members: readonly (readonly [key: string, part: PromptBlock['part']])[];
  readonly markKey: string;
  readonly salted: readonly string[];
  readonly isMarkable: (block: Bytes, part: PromptBlock['part']) => boolean;
}

const never = (): boolean => false;
/** Thoughts cannot be marked, and neither can a text that is empty. */
const unmarkable = /^\{\s*"type"\s*:\s*"(?:redacted_)?thinking"|"text"\s*:\s*""/;
const headOf = (block: Bytes): string => block.toString('latin1', 0, Math.min(block.length, 80));

const forms: { readonly [A in ApiId]?: Form } = {
  'anthropic.messages': {
    members: [
      ['tools', 'tools'],
      ['system', 'system'],
      ['messages', 'messages'],
    ],
    markKey: 'cache_control',
    salted: ['tool_choice', 'thinking'],
    isMarkable: (block) => !unmarkable.test(headOf(block)) && !block.includes('"type":"thinking"') && block.length > 4,
  },
  'openai.chat': {
    members: [
      ['tools', 'tools'],
      ['messages', 'messages'],
    ],
    markKey: 'prompt_cache_breakpoint',
    salted: ['response_format'],
    isMarkable: (block, part) => part !== 'tools' && !headOf(block).includes('"refusal"') && block.length > 2,
  },
  'openai.responses': {
    members: [
      ['tools', 'tools'],
      ['instructions', 'system'],
      ['input', 'messages'],
    ],
    markKey: 'prompt_cache_breakpoint',
    salted: ['text', 'previous_response_id', 'conversation'],
    isMarkable: never,
  },
  'google.generate_content': {
    members: [
      ['tools', 'tools'],
      ['systemInstruction', 'system'],
      ['contents', 'messages'],
    ],
    markKey: '',
    salted: ['generationConfig', 'cachedContent'],
    isMarkable: never,
  },
  'bedrock.converse': {
    members: [
      ['toolConfig', 'tools'],
      ['system', 'system'],
      ['messages', 'messages'],
    ],
    markKey: 'cachePoint',
    salted: [],
    isMarkable: (block, part) => part !== 'tools' && !headOf(block).includes('"reasoningContent"'),
  },
};

/** The prompt of a call as it stands now, block by block; `undefined` for an API without prompts of this kind. */
export function promptBlocks(call: Call): PromptBlocks | undefined {
  const form = forms[call.api];
  if (!form) return undefined;
  const present = new Map<string, Bytes>();
  const blocks: PromptBlock[] = [];
  for (const [key, part] of form.members) {
    const json = call.json(key);
    if (!json) continue;
    present.set(key, json);
    blocks.push(...withoutPoints(blocksIn(json, { form, key, part }), form));
  }
  const salt = form.salted.map((key) => call.json(key)?.toString('latin1') ?? '').join('\n');
  return { members: present, blocks: instructed(blocks), salt };
}

/** In a chat the first words are the system's: they belong to what stands before the conversation. */
function instructed(blocks: readonly PromptBlock[]): readonly PromptBlock[] {
  const first = blocks.findIndex(({ part, isInstruction }) => part === 'messages' && !isInstruction);
  return blocks.map((block, at) =>
    block.part === 'messages' && (first < 0 || at < first) ? { ...block, part: 'system' as const } : block,
  );
}

interface Where {
  readonly form: Form;
  readonly key: string;
  readonly part: PromptBlock['part'];
}

const wrapped = Buffer.from('{"messages":');
const closed = Buffer.from('}');
const QUOTE = 34;
const OPEN_LIST = 91;

/** Blocks of one member: the elements of its list, or of the messages in it; anything else is one block. */
function blocksIn(json: Bytes, where: Where): readonly PromptBlock[] {
  if (json[0] !== OPEN_LIST) return [blockOf(json, where, { from: 0, to: json.length, message: -1, role: '' })];
  const { tape } = outline(new Body([wrapped, json, closed]));
  const found: Extent[] = [];
  const shift = wrapped.length;
  let message = -1;
  let item: Extent | undefined;
  let hasBlocks = false;
  const close = (): void => {
    if (item && !hasBlocks) found.push(item);
  };
  for (let at = 0; at < tape.length; at += 3) {
    const from = tape[at + 1]! - shift;
    const to = tape[at + 2]! - shift;
    if (tape[at] === Mark.Item) {
      close();
      message += 1;
      item = { from, to, message, role: '' };
      hasBlocks = false;
    } else if (where.part === 'messages' && item) {
      if (tape[at] === Mark.Role || (tape[at] === Mark.Type && item.role === ''))
        item = { ...item, role: json.toString('latin1', from + 1, to - 1) };
      else if (tape[at] === Mark.Block || (tape[at] === Mark.Content && json[from] === QUOTE)) {
        hasBlocks = true;
        found.push({ ...item, from, to });
      }
    }
  }
  close();
  return roled(found).map((extent) => blockOf(json, where, extent));
}

interface Extent {
  readonly from: number;
  readonly to: number;
  readonly message: number;
  readonly role: string;
}

/** A role may stand behind the content it belongs to. */
function roled(found: readonly Extent[]): readonly Extent[] {
  const roles = new Map(found.map(({ message, role }) => [message, role]));
  return found.map((extent) => (extent.role === '' ? { ...extent, role: roles.get(extent.message) ?? '' } : extent));
}

const answers = new Set(['assistant', 'model', 'reasoning', 'function_call']);
const results = /"tool_result"|"functionResponse"|"toolResult"|"function_call_output"/;

function blockOf(json: Bytes, { form, key, part }: Where, { from, to, message, role }: Extent): PromptBlock {
  const bytes = json.subarray(from, to);
  const kind = json[from] === QUOTE ? 'text' : 'object';
  const marked =
    form.markKey !== '' && kind === 'object' && bytes.includes(`"${form.markKey}"`) ? unmarked(bytes, form.markKey) : undefined;
  return {
    member: key,
    from,
    to,
    kind,
    part,
    message: part === 'messages' ? message : -1,
    isAnswer: answers.has(role),
    isInstruction: role === 'system' || role === 'developer',
    isToolResult: role === 'tool' || role === 'function_call_output' || results.test(headOf(bytes)),
    isMarkable: to > from + 2 && form.isMarkable(bytes, part),
    mark: marked?.ttl,
    role,
    content: plain(marked?.content ?? bytes),
  };
}

const textFrame = [Buffer.from('{"type":"text","text":'), Buffer.from('}')] as const;

/** A text is the same bare or as a block. */
function plain(bytes: Bytes): Bytes {
  const [open, end] = textFrame;
  const isFramed = bytes.length > open.length + end.length && bytes.subarray(0, open.length).equals(open);
  const text = isFramed ? bytes.subarray(open.length, -1) : undefined;
  return text && text.indexOf('","') === -1 ? text : bytes;
}

/** A block without its mark, and the lifetime that asks for. */
function unmarked(bytes: Bytes, markKey: string): { readonly content: Bytes; readonly ttl: string } | undefined {
  const found = members(bytes);
  const mark = found.get(markKey);
  if (!mark) return undefined;
  const value = parse<JsonObject | null>(bytes.subarray(mark.from, mark.to));
  const rest = [...found].filter(([key]) => key !== markKey).map(([, member]) => bytes.subarray(member.start, member.end));
  const content = Buffer.concat([
    Buffer.from('{'),
    ...rest.flatMap((piece, at) => (at === 0 ? [piece] : [Buffer.from(','), piece])),
    closed,
  ]);
  return { content, ttl: typeof value?.['ttl'] === 'string' ? value['ttl'] : '' };
}

/** Converse's marks are blocks of their own: they become marks of what stands before them. */
function withoutPoints(blocks: readonly PromptBlock[], { markKey }: Form): readonly PromptBlock[] {
  if (markKey !== 'cachePoint') return blocks;
  const kept: PromptBlock[] = [];
  for (const block of blocks) {
    const last = kept.at(-1);
    if (block.mark === undefined) kept.push(block);
    else if (last) kept[kept.length - 1] = { ...last, mark: block.mark };
  }
  return kept;
}

/** About how many tokens a block is. */
export const tokensIn = ({ content }: PromptBlock): number => estimateTokens(content, 0, content.length);
