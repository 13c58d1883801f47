import type { FindingBook } from '../finding.ts';
import { stretchTerms, type Finder } from '../finder.ts';
import { inputTokensOf } from '../tokens.ts';
import { createGroups } from './groups.ts';

/** More calls of tools than this share: they are wanted. */
const maxCallingShare = 0.02;
/** Smaller tools are not worth a word, as a share of the input. */
const minInputShare = 0.2;
interface Group {
  calls: number;
  calling: number;
  toolTokens: number;
  inputTokens: number;
}

/** Tools that stand at the head of every prompt of a kind of calls, of which next to none calls one. */
export function idleTools(book: FindingBook): Finder {
  const groups = createGroups<Group>(() => ({ calls: 0, calling: 0, toolTokens: 0, inputTokens: 0 }));
  return {
    see({ call, kinds, rates }) {
      const { parts, facts, app, model, where } = call;
      const tokens = parts?.tools ?? 0;
      if (!facts || !rates || tokens === 0 || call.outcome !== 'ok') return false;
      const key = { kind: 'idle_tools', app, subject: facts.feature === undefined ? model : `${facts.feature}, ${model}` } as const;
      const group = groups.of(key);
      if (!group) return false;
      const isCalling = facts.finishReason === 'tool_calls';
      group.calls += 1;
      group.calling += isCalling ? 1 : 0;
      group.toolTokens += tokens;
      group.inputTokens += inputTokensOf(kinds);
      if (!isCalling)
        book.add({
          ...key,
          about: { model, feature: facts.feature },
          where,
          terms: stretchTerms({ from: 0, tokens }, { kinds, rates, model }),
        });
      return false;
    },
    end() {
      for (const [key, group] of groups.all()) if (!isIdle(group)) book.drop(key);
    },
  };
}

const isIdle = ({ calls, calling, toolTokens, inputTokens }: Group): boolean =>
  calling <= calls * maxCallingShare && toolTokens >= inputTokens * minInputShare;
