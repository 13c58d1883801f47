import { effectOf } from '../src/savings/effect.ts';
import { savings } from '../src/savings/registry.ts';
import { SessionSample } from '../src/savings/session.ts';
import { trafficOf, trueRatio, type Traffic } from '../src/savings/testing.ts';
import { createSavingWatch, falseSwitchChance } from '../src/savings/watch.ts';
import { createMemorySessions } from '../src/stores/memory/sessions.ts';
import { judge, type BenchOptions, type Figures } from './bench.ts';
import { parseBenchArgs, positive } from './command-line.ts';

export const summary = 'coverage of the intervals of savings on traffic with known effects; switching of a harmful one [--runs]';

const factors = { promptCache: 0.7, promptRepair: 0.95, exactCache: 1.1 } as const;
const traffic = { sessions: 1500, holdout: 0.1, stageHoldout: 0.1, factors, sigma: 1.5 };
const resamples = 600;
const hour = 3600 * 1000;
const windowMs = 168 * hour;

/** Whether the interval of the ratio covers the truth, by saving and for all together. */
function covered(seed: number): Readonly<Record<string, boolean>> {
  const sample = new SessionSample({ maxSessions: 100_000 });
  for (const record of trafficOf({ ...traffic, seed })) sample.add(record);
  const sessions = sample.all();
  const covers = (truth: number, stage?: string): boolean => {
    const ratio = effectOf(sessions, stage, { resamples, seed: seed + 1 }).ratio;
    return ratio !== null && ratio.low <= truth && truth <= ratio.high;
  };
  const each = savings.flatMap(({ key, stage }) => (key in factors ? [[stage, covers(factors[key as keyof typeof factors], stage)]] : []));
  return { all: covers(trueRatio(traffic)), ...(Object.fromEntries(each) as Record<string, boolean>) };
}

/** Hours until a saving with this factor is switched, in one window; `undefined`: it is not. */
async function switchedAfter(factor: number, seed: number, over: Partial<Traffic> = {}): Promise<number | undefined> {
  let now = 0;
  const watch = createSavingWatch({
    settings: () => ({ enabled: true, windowMs, minSessions: 50 }),
    now: () => now,
    store: createMemorySessions({ now: () => now }),
    record: () => {},
    notify: () => {},
  });
  const sessions = 6000;
  for (const record of trafficOf({ ...traffic, seed, sessions, factors: { exactCache: factor }, everyMs: windowMs / sessions, ...over })) {
    now = record.at;
    watch.measured(record);
    if (watch.isSwitched('exact-cache')) return now / hour;
  }
  return undefined;
}

export async function run({ args, progress }: BenchOptions): Promise<Figures> {
  const given = parseBenchArgs(args, { runs: { type: 'string', default: '200' } });
  const runs = positive('--runs', given.runs);
  const hits: Record<string, number> = {};
  for (let seed = 0; seed < runs; seed++)
    for (const [name, hit] of Object.entries(covered(seed))) hits[name] = (hits[name] ?? 0) + Number(hit);
  progress(`holdout: ${runs} runs covered`);
  const coverageBy = Object.fromEntries(Object.entries(hits).map(([name, count]) => [name, count / runs]));
  const coverage = Math.min(...Object.values(coverageBy));
  const watched = Math.max(1, Math.floor(runs / 4));
  const harmful: number[] = [];
  let falseSwitches = 0;
  for (let seed = 0; seed < watched; seed++) {
    const hours = await switchedAfter(1.6, seed, { sigma: 1 });
    if (hours !== undefined) harmful.push(hours);
    if ((await switchedAfter(1, 1000 + seed)) !== undefined) falseSwitches += 1;
  }
  const medianHours = [...harmful].sort((left, right) => left - right)[Math.floor(harmful.length / 2)];
  return {
    coverage,
    runs,
    coverageBy,
    sessions: traffic.sessions,
    harmful: { runs: watched, switched: harmful.length / watched, medianHours, windowHours: windowMs / hour },
    harmless: { runs: watched, switched: falseSwitches / watched },
    goals: [
      { name: 'the interval covers the truth, worst of all effects', value: coverage * 100, unit: '%', min: 93 },
      { name: 'a saving that costs 60 % more is switched within its window', value: (harmful.length / watched) * 100, unit: '%', min: 95 },
      { name: 'a saving without effect is switched', value: (falseSwitches / watched) * 100, unit: '%', max: Math.max(2, falseSwitchChance * 100) }, // prettier-ignore
    ].map(judge),
  };
}
