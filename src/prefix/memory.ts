import { SizedMap } from '../core/sized-map.ts';
import { blockOf, digest, type Block, type Role } from './block.ts';
import { plainText } from './canonical.ts';
import type { SentBlock } from './blocks.ts';
import { blocksOf, type Prompt } from './prompt.ts';
import type { SentTool, ToolRepair } from './tools.ts';
import { isContextBlock, masked as maskedText } from './volatile.ts';

/** What was sent of a conversation. */
export interface Conversation {
  readonly model: string;
  /** As the client sent them last. */
  readonly clientTools: string | undefined;
  readonly tools: readonly SentTool[];
  /** How those went out. */
  readonly toolsOut: Pick<ToolRepair, 'json' | 'allowed'>;
  readonly blocks: readonly SentBlock[];
}

export interface MemoryLimits {
  readonly maxConversations: number;
  readonly maxBytes: number;
}

/** How many conversations with the same beginning are told apart. */
export const maxAlike = 4;
const headBlocks = 8;

/** Where a conversation is remembered: by whose it is, and by how it begins without its changing values. */
export interface Place {
  readonly key: string;
  /** The same whatever the instructions say. */
  readonly start: string;
}

interface Kept {
  readonly conversations: readonly Conversation[];
  readonly start: string;
}

/** What was sent lately. A class, because it is nothing but hidden state. */
export class PrefixMemory {
  readonly #maxBytes: number;
  readonly #kept: SizedMap<Kept>;
  readonly #starts = new Map<string, string>();

  constructor({ maxConversations: maxEntries, maxBytes }: MemoryLimits) {
    this.#maxBytes = maxBytes;
    const dropped = ({ start }: Kept, key: string): void => {
      if (this.#starts.get(start) === key) this.#starts.delete(start);
    };
    this.#kept = new SizedMap({ maxEntries, maxBytes, dropped });
  }

  get size(): number {
    return this.#kept.size;
  }
  get sizeBytes(): number {
    return this.#kept.bytes;
  }

  /** The conversation of which most goes on unchanged. */
  find({ key }: Place, prompt: Prompt): Conversation | undefined {
    const now = blocksOf(prompt);
    const equal = ({ blocks }: Conversation): number => blocks.filter(({ block }, index) => block.json === now[index]).length;
    const alike = this.#kept.peek(key)?.conversations ?? [];
    return alike.toSorted((a, b) => equal(b) - equal(a))[0];
  }

  /** One that began alike under other instructions. */
  related({ start }: Place): Conversation | undefined {
    const key = this.#starts.get(start);
    return key === undefined ? undefined : this.#kept.peek(key)?.conversations[0];
  }

  /** It is in use: others go before it. */
  touch({ key }: Place): void {
    this.#kept.get(key);
  }

  /** `before`: the one that goes on as `now`; left out, it is another one beside those that begin alike. Returns what is kept. */
  put({ key, start }: Place, now: Conversation, before?: Conversation): Conversation {
    const alike = this.#kept.peek(key)?.conversations ?? [];
    this.#kept.delete(key);
    const own = keepable(now);
    const kept = [own, ...alike.filter((each) => each !== before)].slice(0, maxAlike);
    const sizeBytes = kept.reduce((sum, each) => sum + sizeOf(each), 0);
    if (sizeBytes > this.#maxBytes) return own; // for one too large nothing else goes
    this.#starts.set(start, key);
    this.#kept.set(key, { conversations: kept, start }, sizeBytes);
    return own;
  }
}

const bytesPerChar = 2;
const sizeOf = ({ blocks, tools, toolsOut, clientTools = '' }: Conversation): number => {
  const chars = blocks.reduce(
    (sum, { block, base, plain, told }) =>
      sum +
      block.chars +
      (base === block ? 0 : base.chars) +
      (plain === block.json || plain === base.json ? 0 : plain.length) +
      (told.length === 0 ? 0 : JSON.stringify(told).length),
    0,
  );
  return (
    bytesPerChar *
    (chars +
      clientTools.length +
      (toolsOut.json?.length ?? 0) +
      tools.reduce((sum, { json, meaning }) => sum + json.length + meaning.length, 0))
  );
};

/** Without trees, and without views that would keep whole bodies alive. */
function keepable(conversation: Conversation): Conversation {
  const seen = new Map<Block, Block>();
  const kept = (block: Block): Block => {
    const found = seen.get(block) ?? block.kept();
    seen.set(block, found);
    return found;
  };
  const blocks = conversation.blocks.map((sent) => {
    const block = kept(sent.block);
    const base = sent.base === sent.block ? block : kept(sent.base);
    const plain = sent.plain === base.json ? base.json : sent.plain === block.json ? block.json : Buffer.from(sent.plain).toString();
    return { ...sent, block, base, plain };
  });
  return { ...conversation, blocks };
}

/** Blocks whose description is remembered by their bytes. */
const maxDescribed = 4096;

/** `owner`: whose conversation it is; conversations of two owners never meet. */
export type PlaceOf = (prompt: Prompt, owner: string) => Place;

interface Described {
  readonly role: Role;
  /** Digest of it without its changing values. */
  readonly masked: string;
  readonly isContext: boolean;
}

export function createPlaces(): PlaceOf {
  const known = new Map<string, Described>();
  const described = (json: string): Described => {
    const key = isLongQuestion(json)
      ? digest(`${json.length} ${json.slice(0, wholeChars)}${json.slice(-ends.last.searched)}`)
      : digest(json);
    const found = known.get(key) ?? describe(json);
    if (known.size >= maxDescribed) known.clear();
    known.set(key, found);
    return found;
  };
  return (prompt, owner) => {
    const system: string[] = [];
    let first = '';
    for (const json of blocksOf(prompt).slice(0, headBlocks)) {
      const { role, masked, isContext } = described(json);
      if (role === 'system') system.push(masked);
      else if (!isContext) first = masked;
      if (first !== '') break;
    }
    const start = digest(JSON.stringify([owner, prompt.api, first]));
    return { start, key: digest(JSON.stringify([start, system])) };
  };
}

/** Then its two ends decide anyway. */
const isLongQuestion = (json: string): boolean => json.length > wholeChars && json.startsWith('{"role":"user"');

/** JSON of what a user says first that is looked at as a whole; of longer ones two ends count. */
const wholeChars = 8 * 1024;
/** Characters searched at each end, and those of them that count: what changes may be longer or shorter each time. */
const ends = { first: { searched: 4096, counted: 3000 }, last: { searched: 1024, counted: 600 } } as const;

function describe(json: string): Described {
  const block = blockOf(json);
  const isContext = block.role === 'user' && isContextBlock(block.text);
  const masked = block.role === 'user' && json.length > wholeChars ? endsOf(block.text) : block.masked;
  return { role: block.role, masked: digest(masked), isContext };
}

function endsOf(text: string): string {
  const plain = (part: string): string => plainText(maskedText(part, []));
  const { first, last } = ends;
  return `${plain(text.slice(0, first.searched)).slice(0, first.counted)}\n${plain(text.slice(-last.searched)).slice(-last.counted)}`;
}
