import type { Catalog } from '../catalog/catalog.ts';
import { createPlaces } from '../prefix/memory.ts';
import type { Prompt } from '../prefix/prompt.ts';
import type { AuditCall } from './call.ts';
import { itemFacts, textChars, type ItemFacts } from './item.ts';
import { ratesOf } from './pricing.ts';
import { kindsOf } from './tokens.ts';
import { layoutOf, type Turn } from './turn.ts';

/** Conversations remembered at one time, and the characters of their last prompts; the one not seen for longest goes first. */
export const conversationLimits = { count: 5000, chars: 48 * 1024 * 1024 } as const;

/** Puts calls into their conversations. */
export interface Conversations {
  turnOf(call: AuditCall): Turn;
}

interface Kept {
  readonly turn: Turn;
  readonly chars: number;
}

export function createConversations(
  catalog: Catalog,
  limits: { readonly count: number; readonly chars: number } = conversationLimits,
): Conversations {
  const kept = new Map<string, Kept>();
  const placeOf = createPlaces();
  let chars = 0;
  const forget = (key: string): void => {
    chars -= kept.get(key)?.chars ?? 0;
    kept.delete(key);
  };
  const keep = (key: string, turn: Turn): void => {
    forget(key);
    const size = turn.call.prompt ? promptChars(turn.call.prompt) : 0;
    kept.set(key, { turn: { ...turn, before: undefined }, chars: size });
    chars += size;
    for (const oldest of kept.keys()) {
      if (kept.size <= limits.count && chars <= limits.chars) break;
      forget(oldest);
    }
  };
  return {
    turnOf(call) {
      const owner = JSON.stringify([call.source, call.app, call.session, call.model]);
      const key = call.prompt ? placeOf(call.prompt, owner).key : call.session === undefined ? undefined : owner;
      const before = key === undefined ? undefined : kept.get(key)?.turn;
      const turn = turnAfter(catalog, call, before);
      if (key !== undefined) keep(key, turn);
      return turn;
    },
  };
}

const promptChars = ({ tools = '', head = '', items }: Prompt): number =>
  items.reduce((sum, json) => sum + json.length, tools.length + head.length);

function turnAfter(catalog: Catalog, call: AuditCall, before: Turn | undefined): Turn {
  const kinds = kindsOf(call.buckets);
  const rates = ratesOf(catalog, call);
  const { prompt } = call;
  const index = before ? before.index + 1 : 0;
  if (!prompt) return { call, kinds, rates, layout: undefined, before, index, newFrom: 0 };
  const old = before?.call.prompt;
  const known = before?.layout?.items;
  const items = prompt.items.map((json, index) => (old?.items[index] === json ? known![index]! : itemFacts(prompt.api, json)));
  for (const item of items) item.sent += 1;
  const layout = layoutOf(
    { toolChars: prompt.tools?.length ?? 0, headChars: textChars(prompt.head ?? ''), items },
    kinds,
    call.isPartial === true,
  );
  return { call, kinds, rates, layout, before, index, newFrom: firstNew(items, known) };
}

function firstNew(items: readonly ItemFacts[], known: readonly ItemFacts[] | undefined): number {
  const at = items.findIndex((item, index) => known?.[index] !== item);
  return at < 0 ? items.length : at;
}
