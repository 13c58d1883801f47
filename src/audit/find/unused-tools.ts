import { elementTexts } from '../../prefix/json-tree.ts';
import type { FindingBook, Term } from '../finding.ts';
import { stretchTerms, type Finder } from '../finder.ts';
import { toolStretch, type Turn } from '../turn.ts';

interface Tool {
  readonly name: string;
  readonly chars: number;
}

interface Offered {
  readonly app: string | undefined;
  readonly name: string;
  isCalled: boolean;
  readonly sessions: Set<string>;
  readonly sends: { readonly where: string; readonly terms: readonly Term[] }[];
}

/** Lists of tools that are remembered taken apart. */
const maxLists = 256;
/** Sends of one tool that are kept one by one; those beyond it are not counted. */
const maxSends = 50_000;
/** A tool that one conversation did not need may be what the next one is for. */
export const minSessions = 3;
/** Tools in all. */
const maxTools = 20_000;

/** Tools that are in every request of an app and were never called in any. */
export function unusedTools(book: FindingBook): Finder {
  const lists = new Map<string, readonly Tool[]>();
  const offered = new Map<string, Offered>();
  const of = (app: string | undefined, name: string): Offered => {
    const key = JSON.stringify([app, name]);
    const found = offered.get(key) ?? { app, name, isCalled: false, sessions: new Set<string>(), sends: [] };
    if (offered.size < maxTools) offered.set(key, found);
    return found;
  };
  const toolsOf = (json: string): readonly Tool[] => {
    const found = lists.get(json) ?? namedTools(json);
    if (lists.size >= maxLists) lists.clear();
    lists.set(json, found);
    return found;
  };
  return {
    see(turn) {
      const { call, layout } = turn;
      const called = [...(layout?.items.flatMap(({ calls }) => calls) ?? []), ...(call.reply?.tools ?? [])];
      for (const name of new Set(called)) of(call.app, name).isCalled = true;
      if (call.prompt?.tools !== undefined) for (const tool of toolsOf(call.prompt.tools)) send(of(call.app, tool.name), tool, turn);
      return false;
    },
    end: () => {
      for (const { app, name, isCalled, sessions, sends } of offered.values()) {
        if (isCalled || sessions.size < minSessions) continue;
        for (const { where, terms } of sends) book.add({ kind: 'unused_tool', app, subject: name, where, terms });
      }
    },
  };
}

function send(offered: Offered, tool: Tool, { call, layout, kinds, rates }: Turn): void {
  if (!layout || !rates || offered.isCalled || offered.sends.length >= maxSends) return;
  const stretch = { ...toolStretch(layout), tokens: layout.toolChars * layout.tokensPerChar };
  const terms = stretchTerms(stretch, { kinds, rates, model: call.model, share: tool.chars / Math.max(1, layout.toolChars) });
  offered.sends.push({ where: call.where, terms });
  if (offered.sessions.size < minSessions) offered.sessions.add(call.session ?? call.where);
}

/** Built-in tools have a type and no schema of their own: the provider writes it, so it cannot be weighed here. */
function namedTools(json: string): readonly Tool[] {
  return (elementTexts(json) ?? []).flatMap((text) => {
    const tool = JSON.parse(text) as { readonly name?: string; readonly function?: { readonly name?: string }; readonly functionDeclarations?: readonly { readonly name: string }[]; readonly defer_loading?: boolean }; // prettier-ignore
    if (tool.functionDeclarations)
      return tool.functionDeclarations.map((each) => ({ name: each.name, chars: JSON.stringify(each).length }));
    const name = tool.function?.name ?? tool.name;
    return name === undefined || tool.defer_loading === true || !/"(?:parameters|input_schema)"/.test(text)
      ? []
      : [{ name, chars: text.length }];
  });
}
