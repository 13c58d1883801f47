import {
  isAlias,
  isCollection,
  isMap,
  isNode,
  isPair,
  isScalar,
  isSeq,
  LineCounter,
  parseDocument,
  visit,
  type Document,
  type Node,
} from 'yaml';
import { ConfigError, type ConfigIssue, type OptionPath, type Place } from './config-error.ts';

/** Larger configurations are refused. */
export const maxConfigBytes = 1024 * 1024;
/** An alias may stand for at most this many values in all: a few lines of aliases of aliases would fill the memory. */
const maxAliasCount = 100;

/** One slip can make the rest of a file unreadable: only the first errors help. */
const maxSyntaxErrors = 10;

/** A configuration as written, before validation. */
export interface Source {
  /** As shown to the user. */
  readonly file: string | undefined;
  readonly value: unknown;
  /** Where an option, or the nearest part around it that is written, stands. `text`: the place of this text within it. */
  readonly locate: (path: OptionPath, at?: { readonly key?: boolean; readonly text?: string }) => Place | undefined;
}

export const sourceOf = (value: unknown, file?: string): Source => ({ file, value, locate: () => undefined });

/** Reads YAML or JSON, which is YAML. @throws {ConfigError} with the line of each syntax error. */
export function parseSource(text: string, file: string): Source {
  if (Buffer.byteLength(text) > maxConfigBytes) throw new ConfigError([tooLarge(file)]);
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const broken = [...document.errors, ...document.warnings].slice(0, maxSyntaxErrors);
  if (broken.length > 0) {
    throw new ConfigError(broken.map(({ message, pos }) => ({ file, place: placeOf(pos[0]), path: [], problem: syntaxProblem(message) })));
  }
  const loose = unresolvedAlias(document);
  if (loose)
    throw new ConfigError([{ file, place: placeOf(loose.offset), path: [], problem: `cannot be read: there is no anchor &${loose.name}` }]);
  return {
    file,
    value: valueOf(document, file),
    locate(path, at = {}) {
      const offset = offsetOf(document, path, at.key ?? false, at.text, text);
      return offset === undefined ? undefined : placeOf(offset);
    },
  };
}

const tooLarge = (file: string): ConfigIssue => ({ file, path: [], problem: `the file is larger than ${maxConfigBytes} bytes` });

const syntaxProblem = (message: string): string => {
  const first = message.startsWith('Maximum call stack') ? 'nested too deeply' : message.split('\n', 1)[0]!;
  return `cannot be read: ${first.charAt(0).toLowerCase()}${first.slice(1)}`;
};

function unresolvedAlias(document: Document): { readonly name: string; readonly offset: number } | undefined {
  let found: { readonly name: string; readonly offset: number } | undefined;
  visit(document, {
    Alias(_, alias) {
      if (alias.resolve(document)) return undefined;
      found = { name: alias.source, offset: alias.range?.[0] ?? 0 };
      return visit.BREAK;
    },
  });
  return found;
}

function valueOf(document: Document, file: string): unknown {
  try {
    return document.toJS({ maxAliasCount }) ?? {};
  } catch (cause) {
    throw new ConfigError([{ file, path: [], problem: 'has too many aliases', fix: 'write the values out' }], { cause });
  }
}

function offsetOf(document: Document, path: OptionPath, key: boolean, part: string | undefined, text: string): number | undefined {
  let node: unknown = document.contents;
  let keyNode: unknown;
  for (const step of path) {
    const next = child(resolved(node, document), step);
    if (!next) break;
    keyNode = next.key ?? keyNode;
    node = next.value ?? next.key;
  }
  const range = isNode(key ? (keyNode ?? node) : node) ? ((key ? (keyNode ?? node) : node) as Node).range : undefined;
  if (!range) return undefined;
  const within = part === undefined ? -1 : text.slice(range[0], range[1]).indexOf(part);
  return within < 0 ? range[0] : range[0] + within;
}

const resolved = (node: unknown, document: Document): unknown => (isAlias(node) ? node.resolve(document) : node);

function child(node: unknown, step: string | number): { readonly key?: unknown; readonly value: unknown } | undefined {
  if (!isCollection(node)) return undefined;
  if (isSeq(node)) return typeof step === 'number' && node.items[step] !== undefined ? { value: node.items[step] } : undefined;
  if (!isMap(node)) return undefined;
  const pair = node.items.find((item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(step));
  return pair && { key: pair.key, value: pair.value };
}
