/** What was found about one subject of a rule at one time. */
export interface Finding {
  readonly subject: string;
  /** `undefined`: cannot be told now, which changes nothing. */
  readonly isBad: boolean | undefined;
  /** What happened, in one sentence with its figures. */
  readonly sentence: string;
  /** A higher one than before is told anew, such as the next mark of a budget. */
  readonly level?: number;
  /** What is usual, for anomalies. */
  readonly expected?: { readonly low: number; readonly high: number } | undefined;
  readonly value?: number | null | undefined;
  /** It is over by itself at this time, epoch ms: for what happens once. */
  readonly endsAt?: number | undefined;
}

/** One subject of a rule that is not simply well. */
export interface AlertState {
  readonly phase: 'pending' | 'firing';
  readonly subject: string;
  /** Of this firing; the same in all its messages. */
  readonly id: string;
  /** Since when it is bad, epoch ms. */
  readonly since: number;
  /** Since when it is well again, while that is not told yet. */
  readonly wellSince?: number | undefined;
  /** When it was last told; `undefined`: not yet, as while it is silenced. */
  readonly toldAt?: number | undefined;
  readonly seenAt: number;
  readonly sentence: string;
  readonly level: number;
  readonly endsAt?: number | undefined;
  readonly expected?: Finding['expected'];
  readonly value?: Finding['value'];
}

export type Telling = 'fired' | 'reminder' | 'resolved';

export interface Step {
  /** `undefined`: all is well. */
  readonly state: AlertState | undefined;
  readonly tell?: Telling;
}

/** What the state machine goes by. Times in ms. */
export interface Pace {
  readonly nowMs: number;
  readonly forMs: number;
  /** 0: never. */
  readonly remindMs: number;
  readonly isSilenced: boolean;
  readonly newId: () => string;
}

/** An alert about which nothing could be told for so long is over, ms. */
export const staleMs = 24 * 3_600_000;

/**
 * The next state of one subject, and what to tell: once when it fires, once when it gets worse, now and then while it goes on, once when it
 * is over. It must be bad for `forMs` to fire, and well for `forMs` to be over. What fires while silenced is told when the silence ends.
 */
export function step(state: AlertState | undefined, finding: Finding, pace: Pace): Step {
  if (finding.isBad === undefined) return unknown(state, pace);
  return finding.isBad ? bad(state, finding, pace) : well(state, finding, pace);
}

function unknown(state: AlertState | undefined, { nowMs }: Pace): Step {
  if (state === undefined || nowMs - state.seenAt < staleMs) return { state };
  const tell = state.toldAt === undefined ? {} : { tell: 'resolved' as const };
  return { state: undefined, ...tell };
}

function bad(state: AlertState | undefined, finding: Finding, pace: Pace): Step {
  const { nowMs, forMs } = pace;
  const { wellSince: _, ...before } = state ?? { id: pace.newId(), since: nowMs, level: 0, phase: 'pending' as const };
  const level = Math.max(before.level, finding.level ?? 0);
  const isFiring = before.phase === 'firing' || nowMs - before.since >= forMs;
  const next: AlertState = {
    ...before,
    phase: isFiring ? 'firing' : 'pending',
    subject: finding.subject,
    seenAt: nowMs,
    sentence: finding.sentence,
    level,
    endsAt: finding.endsAt,
    expected: finding.expected,
    value: finding.value,
  };
  return isFiring ? told(next, level > before.level, pace) : { state: next };
}

function told(state: AlertState, isWorse: boolean, { nowMs, remindMs, isSilenced }: Pace): Step {
  if (isSilenced) return { state: isWorse ? { ...state, toldAt: undefined } : state };
  if (state.toldAt === undefined || isWorse) return { state: { ...state, toldAt: nowMs }, tell: 'fired' };
  if (remindMs > 0 && nowMs - state.toldAt >= remindMs) return { state: { ...state, toldAt: nowMs }, tell: 'reminder' };
  return { state };
}

function well(state: AlertState | undefined, { sentence, value, expected }: Finding, { nowMs, forMs, isSilenced }: Pace): Step {
  if (state === undefined || state.phase === 'pending') return { state: undefined };
  const wellSince = state.wellSince ?? nowMs;
  if (nowMs - wellSince < forMs) return { state: { ...state, wellSince, seenAt: nowMs, sentence, value, expected } };
  return { state: undefined, ...(state.toldAt !== undefined && !isSilenced && { tell: 'resolved' as const }) };
}
