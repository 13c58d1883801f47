import type { ApiId } from '../core/api.ts';
import { child, edited, elementsOf, treeOf, type Node } from './json-tree.ts';
import type { Breaker } from './rules.ts';

/** A value that stands in the prefix as it was first, and how it is now. */
export interface Told {
  /** Which value it is: place of its block, and of the value among those of the block. */
  readonly key: string;
  readonly value: string;
  readonly kind: Breaker;
  /** What is said of it. */
  readonly text: string;
}

/** What the model reads at the end of its prompt: small values on one line, whole blocks below. */
export function noteText(told: readonly Told[]): string {
  const small = told.filter(({ kind }) => kind !== 'context_block').map(({ text }) => text.trim());
  const large = told.filter(({ kind }) => kind === 'context_block').map(({ text }) => text.trim());
  return [
    ...(small.length > 0 ? [`[Now, instead of the values above: ${small.join('; ')}]`] : []),
    ...large.map((text) => `[Now, instead of the same block above:]\n${text}`),
  ].join('\n\n');
}

/** Where a text may be added to an item: inside a string, or as a block at the end of a list. */
function contentOf(tree: Node): Node | undefined {
  if (tree.kind !== 'object') return undefined;
  const role = child(tree, 'role');
  if (role?.kind === 'string' && (role.text === 'assistant' || role.text === 'model')) return undefined;
  const content = child(tree, 'content') ?? child(tree, 'parts') ?? child(tree, 'output');
  return content?.kind === 'string' || (content?.kind === 'list' && content.elements.length > 0) ? content : undefined;
}

/** Whether the item can take a note: it is the user's or a tool's, and has a content. */
export const takesNote = (tree: Node | undefined): boolean => tree !== undefined && contentOf(tree) !== undefined;

/** The item with the note at its end, every character before kept. `json` must take a note. */
export function withNote(api: ApiId, json: string, told: readonly Told[]): string {
  const content = contentOf(treeOf(json));
  if (told.length === 0 || !content) return json;
  const text = noteText(told);
  const at = content.to - 1;
  if (content.kind === 'string') return edited(json, [{ from: at, to: at, text: JSON.stringify(`\n\n${text}`).slice(1, -1) }]);
  const from = elementsOf(content).at(-1)!.to;
  return edited(json, [{ from, to: from, text: `,${JSON.stringify(textBlock(api, text))}` }]);
}

function textBlock(api: ApiId, text: string): object {
  if (api === 'google.generate_content') return { text };
  return { type: api === 'openai.responses' ? 'input_text' : 'text', text };
}
