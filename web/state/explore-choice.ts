import type { Dimension, Measure, QueryRow } from '../../src/analytics/query.ts';
import { allDimensions, allMeasures, dimensionName } from '../api/measures.ts';

/** What the page Explore shows, as its address holds it. */
export interface ExploreView {
  readonly measure: Measure;
  /** None, one or two, the first for the rows. */
  readonly by: readonly Dimension[];
  /** `cross`: the second dimension to the right; with two dimensions only. */
  readonly view: 'bars' | 'time' | 'cross';
  readonly compare: 'previous' | 'year' | undefined;
}

const dimensionOf = (text: string | null): Dimension | undefined =>
  text !== null && ((allDimensions as readonly string[]).includes(text) || /^tag:[\w.-]+$/.test(text)) ? (text as Dimension) : undefined;

/** What is no measure or dimension is taken for the usual one. Of parts of the input only their tokens can be told. */
export function exploreViewOf(search: string): ExploreView {
  const parameters = new URLSearchParams(search);
  const measure = parameters.get('measure') as Measure;
  const first = parameters.get('by') === 'none' ? undefined : (dimensionOf(parameters.get('by')) ?? 'model');
  const second = first && dimensionOf(parameters.get('and'));
  const by = [...(first ? [first] : []), ...(second && second !== first ? [second] : [])];
  const view = parameters.get('view');
  const compare = parameters.get('compare');
  return {
    measure: by.includes('part') ? 'partTokens' : allMeasures.includes(measure) && measure !== 'partTokens' ? measure : 'costUsd',
    by,
    view: view === 'time' || (view === 'cross' && by.length === 2) ? view : 'bars',
    compare: compare === 'previous' || compare === 'year' ? compare : undefined,
  };
}

/** The measure, and calls or their cost beside it. */
export function exploreMeasures({ measure }: ExploreView): readonly Measure[] {
  if (measure === 'partTokens') return [measure];
  return [measure, measure === 'calls' ? 'costUsd' : 'calls'];
}

export const rowName = ({ keys }: QueryRow): string => (keys.length === 0 ? 'All' : keys.map((key) => key ?? 'not set').join(' / '));

/** `app and model`, for headings. */
export const byText = ({ by }: ExploreView): string => by.map((dimension) => dimensionName(dimension).toLowerCase()).join(' and ');
