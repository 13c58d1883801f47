import type { ApiId } from '../core/api.ts';
import { canonical } from './canonical.ts';
import { child, elementsOf, textOf, tryTree, type Node } from './json-tree.ts';
import { withMarksOf, withoutMarks } from './marks.ts';
import type { Breaker, RepairRule } from './rules.ts';

/** A tool as it was first sent in this conversation. */
export interface SentTool {
  readonly name: string;
  readonly json: string;
  readonly meaning: string;
}

interface ToolList {
  readonly tools: readonly SentTool[];
  /** The list, with other tools in it. */
  readonly around: (inner: readonly string[]) => string;
}

/** `undefined` for no list, or one where two tools have one name. */
export function toolList(json: string): ToolList | undefined {
  const tree = tryTree(json);
  if (tree?.kind !== 'list') return undefined;
  // Google's tools stand in a group of functions.
  const group =
    tree.elements.length === 1
      ? (child(tree.elements[0], 'functionDeclarations') ?? child(tree.elements[0], 'function_declarations'))
      : undefined;
  const list = group ?? tree;
  const tools = elementsOf(list).map((node) => toolOf(json, node));
  if (new Set(tools.map(({ name }) => name)).size < tools.length) return undefined;
  return { tools, around: (inner) => `${json.slice(0, list.from)}[${inner.join()}]${json.slice(list.to)}` };
}

const toolOf = (json: string, node: Node): SentTool => ({
  name: textOf(child(child(node, 'function'), 'name')) ?? textOf(child(node, 'name')) ?? textOf(child(node, 'type')) ?? '',
  json: json.slice(node.from, node.to),
  meaning: canonical(node, { exactText: true }),
});

export interface ToolRepair {
  /** As they go out; `undefined`: as they came. */
  readonly json?: string;
  /** Names the call may use, where tools stand there that it does not offer. */
  readonly allowed?: readonly string[];
  readonly sent: readonly SentTool[];
}

interface ToolOptions {
  readonly rules: ReadonlySet<RepairRule>;
  /** Whether the call can be kept to some of its tools. */
  readonly canRestrict: boolean;
}

/** The tools in the order and the bytes they were first sent in, new ones behind. */
export function repairTools(sent: readonly SentTool[], json: string, { rules, canRestrict }: ToolOptions): ToolRepair {
  const list = toolList(json);
  if (!list || list.tools.length === 0) return { sent };
  const now = new Map(list.tools.map((tool) => [tool.name, tool]));
  const known = new Set(sent.map(({ name }) => name));
  const keepsAbsent = canRestrict && rules.has('tool-set');
  const old = sent.filter(({ name }) => keepsAbsent || now.has(name)).map((tool) => asSent(tool, now.get(tool.name), rules));
  const added = list.tools.filter(({ name }) => !known.has(name));
  const next = rules.has('tool-order') ? [...old, ...added] : inOrder(list.tools, old, keepsAbsent);
  const changed = list.around(
    marked(
      next.map((tool) => tool.json),
      list.tools.map((tool) => tool.json),
    ),
  );
  const isKept = sameTools(next, list.tools);
  return { sent: next, ...(!isKept && { json: changed }), ...(next.length > now.size && { allowed: [...now.keys()] }) };
}

const asSent = (sent: SentTool, now: SentTool | undefined, rules: ReadonlySet<RepairRule>): SentTool =>
  now === undefined || (now.meaning === sent.meaning && rules.has('tool-json')) ? sent : now;

function inOrder(tools: readonly SentTool[], old: readonly SentTool[], keepsAbsent: boolean): readonly SentTool[] {
  const byName = new Map(old.map((tool) => [tool.name, tool]));
  const absent = keepsAbsent ? old.filter(({ name }) => !tools.some((tool) => tool.name === name)) : [];
  return [...tools.map((tool) => byName.get(tool.name) ?? tool), ...absent];
}

const sameTools = (left: readonly SentTool[], right: readonly SentTool[]): boolean =>
  left.length === right.length && left.every(({ json }, index) => withoutMarks(json) === withoutMarks(right[index]!.json));

/** The client's marks at the same places of the list, those past its end on the last tool. */
function marked(next: readonly string[], now: readonly string[]): readonly string[] {
  return next.map((json, index) => {
    const model = index === next.length - 1 ? (now.at(-1) ?? '{}') : (now[index] ?? '{}');
    const isLast = index === now.length - 1 && index < next.length - 1;
    return withMarksOf(json, isLast ? '{}' : model) ?? json;
  });
}

/** How the tools of two calls differ, as the client sent them. */
export function toolBreaker(before: string | undefined, now: string | undefined): Breaker | undefined {
  if (before === now) return undefined;
  const [left, right] = [toolList(before ?? '[]')?.tools, toolList(now ?? '[]')?.tools];
  if (!left || !right) return 'tool_changed';
  if (sameTools(left, right)) return undefined;
  const byName = new Map(left.map((tool) => [tool.name, tool.meaning]));
  if (left.length !== right.length || right.some(({ name }) => !byName.has(name))) return 'tool_set';
  if (right.some(({ name, meaning }) => byName.get(name) !== meaning)) return 'tool_changed';
  return left.some(({ name }, index) => right[index]!.name !== name) ? 'tool_order' : 'tool_key_order';
}

/** Top-level members that keep a call to the tools it offers; `undefined` where the API or its choice cannot say so. */
export function restriction(
  api: ApiId,
  choice: string | undefined,
  allowed: readonly string[],
): { readonly tool_choice: string } | undefined {
  const mode = choice === undefined ? 'auto' : textOf(tryTree(choice));
  if (mode !== 'auto' && mode !== 'required') return undefined;
  if (api === 'openai.responses')
    return { tool_choice: JSON.stringify({ type: 'allowed_tools', mode, tools: allowed.map((name) => ({ type: 'function', name })) }) };
  if (api !== 'openai.chat') return undefined;
  const tools = allowed.map((name) => ({ type: 'function', function: { name } }));
  return { tool_choice: JSON.stringify({ type: 'allowed_tools', allowed_tools: { mode, tools } }) };
}

/** Whether all tools are functions: others cannot be named in a restriction. */
export const areFunctions = (json: string): boolean =>
  elementsOf(tryTree(json)).every((tool) => textOf(child(tool, 'type')) === 'function');
