import type { Happened } from '../alerts/happening.ts';
import type { LedgerEvent, CallRecord } from '../core/record.ts';
import { eventText } from '../stages/budget/event-text.ts';
import type { BudgetEvent } from '../stages/budget/options.ts';

const hourMs = 3_600_000;
/** A model nobody priced any more, and a loop, are over after this time without another call, ms. */
const quietMs = { unpriced: 7 * 24 * hourMs, loop: hourMs } as const;
/** Subjects remembered, so that each call of the same model is not told anew; the oldest goes first. */
export const maxRemembered = 1000;

/** What records tell beside their figures. Cheap for a record that tells nothing. */
export function recordWatch(happened: (what: Happened) => void, now: () => number): (event: LedgerEvent) => void {
  const toldAt = new Map<string, number>();
  const tell = (what: Happened, everyMs: number): void => {
    const key = `${what.event}|${what.subject}`;
    const at = now();
    if (at - (toldAt.get(key) ?? -Infinity) < everyMs) return;
    toldAt.delete(key);
    if (toldAt.size >= maxRemembered) toldAt.delete(toldAt.keys().next().value!);
    toldAt.set(key, at);
    happened(what);
  };
  return (event) => {
    if (event.type === 'call') {
      if (event.cost.status === 'unpriced') tell(unpriced(event), hourMs);
      if (event.annotations?.signals) loops(event, event.annotations.signals, tell);
    } else if (event.type === 'savings.switched') {
      const { stage, to, reason } = event;
      happened({ event: 'savingSwitched', subject: `saving=${stage}`, sentence: `The saving ${stage} was switched to ${to}: ${reason}.`, isOver: to === 'on', endsAt: undefined }); // prettier-ignore
    }
  };
}

function unpriced({ provider, model, at }: CallRecord): Happened {
  return {
    event: 'newUnpricedModel',
    subject: `model=${provider}/${model}`,
    sentence: `Calls of ${provider}/${model} have no known price, so that their cost is in no sum; give one in models.<name>.prices.`,
    endsAt: at + quietMs.unpriced,
  };
}

function loops({ labels, at }: CallRecord, signals: readonly string[], tell: (what: Happened, everyMs: number) => void): void {
  const signal = signals.find((each) => each.startsWith('loop:'));
  if (signal === undefined) return;
  const app = labels.app ?? '(none)';
  tell({ event: 'loop', subject: `app=${app}`, sentence: `An agent of the app ${app} goes round in circles (${signal.slice('loop:'.length)}).`, endsAt: at + quietMs.loop }, hourMs / 4); // prettier-ignore
}

/** A budget's own event, as alerts see it: it stands until the window turns. */
export function budgetHappened(event: BudgetEvent): Happened {
  const { kind, budget, subject, spent, limit, percent, resetsAt } = event;
  const reached = percent ?? (limit > 0 ? Math.floor((spent / limit) * 100) : 100);
  const text = eventText(event);
  return {
    event: 'budget',
    subject: subject === 'all' ? `budget=${budget}` : `budget=${budget} ${subject}`,
    sentence: `${text[0]!.toUpperCase()}${text.slice(1)}.`,
    level: reached,
    endsAt: resetsAt,
    budget: { name: budget, kind, percent: reached },
  };
}

const dayMs = 24 * hourMs;

/** Whether price data is too old; of `asOf` an ISO date. */
export function pricesHappened(asOf: string, maxAgeDays: number, nowMs: number): Happened {
  const days = Math.floor((nowMs - Date.parse(asOf)) / dayMs);
  return {
    event: 'priceDataOld',
    subject: 'all',
    sentence: `Price data is of ${asOf}, ${days} days old; more than ${maxAgeDays} are too many. A newer version of the gateway has newer data.`,
    isOver: days <= maxAgeDays,
    endsAt: undefined,
  };
}
