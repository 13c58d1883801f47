import type { JsonObject } from '../../core/json.ts';

/** What one side says in one go. */
export interface Said<Role extends string> {
  readonly role: Role;
  readonly blocks: readonly JsonObject[];
}

/** Neighbours of the same role become one, because the API wants the roles to alternate; what says nothing is left out. */
export function merged<Role extends string>(said: readonly Said<Role>[]): readonly Said<Role>[] {
  const result: Said<Role>[] = [];
  for (const next of said) {
    const last = result.at(-1);
    if (next.blocks.length === 0) continue;
    if (last?.role === next.role) result[result.length - 1] = { role: last.role, blocks: [...last.blocks, ...next.blocks] };
    else result.push(next);
  }
  return result;
}

/** Arguments as an object, which some APIs want; text that is none stands under `text`. */
export function argumentsObject(json: string): JsonObject {
  try {
    const value: unknown = JSON.parse(json);
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value as JsonObject;
  } catch {
    // told below as it is
  }
  return json.trim() === '' ? {} : { text: json };
}
