import type { OptionPath } from './config-error.ts';

/** Values of environment variables, by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

// `$${` is a literal `${`.
const variable = /\$?\$\{([^}]*)\}?/g;
const reference = /^([A-Za-z_][A-Za-z0-9_]*)(?::-(.*))?$/s;

/** Options nest at most this deep. Aliases that contain themselves never end. */
export const maxDepth = 32;

export interface Interpolated {
  readonly value: unknown;
  /** Options that took a value from the environment. */
  readonly paths: readonly OptionPath[];
  readonly faults: readonly { readonly path: OptionPath; readonly text: string; readonly problem: string; readonly fix: string }[];
}

/**
 * Replaces `${VAR}` and `${VAR:-default}` in every string; keys stay as they are. As in a shell, the default also stands in for an empty variable.
 * What a variable holds is not looked at again.
 */
export function interpolate(value: unknown, environment: Environment): Interpolated {
  const paths: OptionPath[] = [];
  const faults: Interpolated['faults'][number][] = [];

  let tooDeep = false;

  const walk = (part: unknown, path: OptionPath): unknown => {
    if (tooDeep) return part;
    if (path.length > maxDepth) {
      tooDeep = true;
      faults.push({ path: path.slice(0, 1), text: '', problem: 'is nested too deeply', fix: `at most ${maxDepth} levels are read` });
      return part;
    }
    if (typeof part === 'string') return part.includes('${') ? replaced(part, path) : part;
    if (Array.isArray(part)) return part.map((item, index) => walk(item, [...path, index]));
    if (part === null || typeof part !== 'object') return part;
    return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, walk(item, [...path, key])]));
  };

  const replaced = (text: string, path: OptionPath): string => {
    paths.push(path);
    return text.replace(variable, (found, inside: string) => {
      if (found.startsWith('$$')) return found.slice(1);
      const [, name, fallback] = found.endsWith('}') ? (reference.exec(inside) ?? []) : [];
      const held = name !== undefined && Object.hasOwn(environment, name) ? environment[name] : undefined;
      if (held !== undefined && (held !== '' || fallback === undefined)) return held;
      if (fallback !== undefined) return fallback;
      faults.push({ path, text: found, ...(name === undefined ? malformed : missing(name)) });
      return found;
    });
  };

  return { value: walk(value, []), paths, faults };
}

const malformed = {
  problem: 'holds a `${` that names no variable',
  fix: 'write `${VAR}` or `${VAR:-default}`, or `$${` for a literal `${`',
};

const missing = (name: string) => ({
  problem: `the environment variable ${name} is not set`,
  fix: `set it, or give a default: \${${name}:-...}`,
});
