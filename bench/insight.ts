import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { judge, type BenchOptions, type Figures } from './bench.ts';
import { kitBodies } from './bodies.ts';
import { parseBenchArgs, positive } from './command-line.ts';
import { spread, table, withSpread, type Spread } from './figures.ts';
import { pace, tracedCall } from './insight/calls.ts';
import { delayDuring, paced, type Delay } from './insight/pace.ts';
import { startSink } from './insight/sink.ts';
import { startVisitor, type Visitor } from './insight/visitor.ts';
import { entry } from './systems.ts';
import { numbered, quartiles, send, sliceUs, type Call } from './translation.ts';
import { startGateway, type Gateway } from './translation/gateway.ts';
import { startUpstream } from './translation/upstream.ts';

export const summary =
  'CPU per call with all that insight has (signals, language, alerts, metrics, OTLP export, an open dashboard) against none of it, and event-loop delay at 500 calls a second; about 4 minutes [--rounds --slices --seconds --bytes --program FILE]';

const flags = {
  rounds: { type: 'string', default: '31' },
  slices: { type: 'string', default: '6' },
  seconds: { type: 'string', default: '8' },
  bytes: { type: 'string', default: '20480' },
  program: { type: 'string' },
} as const;
const { sliceCalls, warmCalls, callsPerSecond } = pace;
const visitMs = 5000;
/** What is still done for a paced slice when it is over: the ledger, rollups, export. */
const settleMs = 1500;

const none =
  'telemetry: { prometheus: { enabled: false }, otlp: { enabled: false }, ingest: { enabled: false } }\ninsight: { quality: false, language: false }\nalerting: { enabled: false }\n';
/** The event loop watched and nothing else, so that what the machine does to any process can be told from what insight does. */
const watched = none.replace('prometheus: { enabled: false }', 'prometheus: { enabled: true }');
const all = (endpoint: string): string => `telemetry: { otlp: { endpoint: '${endpoint}', flushMs: 1000, metricIntervalMs: 5000 } }
insight: { quality: true, language: true }
alerting: { intervalMs: 5000 }
alerts:
  - { name: spend, when: { query: { measures: [costUsd] }, over: 1h, above: 1000000 } }
  - { name: spend-by-app, when: { query: { measures: [costUsd], dimensions: [app] }, over: 1d, above: 1000000 } }
  - { name: failing, when: { query: { measures: [failureShare] }, over: 15m, above: 0.5 } }
  - { name: slow, when: { query: { measures: [latencyP95Ms] }, over: 15m, above: 60000 } }
  - { name: cold, when: { query: { measures: [cacheHitShare] }, over: 1h, below: -1 } }
  - { name: jump, when: { query: { measures: [costUsd] }, over: 1h, changePercent: 1000000 } }
  - { name: unusual, when: { query: { measures: [costUsd] }, over: 1h, anomaly: { sensitivity: low } } }
  - { name: unusual-calls, when: { query: { measures: [calls] }, over: 1d, anomaly: { sensitivity: low } } }
`;

interface Side {
  readonly name: string;
  readonly gateway: Gateway;
  readonly call: Call;
  readonly slicesUs: number[];
  readonly pacedUs: number[];
}

export async function run({ kitDir, progress, args }: BenchOptions): Promise<Figures> {
  const options = parseBenchArgs(args, flags);
  const [rounds, slices, seconds, requestBytes] = (['rounds', 'slices', 'seconds', 'bytes'] as const).map((name) => positive(name, options[name])) as [number, number, number, number]; // prettier-ignore
  const { body } = await kitBodies(kitDir);
  const upstream = await startUpstream();
  const sink = await startSink();
  const sides: Side[] = [];
  let visitor: Visitor | undefined;
  try {
    for (const [name, more] of Object.entries({ none, watched, all: all(sink.url) })) {
      const gateway = await startGateway(resolve(options.program ?? entry()), upstream.port, [], more);
      sides.push({ name, gateway, call: tracedCall(gateway, numbered(body('chat', requestBytes, false, 'at-openai')), labels), slicesUs: [], pacedUs: [] }); // prettier-ignore
    }
    const [plain, control, full] = sides as [Side, Side, Side];
    for (const { call } of sides) await send(call, warmCalls);
    await sleep(settleMs);
    progress('insight: CPU of calls by themselves');
    for (let round = 0; round < rounds; round += 1)
      for (const side of inTurn([plain, full], round)) side.slicesUs.push(await sliceUs(side.gateway, side.call, sliceCalls));
    progress(`insight: CPU at ${callsPerSecond} calls a second, the dashboard open`);
    visitor = startVisitor(full.gateway.url, visitMs);
    for (let round = 0; round < slices; round += 1)
      for (const side of inTurn([plain, full], round)) side.pacedUs.push(await pacedUs(side, seconds, side === full ? visitor : undefined));
    progress('insight: event loop');
    const delayOf = (side: Side): Promise<Delay> => delayDuring(side.gateway.url, () => paced(side.call, callsPerSecond, 2 * seconds));
    const controlDelay = await delayOf(control);
    visitor.setOn(true);
    const delay = await delayOf(full);
    return figures({ plain, full, delay, controlDelay, more: { rounds, slices, seconds, requestBytes, queries: visitor.queries(), exportedBytes: sink.bytes() } }); // prettier-ignore
  } finally {
    await visitor?.close();
    await Promise.all(sides.map(({ call }) => call.pool.close()));
    await Promise.all(sides.map(({ gateway }) => gateway.close()));
    await Promise.all([upstream.close(), sink.close()]);
  }
}

