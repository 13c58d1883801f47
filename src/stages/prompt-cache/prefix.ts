import { hash } from 'node:crypto';
import type { Deployment } from '../../core/deployment.ts';
import type { Scope } from '../../core/pipeline.ts';
import { tokensIn } from './blocks.ts';
import type { PromptBlock, PromptBlocks } from './block.ts';
import type { Lru } from './lru.ts';

/** The end of a block: the name of the prefix up to it, and about how many tokens that is. */
export interface Boundary {
  readonly key: string;
  readonly tokens: number;
  readonly block: PromptBlock;
}

const link = (before: string, { role, content }: PromptBlock): string =>
  hash('sha1', Buffer.concat([Buffer.from(`${before}\n${role} `, 'latin1'), content]), 'base64url');

/** Tokens of the frame around a block. */
const frameTokens = 4;

interface Counting {
  /** Tokens the provider counts for one of ours. */
  readonly scale?: number;
  /** Counts of blocks by the prefixes they end: most of a conversation comes again. */
  readonly counted?: Lru<number>;
}

function countIn(key: string, block: PromptBlock, counted: Lru<number> | undefined): number {
  const known = counted?.get(key);
  if (known !== undefined) return known;
  const tokens = tokensIn(block);
  counted?.set(key, tokens);
  return tokens;
}

/** The ends of all blocks. `root`: what keeps caches apart, such as model and credential. */
export function boundariesOf({ blocks, salt }: PromptBlocks, root: string, { scale = 1, counted }: Counting = {}): readonly Boundary[] {
  let key = root;
  let tokens = 0;
  let salted = false;
  return blocks.map((block) => {
    if (block.part === 'messages' && !salted) {
      salted = true;
      key = hash('sha1', `${key}\n${salt}`, 'base64url');
    }
    key = link(key, block);
    tokens += (countIn(key, block, counted) + frameTokens) * scale;
    return { key, tokens, block };
  });
}

/** Caches are apart by place and by whose key pays. */
export const rootOf = ({ credentials, key }: Scope, { id }: Deployment): string =>
  hash('sha1', `${id}\n${key ?? ''}\n${credentials.join('\n')}`, 'base64url');

/** Number of the call in its conversation, from 1. */
export const depthOf = (boundaries: readonly Boundary[]): number =>
  1 + new Set(boundaries.flatMap(({ block }) => (block.isAnswer ? [block.message] : []))).size;
