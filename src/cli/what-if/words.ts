import type { Config } from '../../config/schema.ts';
import { passedOver } from '../../what-if/recorded.ts';
import type { Calibration, NotRehearsed, StageResult, WhatIfResult } from '../../what-if/result.ts';
import { money } from '../audit/text.ts';
import { countText, plainText, timeText } from '../figure-text.ts';
import type { Input } from './input.ts';

/** All there is to tell of a what-if. */
export interface Told {
  readonly result: WhatIfResult;
  readonly input: Input;
  readonly policy: Config;
  readonly pricesAsOf: string;
}

export const many = (count: number, one: string, more = `${one}s`): string => `${countText(count)} ${count === 1 ? one : more}`;

/** `62.1%`, with a sign where it is asked for. */
export const percent = (share: number | null): string => (share === null ? '-' : `${(100 * share).toFixed(1)}%`);

/** Nano-USD saved, or lost. */
export const savedText = (nano: number): string => (nano < 0 ? `-${money(-nano)}` : money(nano));

export function headline({ calls, from, to, saved, savedShare }: WhatIfResult): string {
  const range = from === null || to === null ? '' : `, ${timeText(from)} to ${timeText(to)}`;
  if (saved === null) return `${many(calls, 'call')}${range}: no price is known`;
  const share = savedShare === null ? '' : ` (${percent(Math.abs(savedShare))})`;
  const verdict = saved === 0 ? 'the policy changes nothing in the bill' : `the policy ${saved > 0 ? 'saves' : 'costs'} ${money(Math.abs(saved))}${share}${saved > 0 ? '' : ' more'}`; // prettier-ignore
  return `${many(calls, 'call')}${range}: ${verdict}`;
}

/** How far the rehearsal can be trusted with the amounts. */
export function calibrationText({ calls, today, baseline, ratio, readShareToday, readShareBaseline }: Calibration): string {
  const cache = `${percent(readShareToday)} of the input was read from a prompt cache, ${percent(readShareBaseline)} in the rehearsal`;
  const times = ratio === null ? '' : `, ${ratio.toFixed(3)} times as much`;
  return `On ${many(calls, 'call')} with a recorded bill of ${money(today)} the rehearsal of today comes to ${money(baseline)}${times}. ${cache}.`;
}

/** What the stage says of itself. */
export function ownText({ own }: StageResult): string {
  if (!own) return '-';
  const unknown = own.unknown > 0 ? `, ${countText(own.unknown)} unknown` : '';
  return `${savedText(own.cost)}, ${own.basis}, ${many(own.calls, 'call')}${unknown}`;
}

/** What changes for calls, one sentence each. */
export function changeLines({ changes, lost, calls }: WhatIfResult): readonly string[] {
  const { answeredFromCache, rerouted, cut, dropped, cheaper, dearer, dearerBy } = changes;
  return [
    `${many(cheaper, 'call')} of ${countText(calls)} cost less, ${countText(dearer)} cost more${dearer > 0 ? `, by ${money(dearerBy)} in all` : ''}.`,
    ...(answeredFromCache > 0 ? [`${many(answeredFromCache, 'call')} answered from the reply cache.`] : []),
    ...(rerouted > 0 ? [`${many(rerouted, 'call')} go to another model. Whether its answers are as good, no replay can tell: run an evaluation.`] : []),
    ...(cut > 0 ? [`${many(cut, 'answer')} would be cut at a limit.`] : []),
    ...(dropped > 0 ? [`${many(dropped, 'call')} lose something that the other API has no word for.`] : []),
    ...lost.map(({ code, calls: of }) => `${many(of, 'call')} would fail or be refused (${code}); they are in no sum.`),
  ]; // prettier-ignore
}

export const passedText = ({ reason, calls, cost }: NotRehearsed): string => {
  const why = reason.startsWith('refused:')
    ? `today's configuration refuses it (${reason.slice('refused:'.length)})`
    : passedOver[reason as keyof typeof passedOver];
  return `${many(calls, 'call')} not rehearsed, recorded at ${money(cost)}: ${why}.`;
};

/** What the figures are, and what they are not. */
export function noteLines({ result, input, policy, pricesAsOf }: Told): readonly string[] {
  const { holdout, stageHoldout } = policy.savings;
  return [
    ...result.notRehearsed.map(passedText),
    ...(result.unpricedCalls > 0 ? [`${many(result.unpricedCalls, 'call')} without a known price, in no amount: ${result.unpricedModels.map(plainText).join(', ')}.`] : []),
    ...inputNotes[input.kind],
    'Replies are those of the record, as long as they were; only a limit in tokens cuts them. What other models or less reasoning would have written is not known, and neither are quality and latency.',
    ...(holdout + stageHoldout > 0 ? [`Hold-outs run as configured: ${percent(holdout)} of sessions without any saving, ${percent(stageHoldout)} without each.`] : []),
    'Budgets, rate limits, the guard against loops and hedges are left out: all calls of the record are made.',
    `Prices are those of each call's day, from data as of ${pricesAsOf}.`,
  ]; // prettier-ignore
}

const inputNotes: Readonly<Record<Input['kind'], readonly string[]>> = {
  conversations: ['Conversations hold neither times nor bills: their calls are spread over today by rule, and there is nothing to check the rehearsal against.'],
  ledger: ['The ledger holds no headers, so that rules by header do not fire; its stored bodies are without what was redacted.'],
  logs: ['What a log leaves out of a prompt, such as tools, stands in as filler of the recorded size; cache marks of clients are put back where the usage shows them.'],
}; // prettier-ignore
