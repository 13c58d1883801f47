import type { Catalog } from '../../catalog/catalog.ts';
import { price } from '../../catalog/price.ts';
import type { FindingBook } from '../finding.ts';
import type { Finder } from '../finder.ts';
import { cardOf } from '../pricing.ts';

/** The usual tier must cost at most this share. */
const cheaperShare = 0.95;

/** Calls served by a tier or at a speed that costs more than the usual one. */
export function dearTiers(catalog: Catalog): (book: FindingBook) => Finder {
  return (book) => ({
    see({ call }) {
      const { served, cost, provider, model, at = Date.now(), buckets, app, where } = call;
      const { serviceTier, speed, ...place } = served;
      if ((serviceTier === undefined && speed === undefined) || cost.total === null) return false;
      const usual = price(cardOf(catalog, provider, model, at), buckets, { at, served: place });
      if (usual.total === null || usual.total > cost.total * cheaperShare) return false;
      const terms = [
        { what: `calls at ${serviceTier ?? speed}`, model, tokens: 0, rate: cost.total },
        { what: 'the same tokens at the usual tier', model, tokens: 0, rate: 0 - usual.total },
      ];
      book.add({
        kind: 'dear_tier',
        app,
        subject: `${model} at ${[serviceTier, speed].filter(Boolean).join(' ')}`,
        about: { model },
        where,
        terms,
      });
      return false;
    },
    end: () => {},
  });
}
