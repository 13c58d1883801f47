import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { judge, type BenchOptions, type Figures, type Goal } from './bench.ts';
import { parseBenchArgs, positive } from './command-line.ts';
import { short, table } from './figures.ts';
import { chart } from './faults/chart.ts';
import { faultRun, model, names, type Run, type RunOptions } from './faults/run.ts';
import { chances, firstByteMs, stallMs } from './faults/upstreams.ts';
import { root } from './machine.ts';
import type { Attempt } from '../src/core/record.ts';

export const summary =
  'calls through the gateway to three upstreams that fail, one of them dead for a while; about 4 minutes [--calls --seconds --svg FILE --only-goals]';

const flags = {
  calls: { type: 'string', default: '20000' },
  seconds: { type: 'string', default: '120' },
  svg: { type: 'string', default: 'docs/images/breaker.svg' },
  'only-goals': { type: 'boolean', default: false },
} as const;

/** Settings of the two runs. The goals are for the first, which is what everybody gets; the second shows what the spare attempt is good for. */
const settings = {
  defaults: {},
  'no spare attempt': { spareAttempts: 0 },
} as const satisfies Record<string, RunOptions['resilience']>;

export async function run({ progress, args }: BenchOptions): Promise<Figures> {
  const options = parseBenchArgs(args, flags);
  const calls = positive('calls', options.calls);
  const seconds = positive('seconds', options.seconds);
  const runs: Record<string, RunFigures> = {};
  for (const [name, resilience] of Object.entries(settings)) {
    if (name !== 'defaults' && options['only-goals']) continue;
    progress(`faults: ${calls} calls in ${seconds} s, ${name}`);
    const made = await faultRun({ calls, seconds, resilience });
    if (name === 'defaults') await draw(resolve(root, options.svg), made);
    runs[name] = figuresOf(made);
  }
  return {
    calls,
    seconds,
    chances,
    stallMs,
    firstByteMs,
    settings,
    runs,
    goals: goalsFor(runs['defaults']!).map(judge),
  };
}

interface RunFigures {
  readonly failedPercent: number;
  /** Failed calls by the status that the client saw; 0: no reply, `cut`: status 200, but not whole. */
  readonly failures: Readonly<Record<string, number>>;
  readonly doubleReplies: number;
  readonly attemptsPerCall: number;
  /** Attempts that the ledger books a cost for, estimates among them. */
  readonly paidAttemptsPerCall: number;
  /** The most of them that one call had. */
  readonly mostPaidAttempts: number;
  /** Attempts that the upstreams billed. */
  readonly billedAttemptsPerCall: number;
  readonly records: number;
  /** Requests of other programs at the upstreams: a run with any is void. */
  readonly strangers: number;
  /** Answers that the ledger books at another cost than their upstream, or that it did not bill. */
  readonly misbooked: number;
  /** What the ledger books for attempts beside the answering one, as a share of all. */
  readonly extraCostPercent: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly opened: Readonly<Record<string, number>>;
  readonly closed: Readonly<Record<string, number>>;
}

function figuresOf({ answers, records, billed, strangers, changes }: Run): RunFigures {
  const failed = answers.filter(({ isWhole }) => !isWhole);
  const attempts = records.flatMap((record) => record.attempts);
  const costOf = (cost: number | null): number => cost ?? 0;
  const bill = new Map(billed.map(({ responseId, costNanoUsd }) => [responseId, Number(costNanoUsd)]));
  const isMisbooked = ({ outcome, responseId, cost }: Attempt): boolean => outcome === 'ok' && bill.get(responseId ?? '') !== cost.total;
  const total = attempts.reduce((sum, { cost }) => sum + costOf(cost.total), 0);
  const latencies = answers.map(({ ms }) => ms).toSorted((a, b) => a - b);
  return {
    failedPercent: (failed.length / answers.length) * 100,
    failures: countBy(failed, ({ status }) => (status === 200 ? 'cut' : String(status))),
    doubleReplies: answers.filter(({ isDouble }) => isDouble).length + records.filter(isAnsweredTwice).length,
    attemptsPerCall: attempts.length / answers.length,
    paidAttemptsPerCall: attempts.filter(hasCost).length / answers.length,
    mostPaidAttempts: records.reduce((most, record) => Math.max(most, record.attempts.filter(hasCost).length), 0),
    billedAttemptsPerCall: billed.length / answers.length,
    records: records.length,
    strangers,
    misbooked: attempts.filter(isMisbooked).length,
    extraCostPercent: (records.reduce((sum, { extraCost }) => sum + costOf(extraCost?.retries ?? 0), 0) / total) * 100,
    p50Ms: latencies[Math.floor(latencies.length * 0.5)] ?? Number.NaN,
    p99Ms: latencies[Math.floor(latencies.length * 0.99)] ?? Number.NaN,
    opened: countBy(
      changes.filter(({ to }) => to === 'open'),
      ({ deployment }) => deployment,
    ),
    closed: countBy(
      changes.filter(({ to }) => to === 'closed'),
      ({ deployment }) => deployment,
    ),
  };
}

const hasCost = ({ cost }: Attempt): boolean => cost.total !== 0;

const isAnsweredTwice = ({ attempts }: Run['records'][number]): boolean => attempts.filter(({ outcome }) => outcome === 'ok').length > 1;

function countBy<T>(items: readonly T[], keyOf: (item: T) => string): Readonly<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const item of items) counts[keyOf(item)] = (counts[keyOf(item)] ?? 0) + 1;
  return counts;
}

function goalsFor({
  failedPercent,
  paidAttemptsPerCall,
  doubleReplies,
  misbooked,
  strangers,
  opened,
  closed,
}: RunFigures): readonly Goal[] {
  const dead = `${names[0]}/${model}`;
  return [
    { name: 'calls that failed for their client', value: failedPercent, unit: '%', max: 0.1 },
    { name: 'attempts with a cost, per call', value: paidAttemptsPerCall, unit: '', max: 1.2 },
    { name: 'double replies', value: doubleReplies, unit: '', max: 0 },
    { name: 'answers whose cost is not the bill’s', value: misbooked, unit: '', max: 0 },
    { name: 'requests of strangers', value: strangers, unit: '', max: 0 },
    { name: 'the breaker of the dead upstream opened', value: opened[dead] ?? 0, unit: 'times', min: 1 },
    { name: 'and closed', value: closed[dead] ?? 0, unit: 'times', min: 1 },
  ];
}

async function draw(path: string, { changes, totalMs, dead, answers }: Run): Promise<void> {
  const caption = `State of the breakers, ${answers.length} calls to three upstreams, one dead for a while`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, chart({ deployments: names.map((name) => `${name}/${model}`), changes, totalMs, dead, caption }));
}

export function markdown(figures: Figures): string {
  const runs = figures['runs'] as Readonly<Record<string, RunFigures>>;
  const rows = Object.entries(runs).map(([name, found]) => [
    name,
    `${short(found.failedPercent)} %`,
    short(found.attemptsPerCall),
    found.paidAttemptsPerCall.toFixed(3),
    String(found.mostPaidAttempts),
    found.billedAttemptsPerCall.toFixed(3),
    String(found.doubleReplies),
    `${short(found.extraCostPercent)} %`,
    `${short(found.p50Ms)} / ${short(found.p99Ms)}`,
  ]);
  return table(
    [
      'run',
      'failed',
      'attempts per call',
      'with a cost',
      'most in one call',
      'billed by the upstreams',
      'double',
      'extra cost',
      'p50 / p99 ms',
    ],
    rows,
  );
}
