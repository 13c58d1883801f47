import type { Catalog } from '../../catalog/catalog.ts';
import { price } from '../../catalog/price.ts';
import type { FindingBook, Waste } from '../finding.ts';
import type { Finder } from '../finder.ts';
import { cardOf } from '../pricing.ts';
import type { Turn } from '../turn.ts';
import { createGroups } from './groups.ts';

/** A batch must cost at most this share. */
const cheaperShare = 0.9;
/** Calls within one hour that are bulk work, not a question now and then. */
export const bulkCallsAnHour = 100;
const hourMs = 3_600_000;
interface Group {
  /** Somebody waits for one of them, as far as records tell. */
  isAwaited: boolean;
  /** Calls by hour. */
  readonly hours: Map<number, number>;
}

/** Many calls in a short time that nobody is named for, none of them streamed, none with a step after it: work that could wait for a batch. */
export function batchCandidates(catalog: Catalog): (book: FindingBook) => Finder {
  return (book) => {
    const groups = createGroups<Group>(() => ({ isAwaited: false, hours: new Map() }));
    return {
      see(turn) {
        const { call } = turn;
        const { facts, app, model, where, at = 0, cost } = call;
        const key = { kind: 'batch_candidate', app, subject: facts?.feature === undefined ? model : `${facts.feature}, ${model}` } as const;
        const group = facts && groups.of(key);
        if (!group) return false;
        if (isAwaited(turn)) group.isAwaited = true;
        if (group.isAwaited || call.outcome !== 'ok' || cost.total === null) return false;
        const hour = Math.floor(at / hourMs);
        group.hours.set(hour, (group.hours.get(hour) ?? 0) + 1);
        const terms = termsOf(catalog, turn);
        if (terms) book.add({ ...key, about: { model, feature: facts.feature }, where, terms });
        return false;
      },
      end() {
        for (const [key, group] of groups.all()) if (group.isAwaited || !isBulk(group)) book.drop(key);
      },
    };
  };
}

const isAwaited = ({ call: { facts, served } }: Turn): boolean =>
  !facts || facts.isStream || facts.hasPerson || facts.finishReason === 'tool_calls' || served.serviceTier === 'priority';

/** At least half of the calls came in hours full of them. */
function isBulk({ hours }: Group): boolean {
  const counts = [...hours.values()];
  const all = counts.reduce((sum, count) => sum + count, 0);
  return counts.filter((count) => count >= bulkCallsAnHour).reduce((sum, count) => sum + count, 0) >= all / 2;
}

function termsOf(catalog: Catalog, { call }: Turn): Waste['terms'] | undefined {
  const { provider, model, at = Date.now(), buckets, cost } = call;
  const batched = price(cardOf(catalog, provider, model, at), buckets, { at, served: {}, batch: true });
  if (batched.total === null || batched.total > cost.total! * cheaperShare) return undefined;
  return [
    { what: 'calls one by one', model, tokens: 0, rate: cost.total! },
    { what: 'the same tokens in a batch', model, tokens: 0, rate: 0 - batched.total },
  ];
}
