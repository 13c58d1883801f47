interface Place {
  /** Index of the first character, and of the one after the last. */
  readonly from: number;
  readonly to: number;
}
export interface Member extends Place {
  readonly key: string;
  readonly value: Node;
}
/** A JSON value and where it stands in its text, so that a part can be changed and every other character kept. */
export type Node =
  | (Place & { readonly kind: 'object'; readonly members: readonly Member[] })
  | (Place & { readonly kind: 'list'; readonly elements: readonly Node[] })
  | (Place & { readonly kind: 'string'; readonly text: string })
  | (Place & { readonly kind: 'plain'; readonly text: string });

/** Deeper values are left alone. */
export const maxTreeDepth = 128;

const space = /[ \t\r\n]*/y;
const plain = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;

/** The tree of one JSON value. @throws {RangeError} when it is malformed, nests too deep, or has a key twice in one object */
export function treeOf(json: string): Node {
  const tree = value(json, skip(json, 0), 0);
  if (skip(json, tree.to) !== json.length) throw new RangeError('text after the JSON value');
  return tree;
}

/** The same, `undefined` instead of an error. */
export function tryTree(json: string): Node | undefined {
  try {
    return treeOf(json);
  } catch {
    return undefined;
  }
}

function skip(json: string, from: number): number {
  space.lastIndex = from;
  space.test(json);
  return space.lastIndex;
}

function value(json: string, from: number, depth: number): Node {
  if (depth > maxTreeDepth) throw new RangeError('nested too deep');
  switch (json[from]) {
    case '{':
      return object(json, from, depth);
    case '[':
      return list(json, from, depth);
    case '"': {
      const to = stringEnd(json, from);
      return { kind: 'string', from, to, text: JSON.parse(json.slice(from, to)) as string };
    }
    default:
      return plainValue(json, from);
  }
}

function plainValue(json: string, from: number): Node {
  plain.lastIndex = from;
  const text = plain.exec(json)?.[0];
  if (text === undefined) throw new RangeError(`malformed JSON at character ${from}`);
  return { kind: 'plain', from, to: from + text.length, text };
}

/** After the closing quote. @throws {RangeError} when there is none */
export function stringEnd(json: string, from: number): number {
  for (let at = json.indexOf('"', from + 1); at >= 0; at = json.indexOf('"', at + 1)) {
    let slashes = 0;
    while (json[at - 1 - slashes] === '\\') slashes += 1;
    if (slashes % 2 === 0) return at + 1;
  }
  throw new RangeError('a string that does not end');
}

function object(json: string, from: number, depth: number): Node {
  const members: Member[] = [];
  const seen = new Set<string>();
  const to = parts(json, from, '}', (at) => {
    if (json[at] !== '"') throw new RangeError(`no key at character ${at}`);
    const end = stringEnd(json, at);
    const key = JSON.parse(json.slice(at, end)) as string;
    if (seen.has(key)) throw new RangeError(`key "${key}" stands twice`);
    seen.add(key);
    const colon = skip(json, end);
    if (json[colon] !== ':') throw new RangeError(`no colon at character ${colon}`);
    const member = value(json, skip(json, colon + 1), depth + 1);
    members.push({ key, from: at, to: member.to, value: member });
    return member.to;
  });
  return { kind: 'object', from, to, members };
}

function list(json: string, from: number, depth: number): Node {
  const elements: Node[] = [];
  const to = parts(json, from, ']', (at) => {
    const element = value(json, at, depth + 1);
    elements.push(element);
    return element.to;
  });
  return { kind: 'list', from, to, elements };
}

/** Reads what stands between brackets, one part after the other; `part` returns where its part ends. */
function parts(json: string, from: number, close: '}' | ']', part: (at: number) => number): number {
  let at = skip(json, from + 1);
  if (json[at] === close) return at + 1;
  for (;;) {
    at = skip(json, part(at));
    if (json[at] === close) return at + 1;
    if (json[at] !== ',') throw new RangeError(`no comma at character ${at}`);
    at = skip(json, at + 1);
  }
}

/** Value of a key of an object; `undefined` for anything else. */
export const child = (node: Node | undefined, key: string): Node | undefined =>
  node?.kind === 'object' ? node.members.find((member) => member.key === key)?.value : undefined;
export const elementsOf = (node: Node | undefined): readonly Node[] => (node?.kind === 'list' ? node.elements : []);
export const textOf = (node: Node | undefined): string | undefined => (node?.kind === 'string' ? node.text : undefined);

/** The texts of a list's elements. Cheaper than a tree: it only looks for their ends. `undefined` when `json` is no sound list. */
export function elementTexts(json: string): readonly string[] | undefined {
  const found: string[] = [];
  try {
    const open = skip(json, 0);
    if (json[open] !== '[') return undefined;
    const to = parts(json, open, ']', (at) => {
      const end = valueEnd(json, at);
      found.push(json.slice(at, end));
      return end;
    });
    return skip(json, to) === json.length ? found : undefined;
  } catch {
    return undefined;
  }
}

const bracket = /["[\]{}]/g;

function valueEnd(json: string, from: number): number {
  if (json[from] === '"') return stringEnd(json, from);
  if (json[from] !== '{' && json[from] !== '[') return plainValue(json, from).to;
  let depth = 0;
  bracket.lastIndex = from;
  for (let match = bracket.exec(json); match; match = bracket.exec(json)) {
    if (match[0] === '"') bracket.lastIndex = stringEnd(json, match.index);
    else depth += match[0] === '{' || match[0] === '[' ? 1 : -1;
    if (depth === 0) return match.index + 1;
  }
  throw new RangeError('a value that does not end');
}

/** Replacement of what stands from `from` to `to`. */
export interface Edit extends Place {
  readonly text: string;
}

/** The text with non-overlapping edits made. */
export function edited(json: string, edits: readonly Edit[]): string {
  let result = '';
  let at = 0;
  for (const { from, to, text } of edits.toSorted((a, b) => a.from - b.from)) {
    result += json.slice(at, from) + text;
    at = to;
  }
  return result + json.slice(at);
}
