// Run by faults.test.ts with --expose-gc: many calls with faults of the provider and of the client, then figures as JSON on stdout.
import http from 'node:http';
import { seeded } from '../src/emulator/reply/words.ts';
import { scripted, unasked, ways, words } from './calls.ts';
import { startStand, statusOf, until, type Stand } from './harness.ts';

const calls = Number(process.argv[2]);
const concurrency = 16;
const headers = { ...scripted(words(60)), 'anthropic-version': '2023-06-01', 'content-type': 'application/json' };
const random = seeded(Number(process.argv[3] ?? 1));
const agent = new http.Agent({ keepAlive: true, maxSockets: concurrency });

export interface FaultFigures {
  readonly calls: number;
  readonly records: number;
  readonly uniqueIds: number;
  readonly outcomes: Readonly<Record<string, number>>;
  readonly sources: Readonly<Record<string, number>>;
  readonly faults: Readonly<Record<string, number>>;
  /** Records without an outcome, a time, or a cost that is known or said to be unknown. */
  readonly unfit: number;
  readonly inFlight: number;
  readonly dropped: number;
  /** Of level `error`. */
  readonly errors: readonly string[];
  /** Open sockets, timers and the like after a first part of the calls, and at the end. */
  readonly resources: readonly [number, number];
  /** Bytes of heap in use after garbage collection, at the same moments. */
  readonly heapBytes: readonly [number, number];
}

/** One call; one in ten leaves in the middle. However it ends, it ends. */
function call(stand: Stand): Promise<void> {
  const all = [...ways, unasked];
  const way = all[Math.floor(random() * all.length)]!;
  const stream = random() < 0.7;
  const leaves = random() < 0.1;
  const request = http.request(`${stand.url}${way.path(stream)}`, { method: 'POST', headers, agent });
  return new Promise((resolve) => {
    request.on('error', () => resolve());
    request.on('response', (response) => {
      response.on('error', () => resolve());
      response.on('close', () => resolve());
      response.on('data', () => {
        if (leaves) request.destroy();
      });
    });
    request.end(JSON.stringify(way.body(stream)));
  });
}

async function run(stand: Stand, count: number): Promise<void> {
  let left = count;
  const worker = async (): Promise<void> => {
    while (left-- > 0) await call(stand);
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

async function settled(stand: Stand, count: number): Promise<readonly [resources: number, heapBytes: number]> {
  await until(
    () => {
      const { inFlight, ledger } = statusOf(stand.app);
      return inFlight === 0 && ledger.appended >= count && ledger.queuedBytes === 0;
    },
    () => `${count} records; ${JSON.stringify(statusOf(stand.app))}`,
    60_000,
  );
  for (let round = 0; round < 3; round += 1) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    globalThis.gc!();
  }
  return [process.getActiveResourcesInfo().length, process.memoryUsage().heapUsed];
}

const tally = (values: readonly string[]): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
};

const clean: (() => void | Promise<void>)[] = [];
const chance = 0.045;
const names = ['stall-first-byte', 'stall-mid-stream', 'reset-before-headers', 'reset-mid-stream', 'malformed-chunk', 'garbage-body', 'missing-usage', 'truncated-body', 'error-event', 'slow-drip', 'status-400', 'status-429', 'status-500', 'status-503', 'status-529'] as const; // prettier-ignore
const stand = await startStand(
  { after: (done) => void clean.unshift(done) },
  {
    emulator: {
      stallMs: 1500,
      recordCalls: false,
      faults: { seed: 7, probabilities: Object.fromEntries(names.map((name) => [name, chance])) },
    },
    timeouts: { firstByteMs: 250, idleMs: 250 },
  },
);
const first = Math.ceil(calls / 3);
await run(stand, first);
const early = await settled(stand, first);
(stand.seen as unknown[]).length = 0; // the test's own memory, not the gateway's
await run(stand, calls - first);
(stand.seen as unknown[]).length = 0;
const late = await settled(stand, calls);
const records = await stand.records(calls);
const figures: FaultFigures = {
  calls,
  records: records.length,
  uniqueIds: new Set(records.map(({ id }) => id)).size,
  outcomes: tally(records.map(({ outcome }) => outcome)),
  sources: tally(records.map(({ usageSource }) => usageSource ?? 'none')),
  faults: tally(records.map(({ errorCode }) => errorCode ?? 'none')),
  unfit: records.filter(
    ({ outcome, durationMs, cost }) => !outcome || !(durationMs >= 0) || (cost.total === null) !== (cost.status === 'unpriced'),
  ).length,
  inFlight: statusOf(stand.app).inFlight,
  dropped: statusOf(stand.app).ledger.dropped,
  errors: stand.log.filter(({ level }) => level === 'error').map(({ message, fields }) => `${message} ${JSON.stringify(fields)}`),
  resources: [early[0], late[0]],
  heapBytes: [early[1], late[1]],
};
agent.destroy();
for (const done of clean) await done();
process.stdout.write(JSON.stringify(figures));
