import { setTimeout as sleep } from 'node:timers/promises';
import { send, type Call } from '../translation.ts';

const tickMs = 10;

/** Sends calls at an even pace, whether those before are answered or not. */
export async function paced(call: Call, callsPerSecond: number, seconds: number): Promise<void> {
  const perTick = (callsPerSecond * tickMs) / 1000;
  const running: Promise<void>[] = [];
  const startMs = performance.now();
  for (let tick = 1; tick <= (seconds * 1000) / tickMs; tick += 1) {
    for (let at = 0; at < perTick; at += 1) running.push(send({ ...call }, 1));
    await sleep(Math.max(0, startMs + tick * tickMs - performance.now()));
  }
  await Promise.all(running);
}

export interface Delay {
  /** Looks by the upper bound of their delay, in seconds. */
  readonly histogram: Readonly<Record<string, number>>;
  readonly over20Ms: number;
}

/** What the gateway itself says of its event loop, over the time of `work`: how late a timer was that should fire each 10 ms. */
export async function delayDuring(url: string, work: () => Promise<void>): Promise<Delay> {
  const before = await delays(url);
  await work();
  const after = await delays(url);
  const cumulative = after.map(([bound, count], at) => [bound, count - before[at]![1]] as const);
  const histogram = Object.fromEntries(cumulative.map(([bound, count], at) => [`<= ${bound} s`, count - (cumulative[at - 1]?.[1] ?? 0)]));
  const over20Ms = cumulative.at(-1)![1] - cumulative.find(([bound]) => bound === '0.02')![1];
  return { histogram, over20Ms };
}

/** Cumulative, by bound. */
async function delays(url: string): Promise<readonly (readonly [string, number])[]> {
  const text = await (await fetch(`${url}/metrics`)).text();
  const buckets = text.matchAll(/^modicum_event_loop_delay_seconds_bucket\{le="([^"]+)"\} (\d+)$/gm);
  return [...buckets].map(([, bound, count]) => [bound!, Number(count)]);
}
