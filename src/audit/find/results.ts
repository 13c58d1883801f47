import type { ItemFacts } from '../item.ts';
import type { FindingBook } from '../finding.ts';
import { stretchTerms, type Finder } from '../finder.ts';
import type { FindingKind } from '../kinds.ts';
import { itemStretches, type Turn } from '../turn.ts';

/** A shorter result is left alone. */
export const longResultTokens = 2000;
/** What head and tail of a shortened result keep. */
export const keptTokens = 1000;
/** Calls after which a result is stale. */
export const staleAfter = 10;
/** Less indentation than this share of a result is not worth a word. */
const minIndentShare = 0.1;

/** Long results sent on and on, indentation of JSON, and images at high detail: what each takes of each call that sends it. */
export function resultWaste(book: FindingBook): Finder {
  return {
    see(turn) {
      const { call, layout, rates, kinds } = turn;
      if (!layout || !rates || layout.chars === 0) return false;
      const stretches = itemStretches(layout);
      const add = (kind: FindingKind, index: number, share: number, subject: string): void => {
        const terms = stretchTerms(stretches[index]!, { kinds, rates, model: call.model, share });
        if (terms.length > 0) book.add({ kind, app: call.app, subject, where: call.where, terms });
      };
      for (const [index, item] of layout.items.entries()) look(item, index, turn, add);
      return false;
    },
    end: () => {},
  };
}

type Add = (kind: FindingKind, index: number, share: number, subject: string) => void;

function look(item: ItemFacts, index: number, { layout, call }: Turn, add: Add): void {
  const { tokensPerChar } = layout!;
  if (item.detailTokens > 0) add('image_detail', index, item.detailTokens / Math.max(1, item.chars * tokensPerChar), 'detail: high');
  if (item.resultChars === 0) return;
  const indentShare = item.indentChars / item.resultChars;
  if (indentShare >= minIndentShare) add('pretty_json', index, item.indentChars / item.chars, 'tool results');
  const tokens = item.resultChars * (1 - indentShare) * tokensPerChar;
  if (item.sent <= staleAfter || tokens < longResultTokens) return;
  add('stale_result', index, (tokens - keptTokens) / (item.chars * tokensPerChar), call.session ?? 'no session');
}
