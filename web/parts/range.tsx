import { go, usePlace, withParameters } from '../state/location.ts';
import { isRangeName, rangeNames, type RangeName } from '../state/range.ts';
import { Choice } from './choice.tsx';

const options = Object.entries(rangeNames) as [RangeName, string][];

/** The span of time of a page, kept in its address. */
export function RangeChoice() {
  const { path, search } = usePlace();
  const range = new URLSearchParams(search).get('range');
  const chosen = isRangeName(range) ? range : range === null ? '7d' : 'custom';
  const shown: readonly (readonly [RangeName | 'custom', string])[] =
    chosen === 'custom' ? [...options, ['custom', 'Chosen span']] : options;
  return (
    <Choice label="Span of time" options={shown} chosen={chosen} onChoose={(name) => go(path + withParameters(search, { range: name }))} />
  );
}
