import type { Kind } from './kinds.ts';

/** A value found in a text, from `from` up to `to`, in UTF-16 units. */
export interface Finding {
  readonly kind: Kind;
  readonly from: number;
  readonly to: number;
}

/** In order and without overlaps: the one that begins first stays, of two that begin together the longer one, then the one found first. */
export function disjoint<F extends Finding>(findings: readonly F[]): readonly F[] {
  if (findings.length < 2) return findings;
  const kept: F[] = [];
  let end = 0;
  for (const finding of findings.toSorted((a, b) => a.from - b.from || b.to - a.to)) {
    if (finding.from < end) {
      end = widened(kept, finding, end);
      continue;
    }
    kept.push(finding);
    end = finding.to;
  }
  return kept;
}

/** What reaches beyond the value before it belongs to that value: nothing found is left standing in part. */
function widened<F extends Finding>(kept: F[], { to }: F, end: number): number {
  if (to <= end) return end;
  kept.push({ ...kept.pop()!, to });
  return to;
}
