import { explainLoop } from '../../conversation/explain-loop.ts';
import { findLoop } from '../../conversation/find-loop.ts';
import type { Print } from '../../conversation/print.ts';
import { stepsOf } from '../../conversation/steps.ts';
import type { FindingBook } from '../finding.ts';
import type { Finder } from '../finder.ts';
import type { Turn } from '../turn.ts';

/** How often the same is a loop, as the gateway's guard has it. */
const repeats = 3;
/** Newest entries that are looked at. */
const maxPrints = 120;

/** Calls made after their conversation had shown itself to be a loop. */
export function loops(book: FindingBook): Finder {
  return {
    see({ call, layout, before }: Turn) {
      if (!layout || !before || layout.items.length < 2 * repeats) return false;
      const loop = findLoop(stepsOf(newest(layout.items)), { repeats });
      const isTools = loop !== undefined && loop.tools.length > 0;
      if (!isTools || call.cost.total === null) return false;
      const terms = [{ what: 'calls within the loop', model: call.model, tokens: 0, rate: call.cost.total }];
      const subject = `${call.session ?? call.where}: ${loop.kind === 'repeat' ? loop.tools.join(', ') : explainLoop({ ...loop, times: repeats })}`;
      book.add({ kind: 'loop', app: call.app, subject, where: call.where, terms });
      return true;
    },
    end: () => {},
  };
}

function newest(items: readonly { readonly prints: readonly Print[] }[]): readonly Print[] {
  const found: Print[][] = [];
  let count = 0;
  for (let at = items.length - 1; at >= 0 && count < maxPrints; at -= 1) {
    found.unshift([...items[at]!.prints]);
    count += items[at]!.prints.length;
  }
  return found.flat();
}
