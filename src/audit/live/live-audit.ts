import type { Catalog } from '../../catalog/catalog.ts';
import type { ReadCall } from '../call.ts';
import { createConversations } from '../conversations.ts';
import { coldCaches } from '../find/cold-cache.ts';
import { oversizedModels } from '../find/oversized-model.ts';
import { FindingBook, type Finding } from '../finding.ts';
import type { Finder } from '../finder.ts';
import { pricedCall } from '../pricing.ts';
import { batchCandidates } from './batch-candidates.ts';
import { cutOutputs } from './cut-outputs.ts';
import { dearTiers } from './dear-tiers.ts';
import { idleTools } from './idle-tools.ts';
import { lostCaches } from './lost-caches.ts';
import { markedLoops } from './marked-loops.ts';
import { observedSavings } from './observed-savings.ts';
import { paidRetries } from './paid-retries.ts';
import { repeatedRequests } from './repeated-requests.ts';

export interface LiveResult {
  /** The dearest first. They can overlap. */
  readonly findings: readonly Finding[];
  readonly calls: number;
  /** Nano-USD of the calls whose cost is known. */
  readonly cost: bigint;
  readonly unpriced: number;
}

export interface LiveAudit {
  /** In the order of their times, or nearly. */
  see(call: ReadCall): void;
  result(): LiveResult;
}

/** Looks for waste in the calls of a ledger by what their records tell, without the text of prompts and answers. */
export function createLiveAudit(catalog: Catalog): LiveAudit {
  const book = new FindingBook();
  const conversations = createConversations(catalog);
  // A call that is waste as a whole is told once, by whoever finds it first.
  const makers = [
    repeatedRequests,
    markedLoops,
    cutOutputs,
    coldCaches(catalog),
    lostCaches(catalog),
    idleTools,
    oversizedModels(catalog),
    paidRetries,
    dearTiers(catalog),
    batchCandidates(catalog),
    observedSavings,
  ];
  const finders: readonly Finder[] = makers.map((make) => make(book));
  let [calls, cost, unpriced] = [0, 0n, 0];
  return {
    see(read) {
      const turn = conversations.turnOf(pricedCall(catalog, read));
      const { total } = turn.call.cost;
      calls += 1;
      if (total === null) unpriced += 1;
      else cost += BigInt(total);
      finders.some((finder) => finder.see(turn));
    },
    result() {
      for (const finder of finders) finder.end();
      return { findings: book.result(), calls, cost, unpriced };
    },
  };
}
