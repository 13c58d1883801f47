import type { QueryRow } from '../../src/analytics/query.ts';
import type { PromptPart } from '../../src/core/record.ts';
import { promptParts } from '../format/prompt-parts.ts';

/** Input tokens by part of the prompt. */
export type PartSums = { readonly [P in PromptPart]: number };

/** Rows of parts as one; the part is the last of their keys. */
export function partSums(rows: readonly QueryRow[]): PartSums {
  const tokens = new Map(rows.map(({ keys, values }) => [keys.at(-1), Number(values[0] ?? 0)]));
  return Object.fromEntries(promptParts.map((part) => [part, tokens.get(part) ?? 0])) as PartSums;
}

export const partTotal = (sums: PartSums): number => promptParts.reduce((sum, part) => sum + sums[part], 0);
