import { countTokens } from '../text/tokenizer.ts';
import { bucketsOf, type BillEntry, type Ledger } from './bill/bill.ts';
import type { Exchange, GenerationApi, Step } from './generation.ts';
import type { Tally } from './wire/deliver.ts';

interface Output {
  readonly visible: number;
  readonly reasoning: number;
}

export interface TallyOptions {
  readonly exchange: Exchange;
  readonly ledger: Ledger;
  readonly entry: Pick<BillEntry, 'api' | 'vendor' | 'ratesAs' | 'at' | 'fault'>;
  readonly api: Pick<GenerationApi, 'namesWriteTtl' | 'hidesReasoning'>;
  readonly streamed: boolean;
  readonly commit: () => void;
}

/** Books one generating call when its reply ends: in full, or as far as a broken stream was sent. */
export function tallyOf({ exchange, ledger, entry, api, streamed, commit }: TallyOptions): Tally {
  const steps: Step[] = [];
  let closed = false;
  return {
    begin: commit,
    sent: (step) => void steps.push(step),
    close(complete) {
      if (closed) return;
      closed = true;
      const output = complete || !streamed ? { visible: exchange.outputTokens, reasoning: exchange.reasoningTokens } : sentOutput(steps);
      const buckets = bucketsOf(exchange.input, api.hidesReasoning ? inOne(output) : output, api.namesWriteTtl);
      ledger.add({ ...entry, responseId: exchange.responseId, model: exchange.model, buckets, complete });
    },
  };
}

const inOne = ({ visible, reasoning }: Output): Output => ({ visible: visible + reasoning, reasoning: 0 });

/** Output the client has been sent: as the events say, else counted from their texts. */
function sentOutput(steps: readonly Step[]): Output {
  const told = steps.findLast((step) => step.outputTokens !== undefined)?.outputTokens;
  const reasoning = steps.reduce((sum, step) => sum + (step.reasoningTokens ?? 0), 0);
  return { visible: told ?? countTokens(steps.map((step) => step.text ?? '').join('')), reasoning };
}
