import { isAlias, isCollection, isMap, isNode, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml';
import { ConfigError, type ConfigIssue, type OptionPath, type Place } from './config-error.ts';

/** Larger configurations are refused. */
export const maxConfigBytes = 1024 * 1024;
/** An alias may stand for at most this many values in all: a few lines of aliases of aliases would fill the memory. */
const maxAliasCount = 100;

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
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'silent' });
  const placeOf = (offset: number): Place => {
    const { line, col } = lines.linePos(offset);
    return { line, column: col };
  };
  const broken = [...document.errors, ...document.warnings];
  if (broken.length > 0) {
    throw new ConfigError(broken.map(({ message, pos }) => ({ file, place: placeOf(pos[0]), path: [], problem: syntaxProblem(message) })));
  }
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
  const first = message.split('\n', 1)[0]!;
  return `cannot be read as YAML: ${first.charAt(0).toLowerCase()}${first.slice(1)}`;
};

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
