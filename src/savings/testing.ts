import { Body } from '../core/body.ts';
import { Call, type CallCodec } from '../core/call.ts';
import type { CallRecord } from '../core/record.ts';
import type { NanoUsd } from '../core/usage.ts';
import { testScope } from '../core/testing.ts';
import { createSavingControl, type SavingControlOptions } from './control.ts';
import { seededRandom } from './random.ts';
import { savings, type SavingKey } from './registry.ts';

/** Traffic whose true effects are known: costs of sessions are log-normal, and each saving multiplies them. */
export interface Traffic {
  readonly seed: number;
  readonly sessions: number;
  readonly holdout: number;
  readonly stageHoldout: number;
  /** What each saving multiplies the cost of a session by; the others are off. */
  readonly factors: { readonly [K in SavingKey]?: number };
  /** Of the logarithm of a session's cost. At 1.5 a tenth of the sessions makes more than half of the bill. */
  readonly sigma: number;
  /** Epoch ms of the first session, and ms between two. */
  readonly startsAt?: number;
  readonly everyMs?: number;
  /** Share of calls that fail. */
  readonly failing?: number;
}

const codec: CallCodec = {
  api: 'openai.chat',
  fields: {
    model: { decode: () => 'm', encode: () => ({}) },
    stream: { decode: () => false, encode: () => ({}) },
    streamUsage: { decode: () => false, encode: () => ({}) },
  },
};
const call = Call.received('id', { codec, body: new Body([Buffer.from('{"model":"m"}')]) });
const meanCost = 10_000_000;

/** One record a call, drawn by the gateway's own control; sessions have one to six calls. */
export function* trafficOf(traffic: Traffic, options: SavingControlOptions = {}): Generator<CallRecord> {
  const { seed, sessions, holdout, stageHoldout, factors, sigma, startsAt = 0, everyMs = 1000, failing = 0.02 } = traffic;
  const stages = Object.fromEntries(savings.map(({ key }) => [key, factors[key] === undefined ? 'off' : 'on'])) as Record<SavingKey, 'on' | 'off'>; // prettier-ignore
  const { modeOf } = createSavingControl({ holdout, stageHoldout, seed: String(seed), stages, overrides: [] }, options);
  const random = seededRandom(Math.imul(seed + 1, 0x9e3779b1));
  const uniform = (): number => (random() + 0.5) / 2 ** 32;
  const normal = (): number => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
  for (let at = 0; at < sessions; at++) {
    const scope = testScope({ labels: { session: `${seed}/${startsAt}/${at}` } });
    const on = savings.filter(({ stage }) => modeOf(stage, call, scope) === 'on');
    const factor = on.reduce((product, { key }) => product * (factors[key] ?? 1), 1);
    const calls = 1 + Math.floor(uniform() * 6);
    const cost = (meanCost * Math.exp(sigma * normal()) * factor) / calls;
    for (let turn = 0; turn < calls; turn++)
      yield {
        at: startsAt + at * everyMs,
        outcome: uniform() < failing ? 'failed' : 'ok',
        attempts: [{}],
        cost: { total: Math.round(cost) as NanoUsd, byBucket: {}, status: 'exact', flags: [] },
        annotations: scope.annotations,
      } as unknown as CallRecord;
  }
}

/** What all savings together multiply the bill of a treated session by, on average. */
export const trueRatio = ({ factors, stageHoldout }: Pick<Traffic, 'factors' | 'stageHoldout'>): number =>
  Object.values(factors).reduce((product, factor) => product * (stageHoldout + (1 - stageHoldout) * factor), 1);
