import { setImmediate as turn } from 'node:timers/promises';
import { measures, type QueryEngine } from '../analytics/query.ts';
import { figureText, measureText, onlyGrows } from './figure.ts';
import { seriesOf } from './figures-asked.ts';
import type { Finding } from './machine.ts';
import { everything, type Condition } from './rule.ts';
import { leastWeeks, SeasonModel, seasonWeeks, type Expectation, type Sustained } from './season.ts';

const bucketLengths = { hour: 3_600_000, day: 86_400_000 } as const;
const weekMs = 7 * bucketLengths.day;
/** Weeks that are read: those of the season, and some to learn from. */
const readWeeks = seasonWeeks + leastWeeks + 1;
/** Records may come so late; a bucket is looked at as whole from then on, ms. */
export const lateMs = 120_000;
/** Buckets learnt between two turns of the event loop. */
const learntAtOnce = 168;

type Anomaly = Extract<Condition, { readonly kind: 'anomaly' }>;

/** What is known of a rule's series up to a time. */
interface Learnt {
  /** `undefined` before the first bucket that holds anything: what was before the first call is no history. */
  model: SeasonModel | undefined;
  /** Start of the bucket that is expected next. */
  nextAt: number;
  expected: Expectation | undefined;
  last: { readonly value: number | null; readonly expected: Expectation | undefined } | undefined;
  sustained: Sustained | undefined;
}

/** Learns the series of rules, and finds what is unusual: a whole bucket, a day that is off in all, or a bucket under way that has too much already. */
export class AnomalyWatch {
  readonly #engine: QueryEngine;
  readonly #learnt = new Map<string, Learnt>();

  constructor(engine: QueryEngine) {
    this.#engine = engine;
  }

  forget(): void {
    this.#learnt.clear();
  }

  async finding(rule: string, when: Anomaly, nowMs: number): Promise<Finding> {
    const bucketMs = bucketLengths[when.bucket];
    const wholeUntil = Math.floor((nowMs - lateMs) / bucketMs) * bucketMs;
    const learnt = this.#learnt.get(rule) ?? newlyLearnt(wholeUntil - readWeeks * weekMs);
    await this.#learn(learnt, when, wholeUntil, bucketMs);
    this.#learnt.set(rule, learnt);
    const early = await this.#early(learnt, when, nowMs);
    return early ?? findingOf(when, learnt);
  }

  async #learn(learnt: Learnt, when: Anomaly, until: number, bucketMs: number): Promise<void> {
    if (until <= learnt.nextAt) return;
    const series = await seriesOf(this.#engine, when.query, { from: learnt.nextAt, to: until, bucketMs });
    for (const [index, value] of series.entries()) {
      if (index % learntAtOnce === learntAtOnce - 1) await turn();
      if (value) learnt.model ??= modelOf(when, learnt.nextAt);
      const expected = index >= series.length - 1 ? learnt.model?.expected() : undefined;
      learnt.model?.push(value);
      learnt.last = { value, expected };
      learnt.nextAt += bucketMs;
    }
    learnt.expected = learnt.model?.expected();
    learnt.sustained = learnt.model?.sustained();
  }

  /** What has come by now of the bucket under way is too much already, whatever else comes. */
  async #early({ expected, nextAt }: Learnt, { query, sides, bucket }: Anomaly, nowMs: number): Promise<Finding | undefined> {
    if (!expected || sides === 'below' || !onlyGrows(query.measure) || nextAt >= nowMs) return undefined;
    const bucketMs = bucketLengths[bucket];
    if (nowMs - nextAt > bucketMs) return undefined;
    const [value] = await seriesOf(this.#engine, query, { from: nextAt, to: nextAt + bucketMs, bucketMs });
    if (value === null || value === undefined || value <= expected.high) return undefined;
    return bad(when(query.measure, bucket, value, expected, 'so far'), value, expected);
  }
}

const newlyLearnt = (nextAt: number): Learnt => ({ model: undefined, nextAt, expected: undefined, last: undefined, sustained: undefined });

const modelOf = ({ query, bucket, sensitivity }: Anomaly, firstAt: number): SeasonModel =>
  new SeasonModel({ bucket, sensitivity, scale: varies.has(measures[query.measure].unit) ? 'log' : 'linear', firstAt });

/** Units whose figures vary by factors. */
const varies: ReadonlySet<string> = new Set(['count', 'tokens', 'usd', 'ms', 'tokensPerSecond']);

const when = (measure: Anomaly['query']['measure'], bucket: string, value: number | null, expected: Expectation, how = ''): string =>
  `The ${measureText(measure)} of the ${how === '' ? 'last' : 'current'} ${bucket}${how === '' ? '' : ` ${how}`} is ${figureText(measure, value)}; usual at this time is ${figureText(measure, expected.usual)}, expected ${figureText(measure, expected.low)} to ${figureText(measure, expected.high)}.`;

const bad = (sentence: string, value: number, { low, high }: Expectation): Finding => ({
  subject: everything,
  isBad: true,
  value,
  expected: { low, high },
  sentence,
});

function findingOf({ query, sides, bucket }: Anomaly, { last, sustained }: Learnt): Finding {
  const { measure } = query;
  if (!last?.expected || last.value === null)
    return {
      subject: everything,
      isBad: undefined,
      sentence: `Not enough is known yet: at least ${leastWeeks} weeks of history are needed.`,
    };
  const { value, expected } = last;
  const isOff = (sides !== 'below' && value > expected.high) || (sides !== 'above' && value < expected.low);
  const sentence = when(measure, bucket, value, expected);
  if (isOff) return bad(sentence, value, expected);
  const isHigh = sustained !== undefined && sustained.factor > (varies.has(measures[measure].unit) ? 1 : 0);
  if (sustained && (sides === 'both' || (sides === 'above') === isHigh)) return bad(`${runText(measure, bucket, sustained)} ${sentence}`, value, expected); // prettier-ignore
  return { subject: everything, isBad: false, value, expected: { low: expected.low, high: expected.high }, sentence };
}

function runText(measure: Anomaly['query']['measure'], bucket: string, { buckets, factor }: Sustained): string {
  const off = varies.has(measures[measure].unit)
    ? `${Math.abs((factor - 1) * 100).toFixed(0)} % ${factor > 1 ? 'above' : 'below'} the usual`
    : `${figureText(measure, Math.abs(factor))} ${factor > 0 ? 'above' : 'below'} the usual`;
  return `The ${measureText(measure)} has been about ${off} for ${buckets} ${bucket}s.`;
}
