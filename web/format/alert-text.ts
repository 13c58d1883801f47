import type { Condition } from '../../src/alerts/rule.ts';
import { dimensionName, measureNames, written } from '../api/measures.ts';
import type { Dimension } from '../../src/analytics/query.ts';
import { duration } from './time.ts';

const events: { readonly [E in Extract<Condition, { readonly kind: 'event' }>['event']]: string } = {
  newUnpricedModel: 'A model without a known price is called',
  cacheHitCollapse: 'An app reads far less from prompt caches than it did',
  priceDataOld: 'The price data is old',
  savingSwitched: 'A saving turned itself to observe',
  loop: 'An agent goes round in circles',
};

/** When an alert speaks, in a phrase. */
export function conditionText(when: Condition): string {
  if (when.kind === 'event') return events[when.event];
  if (when.kind === 'budget') return budgetText(when);
  const { measure, by, filters } = when.query;
  const whose = by === undefined ? '' : ` of each ${dimensionName(by as Dimension).toLowerCase()}`;
  const only =
    filters.length === 0
      ? ''
      : ` (${filters.map(({ dimension, values, not }) => `${dimension} ${not ? 'not ' : ''}${values.join(' or ')}`).join(', ')})`;
  return `${measureNames[measure].label}${whose}${only} ${limitText(when)}`;
}

function budgetText({ budget, at, forecast }: Extract<Condition, { readonly kind: 'budget' }>): string {
  const marks = at.length === 0 ? '' : ` at ${at.map((mark) => `${mark}%`).join(', ')}`;
  const whose = budget === '*' ? 'Any budget' : `Budget ${budget}`;
  return `${whose}${marks}${forecast ? `${marks === '' ? '' : ', or'} spent before its end` : ''}`;
}

function limitText(when: Extract<Condition, { readonly query: object }>): string {
  if (when.kind === 'anomaly') return `unusual for the ${when.bucket} (${when.sensitivity} sensitivity)`;
  const over = `over ${duration(when.overMs)}`;
  if (when.kind === 'change') return `${when.percent > 0 ? 'up' : 'down'} by ${Math.abs(when.percent)}% ${over}`;
  const { measure } = when.query;
  const above = when.above === undefined ? [] : [`above ${written(measure, when.above)}`];
  const below = when.below === undefined ? [] : [`below ${written(measure, when.below)}`];
  return `${[...above, ...below].join(' or ')} ${over}`;
}
