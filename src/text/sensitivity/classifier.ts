import { findBy } from './custom.ts';
import { detectAll } from './detect.ts';
import type { Finding } from './finding.ts';
import type { Kind } from './kinds.ts';
import type { ShapeRule } from './rule.ts';

/** A finding and the rank of the label it asks for: 0 is the least sensitive. */
export interface Ranked extends Finding {
  readonly rank: number;
}

export interface RankedRule {
  readonly rank: number;
  readonly kinds: readonly Kind[];
  readonly shapes: readonly ShapeRule[];
}

export type Classify = (text: string, field: string | undefined) => readonly Ranked[];

/** Finds what the rules name; a kind that several rules name has the highest of their labels. Findings may overlap. */
export function createClassifier(rules: readonly RankedRule[]): Classify {
  const rankOf = new Map<Kind, number>();
  for (const { rank, kinds } of rules) for (const kind of kinds) rankOf.set(kind, Math.max(rank, rankOf.get(kind) ?? 0));
  const own = rules.filter(({ shapes }) => shapes.length > 0);
  const builtIn = (text: string, field: string | undefined): Ranked[] =>
    detectAll(text, field).flatMap((finding) => {
      const rank = rankOf.get(finding.kind);
      return rank === undefined ? [] : [{ ...finding, rank }];
    });
  return (text, field) => {
    const found = rankOf.size > 0 ? builtIn(text, field) : [];
    for (const { rank, shapes } of own) for (const finding of findBy(shapes, text)) found.push({ ...finding, rank });
    return found;
  };
}
