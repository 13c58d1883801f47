import { hash } from 'node:crypto';
import { tokensIn } from './blocks.ts';
import type { PromptBlock, PromptBlocks } from './block.ts';

/** The end of a block: the name of the prefix up to it, and about how many tokens that is. */
export interface Boundary {
  readonly key: string;
  readonly tokens: number;
  readonly block: PromptBlock;
}

const link = (before: string, block: PromptBlock): string =>
  hash('sha1', Buffer.concat([Buffer.from(`${before}\n`, 'latin1'), block.content]), 'base64url');

/** Tokens of the frame around a block. */
const frameTokens = 4;

/** The ends of all blocks. `root`: what keeps caches apart, such as model and credential. `scale`: tokens the provider counts for one of ours. */
export function boundariesOf({ blocks, salt }: PromptBlocks, root: string, scale = 1): readonly Boundary[] {
  let key = root;
  let tokens = 0;
  let salted = false;
  return blocks.map((block) => {
    if (block.part === 'messages' && !salted) {
      salted = true;
      key = hash('sha1', `${key}\n${salt}`, 'base64url');
    }
    key = link(key, block);
    tokens += (tokensIn(block) + frameTokens) * scale;
    return { key, tokens, block };
  });
}
