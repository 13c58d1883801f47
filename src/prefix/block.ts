import { createHash } from 'node:crypto';
import { canonical } from './canonical.ts';
import { hasMark } from './marks.ts';
import { child, elementsOf, textOf, treeOf, type Node } from './json-tree.ts';
import type { Breaker } from './rules.ts';
import type { Slot } from './volatile.ts';

export type Role = 'system' | 'user' | 'model' | 'result' | 'other';

/** Rules look at these roles only: what a model said or a tool returned holds no value of the client's clock. */
const maskedRoles: ReadonlySet<Role> = new Set(['system', 'user']);

/** What is worked out of a block. */
interface Memo {
  tree?: Node | undefined;
  role?: Role;
  text?: string;
  strict?: string;
  meaning?: string;
  meaningWithoutIds?: string;
  masked?: string;
  slots?: readonly Slot[];
}

/** Of a place where a value was found: what its object takes. */
const slotChars = 64;

const charsOf = (memo: Memo): number =>
  Object.values(memo).reduce<number>(
    (sum, value) => sum + (typeof value === 'string' ? value.length : 0),
    (memo.slots?.length ?? 0) * slotChars,
  );

export const blockOf = (json: string): Block => new Block(json, {}, false);

/**
 * A block of a prompt: what is asked of it is worked out when it is first asked for, since most blocks are the same bytes again. A class, since V8
 * keeps what the getters of an object literal close over, the whole text here, until it collects everything.
 */
export class Block {
  readonly json: string;
  readonly #memo: Memo;
  readonly #isKept: boolean;

  constructor(json: string, memo: Memo, isKept: boolean) {
    this.json = json;
    this.#memo = memo;
    this.#isKept = isKept;
  }

  get tree(): Node | undefined {
    if (!('tree' in this.#memo)) this.#memo.tree = soundTree(this.json);
    return this.#memo.tree;
  }

  get role(): Role {
    return (this.#memo.role ??= roleOf(this.tree));
  }

  /** All its text. */
  get text(): string {
    return (this.#memo.text ??= allText(this.tree));
  }

  /** Without marks for the cache, all texts as they are. */
  get strict(): string {
    return (this.#memo.strict ??= this.#by({ exactText: true }));
  }

  /** As it counts for the model. */
  get meaning(): string {
    return (this.#memo.meaning ??= this.#by({}));
  }

  get meaningWithoutIds(): string {
    return (this.#memo.meaningWithoutIds ??= this.#by({ withoutIds: true }));
  }

  /** With changing values masked. */
  get masked(): string {
    if (this.#memo.masked === undefined) this.#mask();
    return this.#memo.masked!;
  }

  get slots(): readonly Slot[] {
    if (this.#memo.slots === undefined) this.#mask();
    return this.#memo.slots!;
  }

  /** Characters in memory: its own, and of what was worked out so far. */
  get chars(): number {
    return this.json.length + charsOf(this.#memo);
  }

  /** A copy to keep: without the tree, and not a view of a larger text. */
  kept(): Block {
    if (this.#isKept && !this.#memo.tree) return this;
    const { tree: _, ...rest } = this.#memo;
    return new Block(this.#isKept ? this.json : Buffer.from(this.json).toString(), rest, true);
  }

  #by(how: Parameters<typeof canonical>[1]): string {
    return this.tree ? canonical(this.tree, how) : this.json;
  }

  #mask(): void {
    const slots: Slot[] = [];
    this.#memo.masked = this.#by(maskedRoles.has(this.role) ? { slots } : {});
    this.#memo.slots = slots;
  }
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
