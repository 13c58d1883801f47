import { createHash } from 'node:crypto';
import { canonical } from './canonical.ts';
import { hasMark } from './marks.ts';
import { child, elementsOf, textOf, treeOf, type Node } from './json-tree.ts';
import type { Breaker } from './rules.ts';
import type { Slot } from './volatile.ts';

export type Role = 'system' | 'user' | 'model' | 'result' | 'other';

/** What can be asked of a block; worked out when first asked for, since most blocks are the same bytes again. */
export interface Block {
  readonly json: string;
  readonly tree: Node | undefined;
  readonly role: Role;
  /** All its text. */
  readonly text: string;
  /** Without marks for the cache, all texts as they are. */
  readonly strict: string;
  /** As it counts for the model. */
  readonly meaning: string;
  readonly meaningWithoutIds: string;
  /** With changing values masked. */
  readonly masked: string;
  readonly slots: readonly Slot[];
  /** A copy to keep: without the tree, and not a view of a larger text. */
  readonly kept: () => Block;
  /** Characters in memory: its own, and of what was worked out so far. */
  readonly chars: number;
}

/** Rules look at these roles only: what a model said or a tool returned holds no value of the client's clock. */
const maskedRoles: ReadonlySet<Role> = new Set(['system', 'user']);

type Memo = { -readonly [K in keyof Block]?: Block[K] };

/** Of a place where a value was found: what its object takes. */
const slotChars = 64;

const charsOf = (memo: Memo): number =>
  Object.values(memo).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 0),
    (memo.slots?.length ?? 0) * slotChars,
  );

export const blockOf = (json: string): Block => blockWith(json, {}, false);

function blockWith(json: string, kept: Memo, isKept: boolean): Block {
  const once = <K extends keyof Block>(key: K, make: () => Block[K]): Block[K] => {
    if (!(key in kept)) kept[key] = make();
    return kept[key] as Block[K];
  };
  const by = (how: Parameters<typeof canonical>[1]): string => (block.tree ? canonical(block.tree, how) : json);
  const mask = (): void => {
    const slots: Slot[] = [];
    kept.masked = by(maskedRoles.has(block.role) ? { slots } : {});
    kept.slots = slots;
  };
  const block: Block = {
    json,
    get tree() {
      return once('tree', () => soundTree(json));
    },
    get role() {
      return once('role', () => roleOf(block.tree));
    },
    get text() {
      return once('text', () => allText(block.tree));
    },
    get strict() {
      return once('strict', () => by({ exactText: true }));
    },
    get meaning() {
      return once('meaning', () => by({}));
    },
    get meaningWithoutIds() {
      return once('meaningWithoutIds', () => by({ withoutIds: true }));
    },
    get masked() {
      return once('masked', () => (mask(), kept.masked!));
    },
    get slots() {
      return once('slots', () => (mask(), kept.slots!));
    },
    get chars() {
      return json.length + charsOf(kept);
    },
    kept: () => {
      if (isKept && !kept.tree) return block;
      const { tree: _, ...rest } = kept;
      return blockWith(isKept ? json : Buffer.from(json).toString(), rest, true);
    },
  };
  return block;
}

function soundTree(json: string): Node | undefined {
  try {
    return treeOf(json);
  } catch {
    return undefined;
  }
}

const roles: Readonly<Record<string, Role>> = {
  system: 'system',
  developer: 'system',
  user: 'user',
  assistant: 'model',
  model: 'model',
  tool: 'result',
  function: 'result',
};

function roleOf(tree: Node | undefined): Role {
  if (tree?.kind !== 'object') return tree ? 'system' : 'other'; // Anthropic's and OpenAI's instructions are a text or a list
  const role = textOf(child(tree, 'role'));
  const blocks = elementsOf(child(tree, 'content') ?? child(tree, 'parts'));
  if (role !== undefined) return role === 'user' && blocks.some(isResult) ? 'result' : (roles[role] ?? 'other');
  const type = textOf(child(tree, 'type'));
  if (type === undefined) return child(tree, 'parts') ? 'system' : 'other';
  return type.endsWith('_call') || type === 'reasoning' ? 'model' : type.endsWith('_output') ? 'result' : 'other';
}

const isResult = (node: Node): boolean => textOf(child(node, 'type')) === 'tool_result' || child(node, 'functionResponse') !== undefined;

function allText(node: Node | undefined): string {
  if (node?.kind === 'string') return node.text;
  if (node?.kind === 'list') return node.elements.map(allText).join('\n');
  if (node?.kind !== 'object') return '';
  return allText(child(node, 'text') ?? child(node, 'content') ?? child(node, 'parts') ?? child(node, 'output'));
}

export const digest = (text: string): string => createHash('sha1').update(text).digest('base64');

/** How two blocks that mean the same differ; empty: not at all, or only in their marks. `undefined`: they do not mean the same. */
export function sameMeaning(before: Block, now: Block): readonly Breaker[] | undefined {
  if (!before.tree || !now.tree) return undefined;
  if (before.meaningWithoutIds !== now.meaningWithoutIds) return undefined;
  const found: Breaker[] = [];
  if (before.meaning !== now.meaning) found.push('call_ids');
  else if (before.strict !== now.strict || !isMarked(before, now)) found.push(writing(before, now));
  return found;
}

/** Their JSON may differ by marks for the cache alone. */
const isMarked = (before: Block, now: Block): boolean => hasMark(before.json) || hasMark(now.json);

/** What differs in how the same is written. */
function writing(before: Block, now: Block): Breaker {
  const bare = (json: string): string => json.replace(/\s|\\[nrt]/g, '');
  const sorted = (json: string): string => bare(json).split('').toSorted().join('');
  if (bare(before.json) === bare(now.json)) return 'whitespace';
  return sorted(before.json) === sorted(now.json) ? 'key_order' : 'number_format';
}
