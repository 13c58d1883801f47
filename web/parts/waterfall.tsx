import type { Attempt, CallRecord } from '../../src/core/record.ts';
import { count } from '../format/count.ts';
import { nanoMoney } from '../format/money.ts';
import { duration } from '../format/time.ts';
import { byKind } from './kinds.ts';

interface Stretch {
  readonly name: string;
  /** ms from the request's arrival. */
  readonly from: number;
  readonly length: number;
  readonly color: string;
}

interface Lane {
  readonly name: string;
  readonly note: string;
  readonly stretches: readonly Stretch[];
  readonly cost: string;
  readonly isBad: boolean;
}

/** The same in a sentence; what is left over is waiting between the gateway and its attempts. */
export function timeText({ gatewayMs = 0, timeToFirstByteMs, durationMs, attempts, buckets, stream }: CallRecord): string {
  const answered = attempts.at(-1);
  const own = `${duration(gatewayMs)} in the gateway`;
  if (!answered) return `${own}; nothing was sent to a provider.`;
  const first = timeToFirstByteMs ?? durationMs;
  const replyMs = durationMs - first;
  const output = byKind(buckets).output + byKind(buckets).reasoning;
  const speed = stream && replyMs > 0 && output > 0 ? `, ${count((output * 1000) / replyMs)} tokens a second` : '';
  const waitedMs = answered.at - attempts[0]!.at;
  const waited = waitedMs > 0 ? `, of that ${duration(waitedMs)} for attempts that did not answer` : '';
  return `${own}, ${duration(Math.max(0, first - gatewayMs))} to the first byte${waited}, ${duration(replyMs)} of reply${speed}.`;
}

/** Where the time of a call went: the gateway, then each attempt, waiting and reading told apart. */
export function Waterfall({ call }: { readonly call: CallRecord }) {
  const lanes = lanesOf(call);
  const length = Math.max(call.durationMs, ...lanes.flatMap(({ stretches }) => stretches.map((one) => one.from + one.length)), 0.1);
  return (
    <>
      <ol className="waterfall" aria-label="Attempts and stages in the order of time">
        {lanes.map(({ name, note, stretches, cost, isBad }) => (
          <li key={name}>
            <span>
              {name} <span className={isBad ? 'bad' : 'quiet'}>{note}</span>
            </span>
            <span className="lane" role="img" aria-label={stretches.map((one) => `${one.name} ${duration(one.length)}`).join(', ')}>
              {stretches.map((one) => (
                <span
                  key={one.name}
                  title={`${one.name}: ${duration(one.length)}`}
                  style={{ left: `${(one.from / length) * 100}%`, width: `${(one.length / length) * 100}%`, background: one.color }}
                />
              ))}
            </span>
            <span className="figure">{duration(stretches.reduce((sum, one) => sum + one.length, 0))}</span>
            <span className="figure">{cost}</span>
          </li>
        ))}
      </ol>
      <ul className="legend">
        {legend.map(([name, color]) => (
          <li key={name}>
            <span className="swatch" style={{ background: color }} />
            {name}
          </li>
        ))}
      </ul>
    </>
  );
}

const colors = { gateway: 'var(--series-3)', waiting: 'var(--kind-cache-read)', reading: 'var(--series-0)' } as const;
const legend = [
  ['In the gateway', colors.gateway],
  ['To the first byte', colors.waiting],
  ['Reply', colors.reading],
] as const;

function lanesOf(call: CallRecord): readonly Lane[] {
  const { at, gatewayMs = 0, attempts } = call;
  const route = call.annotations?.route;
  const gateway: Lane = {
    name: 'Gateway',
    note: route === undefined ? 'labels, guards, savings' : `route ${route}`,
    stretches: [{ name: 'In the gateway', from: 0, length: gatewayMs, color: colors.gateway }],
    cost: '',
    isBad: false,
  };
  return [gateway, ...attempts.map((attempt, index) => laneOf(attempt, index, Math.max(gatewayMs, attempt.at - at)))];
}

function laneOf(
  { provider, status, outcome, errorCode, hedge, timeToFirstByteMs, durationMs, cost }: Attempt,
  index: number,
  from: number,
): Lane {
  const waiting = Math.min(durationMs, timeToFirstByteMs ?? durationMs);
  const said = hedge === undefined ? [] : [`hedge ${hedge}`];
  return {
    name: `${index + 1}. ${provider}`,
    note: [...said, outcome === 'ok' ? String(status ?? '') : `${errorCode ?? outcome}${status === undefined ? '' : ` ${status}`}`].join(
      ', ',
    ),
    stretches: [
      { name: 'To the first byte', from, length: waiting, color: colors.waiting },
      { name: 'Reply', from: from + waiting, length: Math.max(0, durationMs - waiting), color: colors.reading },
    ],
    cost: nanoMoney(cost.total),
    isBad: outcome !== 'ok' && hedge !== 'lost',
  };
}
