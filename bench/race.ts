import { spread, type Spread } from './figures.ts';

interface RaceOptions {
  /** Measurements of each competitor. */
  readonly rounds?: number;
  /** CPU time one measurement takes at least. */
  readonly minMs?: number;
}

/**
 * CPU microseconds per run of each function, garbage collection of all threads included.
 * They take turns, in another order each round, so that whatever else the machine does meets all of them alike.
 */
export function race<Name extends string>(
  competitors: Readonly<Record<Name, () => unknown>>,
  { rounds = 15, minMs = 20 }: RaceOptions = {},
): Readonly<Record<Name, Spread>> {
  const names = Object.keys(competitors) as Name[];
  const batches = names.map((name) => batchOf(competitors[name], minMs * 1000));
  const times = names.map((): number[] => []);
  for (let turn = 0; turn < rounds * names.length; turn += 1) {
    const index = (turn + Math.floor(turn / names.length)) % names.length;
    times[index]!.push(cpuUsOf(competitors[names[index]!], batches[index]!) / batches[index]!);
  }
  return Object.fromEntries(names.map((name, index) => [name, spread(times[index]!)!])) as Record<Name, Spread>;
}

/** Times the batch is fitted to `minUs`; it is also the warm-up. The first fits are too small: they see the interpreter and the compiler at work. */
const fits = 10;

function batchOf(work: () => unknown, minUs: number): number {
  let batch = 1;
  for (let fit = 0; fit < fits; fit += 1) {
    while (cpuUsOf(work, batch) < minUs / 4) batch *= 2;
    batch = Math.max(1, Math.round((batch * minUs) / cpuUsOf(work, batch)));
  }
  return batch;
}

function cpuUsOf(work: () => unknown, runs: number): number {
  let result: unknown;
  const before = process.cpuUsage();
  for (let run = 0; run < runs; run += 1) result = work();
  const { user, system } = process.cpuUsage(before);
  if (result === undefined) throw new Error('a competitor must return what it made: work without a result may be optimised away');
  return user + system;
}

/** Quotient of two figures; its bounds take the worst of both. */
export const quotient = (above: Spread, below: Spread): Spread => ({
  median: above.median / below.median,
  low: above.low / below.high,
  high: above.high / below.low,
});
