import { useId, useState, type SyntheticEvent } from 'react';
import type { Dimension } from '../../src/analytics/query.ts';
import { allDimensions, dimensionName } from '../api/measures.ts';
import { useQuery } from '../api/use-query.ts';
import { filterText, withFilter } from '../state/filters.ts';
import { go, usePlace, withParameters } from '../state/location.ts';
import { useSpan } from '../state/use-span.ts';
import { Choice, Pick } from './choice.tsx';

/** Parts of an input are no property of a call. */
const options = allDimensions.filter((by) => by !== 'part').map((by) => [by, dimensionName(by)] as const);
const senses = [
  ['is', 'is'],
  ['not', 'is not'],
] as const;

/** Asks for a filter: a dimension, and one of the values that there are. */
export function AddFilter({ onDone }: { readonly onDone: () => void }) {
  const { path, search } = usePlace();
  const { span } = useSpan();
  const [by, setBy] = useState<Dimension>('app');
  const [sense, setSense] = useState<'is' | 'not'>('is');
  const [value, setValue] = useState('');
  const list = useId();
  const { value: answer } = useQuery({ measures: ['calls'], dimensions: [by], ...span, limit: 100 });
  const known = (answer?.rows ?? []).flatMap(({ keys: [key] }) => key ?? []);
  const add = (event: SyntheticEvent): void => {
    event.preventDefault();
    const wanted = value === '' ? null : value;
    const others = withFilter(search, by, wanted).slice(0, -1);
    const text = filterText({ dimension: by, values: [wanted], ...(sense === 'not' && { not: true }) });
    go(path + withParameters(search, { f: [...others, text] }));
    onDone();
  };
  return (
    <form className="toolbar" onSubmit={add}>
      <Pick label="Calls whose" options={options} chosen={by as (typeof options)[number][0]} onChoose={setBy} />
      <Choice label="Is or is not" options={senses} chosen={sense} onChoose={setSense} />
      <input
        type="text"
        aria-label="Value of the filter"
        placeholder="not set"
        list={list}
        value={value}
        onChange={({ target }) => setValue(target.value)}
      />
      <datalist id={list}>
        {known.map((each) => (
          <option key={each} value={each} />
        ))}
      </datalist>
      <button type="submit" className="button">
        Add
      </button>
      <button type="button" className="button plain" onClick={onDone}>
        Leave it
      </button>
    </form>
  );
}
