import type { CallRecord } from '../core/record.ts';
import { mixed } from './unit.ts';

/** What the calls of one session, task or conversation came to: the unit that is held out, and so the unit of all statistics. */
export interface Session {
  readonly unit: number;
  /** Epoch ms of the first call seen. */
  readonly at: number;
  readonly arm: 'treatment' | 'holdout';
  /** Savings that ran, and savings that were held out, by name. */
  readonly treated: ReadonlySet<string>;
  readonly held: ReadonlySet<string>;
  /** Nano-USD, of calls whose cost is known. */
  readonly cost: number;
  readonly calls: number;
  readonly counts: Readonly<Record<QualityMark, number>>;
  /** Calls with feedback, and the sum of their scores. */
  readonly scored: number;
  readonly score: number;
}

/** Signs of quality, counted in calls. */
export const qualityMarks = ['failed', 'truncated', 'retried', 'flagged'] as const;
export type QualityMark = (typeof qualityMarks)[number];

/** Signals that say that an answer was no good. */
const flags: ReadonlySet<string> = new Set([
  'regenerated',
  'invalid_json',
  'loop:repeat',
  'loop:cycle',
  'loop:error',
  'loop:no_news',
  'loop:request',
]);

/** What of a record the statistics need. */
export type MeasuredCall = Pick<CallRecord, 'at' | 'outcome' | 'finishReason' | 'attempts' | 'cost' | 'annotations'> & {
  /** The newest feedback about it. */
  readonly score?: number | undefined;
};

const tests: Readonly<Record<QualityMark, (call: MeasuredCall) => boolean>> = {
  failed: ({ outcome }) => outcome === 'failed',
  truncated: ({ outcome, finishReason }) => outcome === 'truncated' || finishReason === 'length',
  retried: ({ attempts }) => attempts.length > 1,
  flagged: ({ annotations }) => annotations?.signals?.some((signal) => flags.has(signal)) === true,
};

interface Draft extends Session {
  treated: ReadonlySet<string>;
  held: ReadonlySet<string>;
  cost: number;
  calls: number;
  readonly counts: Record<QualityMark, number>;
  scored: number;
  score: number;
}

/** Keeps sums of sessions as their calls come. Beyond its limit it keeps a random part of all sessions, the same part on both sides. */
export class SessionSample {
  readonly #maxSessions: number;
  readonly #sessions = new Map<number, Draft>();
  /** Only sessions whose rank is below are kept. */
  #below = 2 ** 32;
  #unpriced = 0;

  constructor({ maxSessions }: { readonly maxSessions: number }) {
    this.#maxSessions = maxSessions;
  }

  /** Of all sessions, the share that is kept. */
  get share(): number {
    return this.#below / 2 ** 32;
  }
  /** Calls of unknown cost, which no mean holds. */
  get unpricedCalls(): number {
    return this.#unpriced;
  }

  add(call: MeasuredCall): void {
    const { arm, unit } = call.annotations ?? {};
    if (arm === undefined || unit === undefined || rankOf(unit) >= this.#below) return;
    const session = this.#sessions.get(unit) ?? newSession(unit, call.at, arm);
    this.#sessions.set(unit, session);
    addCall(session, call);
    if (call.cost.total === null) this.#unpriced += 1;
    while (this.#sessions.size > this.#maxSessions) this.#thin();
  }

  /** Forgets sessions that began before. */
  dropBefore(at: number): void {
    for (const [unit, session] of this.#sessions) if (session.at < at) this.#sessions.delete(unit);
  }

  /** In the order of their first calls. */
  all(): readonly Session[] {
    return [...this.#sessions.values()];
  }

  #thin(): void {
    this.#below /= 2;
    for (const unit of this.#sessions.keys()) if (rankOf(unit) >= this.#below) this.#sessions.delete(unit);
  }
}

/** Has nothing to do with the draws of the hold-out, which mix other numbers in. */
const rankOf = (unit: number): number => mixed(unit ^ 0x5bd1e995);

const newSession = (unit: number, at: number, arm: Session['arm']): Draft => ({
  unit,
  at,
  arm,
  treated: none,
  held: none,
  cost: 0,
  calls: 0,
  counts: { failed: 0, truncated: 0, retried: 0, flagged: 0 },
  scored: 0,
  score: 0,
});

const none: ReadonlySet<string> = new Set();
const setsOf = new WeakMap<readonly string[], ReadonlySet<string>>();

/** Sessions share their sets: there are few different ones. */
function union(known: ReadonlySet<string>, names: readonly string[]): ReadonlySet<string> {
  if (names.every((name) => known.has(name))) return known;
  if (known.size > 0) return new Set([...known, ...names]);
  const found = setsOf.get(names) ?? new Set(names);
  setsOf.set(names, found);
  return found;
}

function addCall(session: Draft, call: MeasuredCall): void {
  const { treated, held } = call.annotations ?? {};
  if (treated) session.treated = union(session.treated, treated);
  if (held) session.held = union(session.held, held);
  session.calls += 1;
  session.cost += call.cost.total ?? 0;
  if (call.score !== undefined) {
    session.scored += 1;
    session.score += call.score;
  }
  for (const mark of qualityMarks) if (tests[mark](call)) session.counts[mark] += 1;
}
