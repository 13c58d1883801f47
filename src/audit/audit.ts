import type { Catalog } from '../catalog/catalog.ts';
import type { ReadCall } from './call.ts';
import { createConversations } from './conversations.ts';
import { FindingBook, type Finding } from './finding.ts';
import type { Finder } from './finder.ts';
import { coldCaches } from './find/cold-cache.ts';
import { loops } from './find/loops.ts';
import { oversizedModels } from './find/oversized-model.ts';
import { repeatedCalls } from './find/repeated-call.ts';
import { resultWaste } from './find/results.ts';
import { unusedTools } from './find/unused-tools.ts';
import { verboseOutputs } from './find/verbose-output.ts';
import { pricedCall } from './pricing.ts';
import { TotalsBuilder, type Totals } from './totals.ts';
import { partsOfTurn } from './turn.ts';

export interface AuditResult {
  readonly totals: Totals;
  /** The dearest first. They can overlap: their sum is not what all together would save. */
  readonly findings: readonly Finding[];
  /** Calls whose prompt is recorded; only these can show most kinds of waste. */
  readonly callsWithContent: number;
  readonly pricesAsOf: string;
}

export interface Audit {
  see(call: ReadCall): void;
  result(): AuditResult;
}

/** Sums calls and looks for waste in them, one after the other, within bounds of memory. */
export function createAudit(catalog: Catalog): Audit {
  const totals = new TotalsBuilder();
  const book = new FindingBook();
  const conversations = createConversations(catalog);
  // A call that is waste as a whole is told once, by whoever finds it first.
  const makers = [repeatedCalls, loops, coldCaches(catalog), unusedTools, resultWaste, oversizedModels(catalog), verboseOutputs];
  const finders: readonly Finder[] = makers.map((make) => make(book));
  let callsWithContent = 0;
  return {
    see(read) {
      const turn = conversations.turnOf(pricedCall(catalog, read));
      totals.add(turn.call, partsOfTurn(turn));
      if (turn.layout) callsWithContent += 1;
      finders.some((finder) => finder.see(turn));
    },
    result() {
      for (const finder of finders) finder.end();
      return { totals: totals.result(), findings: book.result(), callsWithContent, pricesAsOf: catalog.asOf };
    },
  };
}
