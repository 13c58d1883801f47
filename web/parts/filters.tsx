import { useState } from 'react';
import { dimensionName } from '../api/measures.ts';
import { filterText, filtersOf, withoutFilter } from '../state/filters.ts';
import { go, usePlace, withParameters } from '../state/location.ts';
import { AddFilter } from './add-filter.tsx';

/** The filters of the address, each with a button that takes it away, and one that adds another. */
export function FilterChips() {
  const { path, search } = usePlace();
  const filters = filtersOf(search);
  const [isAdding, setAdding] = useState(false);
  return (
    <>
      <div className="chips" role="group" aria-label="Filters">
        {filters.map((filter) => {
          const text = filterText(filter);
          const value = filter.values[0] ?? 'not set';
          return (
            <span key={text} className="chip">
              {dimensionName(filter.dimension)} {filter.not ? 'is not' : 'is'} {value}
              <button
                type="button"
                aria-label={`Take away the filter ${text}`}
                onClick={() => go(path + withParameters(search, { f: withoutFilter(search, text) }))}
              >
                ×
              </button>
            </span>
          );
        })}
        <button
          type="button"
          className={filters.length === 0 ? 'button plain small save' : 'button plain small'}
          aria-expanded={isAdding}
          onClick={() => setAdding(!isAdding)}
        >
          + Filter
        </button>
      </div>
      {isAdding && <AddFilter onDone={() => setAdding(false)} />}
    </>
  );
}
