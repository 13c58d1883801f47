import type { CallRecord } from '../../src/core/record.ts';

interface Mark {
  readonly text: string;
  readonly tone: 'bad' | 'warn' | 'on' | '';
  readonly says: string;
}

/** What is out of the ordinary about a call, a word each. */
export function marksOf(call: CallRecord): readonly Mark[] {
  const { outcome, errorCode, cost, usageSource, attempts, annotations, stream } = call;
  const answered = attempts.filter(({ hedge }) => hedge === undefined).length;
  return [
    ...(outcome === 'ok' ? [] : [{ text: errorCode ?? outcome, tone: 'bad' as const, says: `The call ended ${outcome}.` }]),
    ...(cost.total === null ? [{ text: 'unpriced', tone: 'warn' as const, says: `The cost is unknown: ${cost.flags.join(', ')}` }] : []),
    ...(usageSource === 'estimated' || usageSource === 'partial'
      ? [{ text: usageSource, tone: 'warn' as const, says: 'Some of the tokens are our estimate.' }]
      : []),
    ...(usageSource === 'cache'
      ? [{ text: 'reply cache', tone: 'on' as const, says: 'Answered from the reply cache: nothing was billed.' }]
      : []),
    ...(answered > 1 ? [{ text: `${answered} attempts`, tone: '' as const, says: 'More than one request to providers.' }] : []),
    ...(annotations?.signals ?? []).map((text) => ({ text, tone: 'warn' as const, says: 'A mark of quality or waste.' })),
    ...(stream ? [{ text: 'stream', tone: '' as const, says: 'The reply was streamed.' }] : []),
  ];
}

export const withoutSignals = (call: CallRecord): CallRecord => ({ ...call, annotations: undefined });

interface CallMarksProps {
  readonly call: CallRecord;
  /** Left out where signals are told in words. */
  readonly hasSignals?: boolean;
}

export function CallMarks({ call, hasSignals = true }: CallMarksProps) {
  return marksOf(hasSignals ? call : withoutSignals(call)).map(({ text, tone, says }) => (
    <span key={text} className={`mark ${tone}`} title={says}>
      {text}
    </span>
  ));
}
