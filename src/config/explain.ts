import type * as z from 'zod';
import type { ConfigIssue, OptionPath } from './config-error.ts';
import { optionAt, type JsonSchema } from './json-schema.ts';
import { nearest } from './nearest.ts';
import type { Source } from './source.ts';

/** What is needed to say where an issue stands and what was written there. */
export interface Written {
  readonly source: Source;
  /** After interpolation and overrides. */
  readonly value: unknown;
  /** Whether a value came from the environment: then it may be a secret and is not shown. */
  readonly isVariable: (path: OptionPath) => boolean;
  /** Whether a value came from the command line: then it stands in no line. */
  readonly isOverride: (path: OptionPath) => boolean;
}

interface Finding {
  readonly path: OptionPath;
  readonly problem: string;
  readonly fix?: string | undefined;
  /** The key is wrong, not its value. */
  readonly atKey?: boolean;
}

/** An issue of validation, in words: where it stands, what is wrong, what to do. */
export const explain = (issue: z.core.$ZodIssue, written: Written): readonly ConfigIssue[] =>
  findings(issue, written).map((finding) => place(finding, written));

/** Gives a finding its file, line and column. */
export function place(
  { path, problem, fix, atKey = false }: Finding,
  { source, isOverride }: Pick<Written, 'source' | 'isOverride'>,
): ConfigIssue {
  if (isOverride(path)) return { path, problem, fix };
  return { file: source.file, place: source.locate(path, { key: atKey }), path, problem, fix };
}

function findings(issue: z.core.$ZodIssue, written: Written): readonly Finding[] {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key) => unknownOption(path, key));
    case 'invalid_key':
      return [{ path, atKey: true, problem: `the name ${issue.issues[0]?.message ?? 'cannot be used'}` }];
    case 'invalid_type':
    case 'invalid_value':
    case 'invalid_union':
      return [wrongValue(path, written)];
    default:
      return [{ path, problem: outOfBounds(issue), ...(isGiven(path, written) ? {} : { fix: expected(optionAt(path)) }) }];
  }
}

function unknownOption(path: OptionPath, key: string): Finding {
  const known = Object.keys(optionAt(path)?.properties ?? {}).filter((name) => name !== '$schema');
  const like = nearest(key, known);
  const fix = like === undefined ? `known here: ${known.join(', ')}` : `did you mean ${JSON.stringify(like)}?`;
  return { path: [...path, key], atKey: true, problem: 'unknown option', fix };
}

function wrongValue(path: OptionPath, written: Written): Finding {
  const node = optionAt(path);
  const value = valueAt(written.value, path);
  if (value === undefined) return { path, problem: 'is missing', fix: `give ${expected(node)}` };
  if (value === null) return { path, problem: 'is empty', fix: `give ${expected(node)}, or leave the option out` };
  const like = typeof value === 'string' ? nearest(value, node?.enum ?? []) : undefined;
  const fix = like === undefined ? undefined : `did you mean ${JSON.stringify(like)}?`;
  return { path, problem: `${shown(value, path, written)} is not ${expected(node)}`, fix };
}

function outOfBounds(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'too_big':
      return issue.origin === 'array' ? `has more than ${issue.maximum} entries` : `is above the largest value, ${issue.maximum}`;
    case 'too_small':
      if (issue.origin === 'string') return issue.minimum === 1 ? 'is empty' : `is shorter than ${issue.minimum} characters`;
      return issue.origin === 'array' ? 'has no entries' : `is below the smallest value, ${issue.minimum}`;
    case 'invalid_format':
      return issue.format === 'url' ? 'is not a URL that begins with http:// or https://' : issue.message;
    default:
      return issue.message;
  }
}

const isGiven = (path: OptionPath, written: Written): boolean => valueAt(written.value, path) !== undefined;

/** What may stand at an option, such as `a whole number of bytes` or `one of openai, anthropic, google`. */
function expected(node: JsonSchema | undefined): string {
  if (node?.enum) return `one of ${node.enum.join(', ')}`;
  const unit = node?.unit === undefined ? '' : ` (${node.unit})`;
  switch (node?.type) {
    case 'integer':
      return `a whole number${unit}`;
    case 'boolean':
      return 'true or false';
    case 'array':
      return 'a list';
    case 'object':
      return 'a group of options';
    case 'string':
      return node.format === 'uri' ? 'a URL' : 'text';
    default:
      return `a number${unit}, or the same in quotes`;
  }
}

function shown(value: unknown, path: OptionPath, { isVariable }: Written): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return 'a group of options';
  if (isVariable(path)) return 'the value of the variable';
  const secret = path.some((_, index) => optionAt(path.slice(0, index + 1))?.secret);
  return secret ? 'the value' : JSON.stringify(value).slice(0, 80);
}

/** The value at `path`, as far as own properties go. */
export function valueAt(root: unknown, path: OptionPath): unknown {
  let value = root;
  for (const step of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) return undefined;
    value = (value as Record<string | number, unknown>)[step];
  }
  return value;
}
