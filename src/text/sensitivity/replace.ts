import { disjoint, type Finding } from './finding.ts';

/** A text with each of its findings replaced. */
export function replaced(text: string, findings: readonly Finding[], by: (finding: Finding, value: string) => string): string {
  let result = '';
  let kept = 0;
  for (const finding of disjoint(findings)) {
    result += text.slice(kept, finding.from) + by(finding, text.slice(finding.from, finding.to));
    kept = finding.to;
  }
  return result + text.slice(kept);
}

/** What stands in stored bodies in place of a value. */
export const redactionOf = ({ kind }: Finding): string => `[redacted:${kind}]`;
