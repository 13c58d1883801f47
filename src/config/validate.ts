import { ConfigError, type ConfigIssue, type OptionPath } from './config-error.ts';
import { explain, valueAt, type Written } from './explain.ts';
import { interpolate, type Environment } from './interpolate.ts';
import { optionAt } from './json-schema.ts';
import { configSchema, type ParsedConfig } from './schema.ts';
import type { Source } from './source.ts';

/** More issues than this are counted, not listed. */
export const maxIssues = 100;

export interface Validated {
  readonly config: ParsedConfig;
  readonly written: Written;
}

/**
 * Fills in variables, lays `overrides` over what is written, and checks the result against the schema.
 * @throws {ConfigError} with every issue at once
 */
export function validate(source: Source, environment: Environment, overrides: object = {}): Validated {
  const { value, paths, faults } = interpolate(source.value, environment);
  const unset: readonly ConfigIssue[] = faults.map(({ path, text, problem, fix }) => ({
    file: source.file,
    place: source.locate(path, { text }),
    path,
    problem,
    fix,
  }));
  const variables = new Set(paths.map(keyOf));
  const written: Written = {
    source,
    value: merged(value, overrides),
    isVariable: (path) => variables.has(keyOf(path)),
    isOverride: (path) => !isGroup(valueAt(overrides, path) ?? {}),
  };
  const config = parsed(written, paths, unset);
  return { config, written };
}

/** `unset`: variables that are not there. Whatever else is wrong is told with them, but for what the schema says of the same options. */
function parsed(written: Written, variables: readonly OptionPath[], unset: readonly ConfigIssue[]): ParsedConfig {
  const first = configSchema.safeParse(written.value);
  const second = first.success ? first : configSchema.safeParse(variables.reduce(typed, written.value));
  if (second.success && unset.length === 0) return second.data;
  const others = second.error?.issues.flatMap((issue) => explain(issue, written)) ?? [];
  const issues = [...unset, ...others.filter(({ path }) => !unset.some((one) => isAt(path, one.path)))].toSorted(byPlace);
  throw new ConfigError([...issues.slice(0, maxIssues), ...unlisted(issues.length - maxIssues, written)]);
}

const unlisted = (count: number, { source }: Written): readonly ConfigIssue[] =>
  count > 0 ? [{ file: source.file, path: [], problem: `and ${count} more` }] : [];

const byPlace = (one: ConfigIssue, other: ConfigIssue): number =>
  (one.place?.line ?? 0) - (other.place?.line ?? 0) || (one.place?.column ?? 0) - (other.place?.column ?? 0);

/** A variable is text; where the schema asks for a number or a switch, the text of one becomes it. */
function typed(root: unknown, path: OptionPath): unknown {
  const text = valueAt(root, path);
  const type = optionAt(path)?.type;
  if (type === 'integer' && typeof text === 'string' && /^\d{1,15}$/.test(text)) return replacedAt(root, path, Number(text));
  if (type === 'number' && typeof text === 'string' && /^\d{1,15}(\.\d{1,15})?$/.test(text)) return replacedAt(root, path, Number(text));
  if (type === 'boolean' && (text === 'true' || text === 'false')) return replacedAt(root, path, text === 'true');
  return root;
}

function replacedAt(root: unknown, path: OptionPath, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  if (Array.isArray(root)) return root.map((item, index) => (index === step ? replacedAt(item, rest, value) : item));
  const group = root as Record<string, unknown>;
  return { ...group, [step]: replacedAt(group[step], rest, value) };
}

const isAt = (path: OptionPath, outer: OptionPath): boolean => outer.every((step, index) => path[index] === step);
const keyOf = (path: OptionPath): string => JSON.stringify(path);

const isGroup = (value: unknown): value is Record<string, unknown> => value !== null && typeof value === 'object' && !Array.isArray(value);

/** `over` wins, option by option; something that is no group where a group belongs stays, so that its error is told. Both stay as they are. */
function merged(under: unknown, over: unknown): unknown {
  if (over === undefined) return under;
  if (under === undefined || !isGroup(over)) return over;
  if (!isGroup(under)) return under;
  const keys = [...new Set([...Object.keys(under), ...Object.keys(over)])];
  return Object.fromEntries(keys.map((key) => [key, merged(under[key], over[key])]));
}
