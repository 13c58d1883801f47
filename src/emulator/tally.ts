import { countTokens } from '../text/tokenizer.ts';
import { bucketsOf, type BillEntry, type Ledger } from './bill/bill.ts';
import type { Exchange, Step } from './generation.ts';
import type { Tally } from './wire/deliver.ts';

export interface TallyOptions {
  readonly exchange: Exchange;
  readonly ledger: Ledger;
  readonly entry: Pick<BillEntry, 'api' | 'vendor' | 'at' | 'fault'>;
  readonly namesWriteTtl: boolean;
  readonly streamed: boolean;
  readonly commit: () => void;
}

/** Books one generating call when its reply ends: in full, or as far as a broken stream was sent. */
export function tallyOf({ exchange, ledger, entry, namesWriteTtl, streamed, commit }: TallyOptions): Tally {
  const steps: Step[] = [];
  let closed = false;
  return {
    begin: commit,
    sent: (step) => void steps.push(step),
    close(complete) {
      if (closed) return;
      closed = true;
      const output = complete || !streamed ? { visible: exchange.outputTokens, reasoning: exchange.reasoningTokens } : sentOutput(steps);
      const buckets = bucketsOf(exchange.input, output, namesWriteTtl);
      ledger.add({ ...entry, responseId: exchange.responseId, model: exchange.model, buckets, complete });
    },
  };
}

/** Output the client has been sent: as the events say, else counted from their texts. */
function sentOutput(steps: readonly Step[]): { readonly visible: number; readonly reasoning: number } {
  const told = steps.findLast((step) => step.outputTokens !== undefined)?.outputTokens;
  const reasoning = steps.reduce((sum, step) => sum + (step.reasoningTokens ?? 0), 0);
  return { visible: told ?? countTokens(steps.map((step) => step.text ?? '').join('')), reasoning };
}
