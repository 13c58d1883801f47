import { child, textOf, tryTree, type Member, type Node } from './json-tree.ts';
import { masked, type Slot } from './volatile.ts';

/** How far values may differ and still be the same to the model. */
export interface Equivalence {
  /** Values that change by themselves are masked in texts, and collected here. */
  readonly slots?: Slot[];
  /** Ids of tool calls do not count. */
  readonly withoutIds?: boolean;
  /** Texts as they are; else neither trailing spaces, nor the number of blank lines, nor `1.0` for `1` counts. */
  readonly exactText?: boolean;
}

const idKeys = new Set(['tool_call_id', 'call_id', 'tool_use_id']);
const callTypes = new Set(['function', 'custom', 'tool_use', 'server_tool_use']);

/**
 * A text that two JSON values share when they mean the same: keys in any order, numbers by value, JSON inside strings likewise, cache marks left out.
 * Keys that stand twice have no canonical form: such JSON is compared as text.
 */
export function canonical(node: Node, how: Equivalence): string {
  switch (node.kind) {
    case 'object':
      return objectText(node, how);
    case 'list':
      return `[${node.elements.map((element) => canonical(element, how)).join()}]`;
    case 'string':
      return JSON.stringify(stringText(node.text, how));
    default:
      return numberText(node.text);
  }
}

function objectText({ members }: Node & { kind: 'object' }, how: Equivalence): string {
  const isCall = members.some(({ key, value }) => key === 'type' && value.kind === 'string' && callTypes.has(value.text));
  const isId = (key: string): boolean => how.withoutIds === true && (idKeys.has(key) || (key === 'id' && isCall));
  const kept = members.filter((member) => !isMark(member)).toSorted((a, b) => (a.key < b.key ? -1 : 1));
  return `{${kept.map(({ key, value }) => `${JSON.stringify(key)}:${isId(key) ? '#' : canonical(value, how)}`).join()}}`;
}

/** A schema may have a property of the same name. */
const isMark = ({ key, value }: Member): boolean => key === 'cache_control' && textOf(child(value, 'type')) === 'ephemeral';

function stringText(text: string, how: Equivalence): string {
  const first = text.trimStart()[0];
  const tree = first === '{' || first === '[' ? tryTree(text) : undefined;
  if (tree) return `json ${canonical(tree, { ...how, exactText: true })}`;
  const own = how.slots ? masked(text, how.slots) : text;
  return how.exactText ? own : plainText(own);
}

/** `1.0` and `1`, `1e3` and `1000` are one number; more digits than a double holds are compared as they are. */
export function numberText(text: string): string {
  if (/^-?\d+$/.test(text)) return text === '-0' ? '0' : text;
  const digits = text.replace(/[eE].*|[-.]/g, '').length;
  const value = Number(text);
  return digits <= 15 && Number.isFinite(value) ? String(value) : text;
}

const zeroFraction = /(?<![\w.])(\d{1,15})\.0{1,15}(?![\w]|\.\d)/g;

/** A text without what says nothing: spaces at the ends of lines, how many blank lines there are, `1.0` for `1`. Indentation stays. */
export function plainText(text: string): string {
  const lines = text.split(/\r\n|[\r\n]/).map((line) => line.trimEnd());
  const kept = lines.filter((line, at) => line !== '' || lines[at - 1] !== '');
  return kept
    .join('\n')
    .replace(/^\n+|\n+$/g, '')
    .replace(zeroFraction, '$1');
}
