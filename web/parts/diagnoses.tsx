import type { CallRecord } from '../../src/core/record.ts';
import { signalText } from '../format/signals.ts';

/** What the marks of a call mean, and what to do. Nothing where there are none. */
export function Diagnoses({ call: { annotations } }: { readonly call: CallRecord }) {
  const signals = annotations?.signals ?? [];
  if (signals.length === 0) return null;
  return (
    <ul className="diagnoses" aria-label="What stands out">
      {signals.map((signal) => {
        const { says, fix, guide } = signalText(signal);
        return (
          <li key={signal}>
            <span className="mark warn">{signal}</span> {says}{' '}
            <span className="quiet">
              {fix} {guide !== undefined && `See ${guide}.`}
            </span>
          </li>
        );
      })}
    </ul>
  );
}
