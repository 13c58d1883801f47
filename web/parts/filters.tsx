import { dimensionName } from '../api/measures.ts';
import { filterText, filtersOf, withoutFilter } from '../state/filters.ts';
import { go, usePlace, withParameters } from '../state/location.ts';

/** The filters of the address, each with a button that takes it away. */
export function FilterChips() {
  const { path, search } = usePlace();
  const filters = filtersOf(search);
  if (filters.length === 0) return null;
  return (
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
    </div>
  );
}
