import { shares } from '../text/shares.ts';
import { promptParts, type PartTokens, type PromptPart } from '../core/record.ts';
import type { AuditCall } from './call.ts';
import type { ItemFacts } from './item.ts';
import type { CallRates } from './pricing.ts';
import { inputTokensOf, type TokenKinds } from './tokens.ts';

/** A call within its conversation. */
export interface Turn {
  readonly call: AuditCall;
  readonly kinds: TokenKinds;
  /** `undefined`: its price is not known. */
  readonly rates: CallRates | undefined;
  /** What the prompt is made of, in the order it is sent; `undefined`: it is not recorded. */
  readonly layout: Layout | undefined;
  /** The call before it in the same conversation, of the same model. */
  readonly before: Turn | undefined;
  /** Calls of its conversation before it. */
  readonly index: number;
  /** From which item on the prompt is new; 0 where it is another one from the start. */
  readonly newFrom: number;
}

export interface Layout {
  readonly toolChars: number;
  readonly headChars: number;
  readonly items: readonly ItemFacts[];
  /** Characters of all of it. */
  readonly chars: number;
  /** By this provider's own count of the whole. */
  readonly tokensPerChar: number;
  /** Tokens that stand before what is recorded. */
  readonly hiddenTokens: number;
}

/** Where nothing better is known. */
const tokensPerChar = 1 / 4;

/** `isPartial`: some of the prompt is in no record, so that its size tells nothing about the rest. */
export function layoutOf(parts: Pick<Layout, 'toolChars' | 'headChars' | 'items'>, kinds: TokenKinds, isPartial: boolean): Layout {
  const all = inputTokensOf(kinds);
  const chars = parts.toolChars + parts.headChars + parts.items.reduce((sum, item) => sum + item.chars, 0);
  const measured = chars === 0 ? 0 : all / chars;
  const rate = isPartial || measured > 1 ? Math.min(tokensPerChar, measured) : measured;
  return { ...parts, chars, tokensPerChar: rate, hiddenTokens: isPartial ? Math.max(0, all - chars * rate) : 0 };
}

/** Where a stretch of the prompt lies, in tokens from its beginning. */
export interface Stretch {
  readonly from: number;
  readonly tokens: number;
}

/** Tools stand first, then instructions, then the items. */
export const toolStretch = ({ toolChars, tokensPerChar: rate }: Layout): Stretch => ({ from: 0, tokens: toolChars * rate });

export function itemStretches(layout: Layout): readonly Stretch[] {
  let from = layout.hiddenTokens + (layout.toolChars + layout.headChars) * layout.tokensPerChar;
  return layout.items.map(({ chars }) => {
    const stretch = { from, tokens: chars * layout.tokensPerChar };
    from += stretch.tokens;
    return stretch;
  });
}

/** How a stretch was paid for: what lies at the beginning was read from the cache, what follows was written to it, the rest is fresh. */
export function paidFor({ from, tokens }: Stretch, { cacheRead, cacheWrite }: TokenKinds) {
  const within = (low: number, high: number): number => Math.max(0, Math.min(from + tokens, high) - Math.max(from, low));
  const read = within(0, cacheRead);
  const written = within(cacheRead, cacheRead + cacheWrite);
  return { read, written, fresh: Math.max(0, tokens - read - written) };
}

/** The input by part of the prompt; the provider's count in proportion to what is recorded. */
export function partsOfTurn({ call, kinds, layout }: Turn): PartTokens | undefined {
  if (call.parts || !layout || layout.chars === 0) return call.parts;
  const weights: { [P in PromptPart]: number } = { system: layout.headChars, tools: layout.toolChars, history: 0, retrieved: 0, toolResults: 0, media: 0, user: 0 }; // prettier-ignore
  const lastSaid = layout.items.findLastIndex(({ part }) => part === 'history' || part === 'toolResults');
  for (const [index, { part, chars }] of layout.items.entries()) weights[part === 'user' && index < lastSaid ? 'history' : part] += chars;
  if (layout.hiddenTokens > 0) weights.system += layout.hiddenTokens / layout.tokensPerChar;
  return shares(
    promptParts.map((part) => weights[part]),
    inputTokensOf(kinds),
  );
}
