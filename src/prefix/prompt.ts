import { isUtf8 } from 'node:buffer';
import type { ApiId } from '../core/api.ts';
import type { Bytes } from '../core/json.ts';
import { elementTexts } from './json-tree.ts';

/** Where an API keeps its prompt, by top-level keys. */
interface PromptForm {
  /** Instructions outside of the list, by the names they may have. */
  readonly head: readonly string[];
  readonly list: string;
}

const forms: { readonly [A in ApiId]?: PromptForm } = {
  'openai.chat': { head: [], list: 'messages' },
  'openai.responses': { head: ['instructions'], list: 'input' },
  'anthropic.messages': { head: ['system'], list: 'messages' },
  'google.generate_content': { head: ['systemInstruction', 'system_instruction'], list: 'contents' },
};

/** Top-level keys of an API's prompt; `undefined` for one without. */
export const promptKeysOf = (api: ApiId): PromptForm | undefined => forms[api];

/** A prompt as an ordered list of blocks, each by its JSON: the tools, the instructions, then one item after the other. */
export interface Prompt {
  readonly api: ApiId;
  readonly model: string;
  readonly tools: string | undefined;
  readonly head: string | undefined;
  readonly headKey: string;
  readonly listKey: string;
  readonly items: readonly string[];
}

/** Fewer items, and there is nothing that could be cached. */
const maxItems = 20_000;

type ValueOf = (key: string) => Bytes | undefined;

/** `undefined` for what is no conversation, or none that can be read safely. */
export function promptOf(api: ApiId, model: string, value: ValueOf): Prompt | undefined {
  const form = forms[api];
  const list = form && textOf(value(form.list));
  const items = list === undefined ? undefined : elementTexts(list);
  if (!form || !items || items.length === 0 || items.length > maxItems) return undefined;
  if (value('previous_response_id')?.[0] === quote) return undefined; // the provider holds what came before
  const headKey = form.head.find((key) => value(key) !== undefined) ?? form.head[0] ?? '';
  const head = headKey === '' ? undefined : textOf(value(headKey));
  return { api, model, tools: textOf(value('tools')), head, headKey, listKey: form.list, items };
}

const quote = 34;
const textOf = (bytes: Bytes | undefined): string | undefined => (bytes && isUtf8(bytes) ? bytes.toString('utf8') : undefined);

/** The blocks a conversation is made of, instructions first where they stand apart. */
export const blocksOf = ({ head, items }: Pick<Prompt, 'head' | 'items'>): readonly string[] =>
  head === undefined ? items : [head, ...items];
