import type { Measure } from '../../src/analytics/query.ts';
import type { Figures } from '../api/use-query.ts';
import { wholeCount } from '../format/count.ts';

export const doubtMeasures = ['unpricedCalls', 'estimatedCalls'] as const satisfies readonly Measure[];

/** What is not known beside a sum: calls without a price are not in it, and some are estimates. */
export function Doubts({ figures }: { readonly figures: Figures }) {
  const unpriced = figures.number('unpricedCalls') ?? 0;
  const estimated = figures.number('estimatedCalls') ?? 0;
  if (unpriced === 0 && estimated === 0) return <>all priced, none estimated</>;
  return (
    <>
      {unpriced > 0 && <span className="warn">not in the sums </span>}
      {estimated > 0 && <span className="warn">{wholeCount(estimated)} estimated</span>}
    </>
  );
}
