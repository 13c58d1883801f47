import type { Call, Members } from '../../core/call.ts';
import { jsonBytes, parse, type Json } from '../../core/json.ts';

/** Keys from the top of a body to a value. */
export type Path = readonly string[];

/** Values longer than this are not read: their settings stay as they are. */
const maxValueBytes = 256 * 1024;

/** The settings of a call while they are changed. Only the top-level keys that are changed are written anew. */
export class Draft {
  readonly #call: Call;
  readonly #values = new Map<string, unknown>();
  readonly #changed = new Set<string>();

  constructor(call: Call) {
    this.#call = call;
  }

  /** The value at the first of `paths` that is there; `null` counts as absent. */
  get(paths: readonly Path[]): unknown {
    const path = this.#present(paths);
    return path && this.#at(path);
  }

  /** Puts a value where one of `paths` is, else where its outermost key is, else at the first. */
  set(paths: readonly Path[], value: Json): void {
    const path = this.#present(paths) ?? paths.find(([top]) => this.#value(top!) !== undefined) ?? paths[0]!;
    const [top, ...rest] = path;
    this.#values.set(top!, placed(this.#value(top!), rest, value));
    this.#changed.add(top!);
  }

  get members(): Members {
    return Object.fromEntries([...this.#changed].map((key) => [key, jsonBytes(this.#values.get(key) as Json)]));
  }

  #present(paths: readonly Path[]): Path | undefined {
    return paths.find((path) => (this.#at(path) ?? undefined) !== undefined);
  }

  #at([top, ...rest]: Path): unknown {
    return rest.reduce<unknown>((value, key) => (isObject(value) ? value[key] : undefined), this.#value(top!));
  }

  #value(key: string): unknown {
    if (!this.#values.has(key)) {
      const json = this.#call.json(key);
      this.#values.set(key, json && json.length <= maxValueBytes ? parse(json) : undefined);
    }
    return this.#values.get(key);
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function placed(root: unknown, [key, ...rest]: Path, value: Json): unknown {
  if (key === undefined) return value;
  const group = isObject(root) ? root : {};
  return { ...group, [key]: placed(group[key], rest, value) };
}