const inTurn = (sides: readonly Side[], round: number): readonly Side[] => (round % 2 === 0 ? sides : sides.toReversed());

/** CPU of a call at an even pace, with all that is done in the background meanwhile. */
async function pacedUs({ gateway, call }: Side, seconds: number, visitor: Visitor | undefined): Promise<number> {
  visitor?.setOn(true);
  const before = gateway.cpuUs();
  await paced(call, callsPerSecond, seconds);
  visitor?.setOn(false);
  await sleep(settleMs);
  return (gateway.cpuUs() - before) / (callsPerSecond * seconds);
}

/** Calls of some apps, users and sessions. */
const labels = {
  'x-modicum-app': (number: number) => `app-${number % 5}`,
  'x-modicum-user': (number: number) => `user-${number % 50}`,
  'x-modicum-session': (number: number) => `session-${Math.floor(number / 20)}`,
};

interface Measured {
  readonly plain: Side;
  readonly full: Side;
  readonly delay: Delay;
  readonly controlDelay: Delay;
  readonly more: Readonly<Record<string, number>>;
}

function figures({ plain, full, delay, controlDelay, more }: Measured): Figures {
  const ratioOf = (key: 'slicesUs' | 'pacedUs'): Spread => quartiles(plain[key].map((one, at) => full[key][at]! / one));
  const [ratio, pacedRatio] = [ratioOf('slicesUs'), ratioOf('pacedUs')];
  const goals = [
    { name: 'CPU of a call, with insight / without', value: ratio.median, unit: 'x', max: 1.15 },
    { name: 'the same at 500 calls a second with the dashboard open', value: pacedRatio.median, unit: 'x', max: 1.15 },
    { name: 'event-loop delays over 20 ms', value: delay.over20Ms, unit: 'delays', max: 0 },
  ];
  return {
    ...more,
    plainUs: spread(plain.slicesUs)!,
    insightUs: spread(full.slicesUs)!,
    ratio,
    pacedPlainUs: spread(plain.pacedUs)!,
    pacedInsightUs: spread(full.pacedUs)!,
    pacedRatio,
    delay,
    controlDelay,
    goals: goals.map(judge),
  };
}

export function markdown(figures: Figures): string {
  const of = (key: string): string => withSpread(figures[key] as Spread);
  const [delay, control] = [figures['delay'], figures['controlDelay']] as [Delay, Delay];
  return [
    `Requests of ${String(figures['requestBytes'])} bytes. With insight: signals of quality, languages, eight alerts of one's own asked every 5 s, ` +
      'metrics, OTLP export of spans and metrics to a sink, and for the second row an open dashboard that asks eight queries and scrapes the ' +
      'metrics every 5 s and follows the live tail. CPU microseconds per call of the whole process, median of slices in turn (lowest-highest); ' +
      'ratios with their quartiles.',
    table(
      ['calls', 'without', 'with', 'ratio'],
      [
        ['one after the other', of('plainUs'), of('insightUs'), of('ratio')],
        ['500 a second', of('pacedPlainUs'), of('pacedInsightUs'), of('pacedRatio')],
      ],
    ),
    'Delays of the event loop at 500 calls a second, looked at every 10 ms:',
    table(
      ['delay', 'with insight', 'only watched'],
      Object.entries(delay.histogram).map(([bound, count]) => [bound, String(count), String(control.histogram[bound])]),
    ),
  ].join('\n\n');
}
