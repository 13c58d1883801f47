import { resolve } from 'node:path';
import { GatewayCalls } from '../src/telemetry/ingest/gateway-calls.ts';
import { CallFigures } from '../src/telemetry/metrics/call-figures.ts';
import { callRecord } from '../src/telemetry/testing.ts';
import { judge, type BenchOptions, type Figures } from './bench.ts';
import { kitBodies } from './bodies.ts';
import { parseBenchArgs, positive } from './command-line.ts';
import { spread } from './figures.ts';
import { pace, tracedCall } from './insight/calls.ts';
import { delayDuring, paced } from './insight/pace.ts';
import { startSink } from './insight/sink.ts';
import { entry } from './systems.ts';
import { numbered, quartiles, send, sliceUs } from './translation.ts';
import { startGateway, type Gateway } from './translation/gateway.ts';
import { startUpstream } from './translation/upstream.ts';

export const summary =
  'CPU per call with metrics, OTLP export and span ingest on against all off, cost of a record, event-loop delay at 500 calls a second; about 1 minute [--rounds --seconds --bytes --program FILE]';

const flags = {
  rounds: { type: 'string', default: '31' },
  seconds: { type: 'string', default: '10' },
  bytes: { type: 'string', default: '20480' },
  program: { type: 'string' },
} as const;
const { sliceCalls, warmCalls, callsPerSecond } = pace;

const off = 'telemetry: { prometheus: { enabled: false }, otlp: { enabled: false }, ingest: { enabled: false } }\n';
const withoutSpans = (endpoint: string): string => on(endpoint).replace('flushMs', 'traces: false, flushMs');
const on = (endpoint: string): string => `telemetry: { otlp: { endpoint: '${endpoint}', flushMs: 1000, metricIntervalMs: 5000 } }\n`;

export async function run({ kitDir, progress, args }: BenchOptions): Promise<Figures> {
  const options = parseBenchArgs(args, flags);
  const rounds = positive('rounds', options.rounds);
  const requestBytes = positive('bytes', options.bytes);
  const program = resolve(options.program ?? entry());
  const { body } = await kitBodies(kitDir);
  const bodyOf = numbered(body('chat', requestBytes, false, 'at-openai'));
  const upstream = await startUpstream();
  const sink = await startSink();
  const gateways: Gateway[] = [];
  for (const more of [off, on(sink.url), withoutSpans(sink.url)]) gateways.push(await startGateway(program, upstream.port, [], more));
  const sides = gateways.map((gateway) => ({ gateway, call: tracedCall(gateway, bodyOf), times: [] as number[] }));
  try {
    for (const { call } of sides) await send(call, warmCalls);
    progress('telemetry: CPU');
    for (let round = 0; round < rounds; round += 1)
      for (const side of round % 2 === 0 ? sides : sides.toReversed()) side.times.push(await sliceUs(side.gateway, side.call, sliceCalls));
    progress(`telemetry: event loop at ${callsPerSecond} calls a second`);
    const { gateway, call } = sides[1]!;
    const delay = await delayDuring(gateway.url, () => paced(call, callsPerSecond, positive('seconds', options.seconds)));
    const [plain, measured, spanless] = sides.map(({ times }) => times) as [number[], number[], number[]];
    const ratioTo = (side: readonly number[]) => quartiles(plain.map((one, at) => side[at]! / one));
    const ratio = ratioTo(measured);
    const ratioWithoutSpans = ratioTo(spanless);
    const recordUs = costOfRecord();
    const goals = [
      { name: 'CPU with telemetry / without', value: ratio.median, unit: 'x', max: 1.15 },
      { name: 'CPU with telemetry but spans / without', value: ratioWithoutSpans.median, unit: 'x', max: 1.15 },
      { name: 'a record in metrics and memory', value: recordUs, unit: 'us', max: 2 },
      { name: 'event-loop delays over 20 ms', value: delay.over20Ms, unit: 'delays', max: 0 },
    ];
    const bytesOut = sink.bytes();
    return {
      rounds,
      requestBytes,
      plainUs: spread(plain)!,
      telemetryUs: spread(measured)!,
      ratio,
      ratioWithoutSpans,
      recordUs,
      delay,
      bytesOut,
      goals: goals.map(judge),
    };
  } finally {
    await Promise.all(sides.map(({ call }) => call.pool.close()));
    await Promise.all(gateways.map((gateway) => gateway.close()));
    await Promise.all([upstream.close(), sink.close()]);
  }
}

/** Microseconds on the main thread for one record: metrics by two sets of labels, and the memory of what passed. */
function costOfRecord(): number {
  const limits = { maxValues: 100, maxSeries: 1000 };
  const scraped = new CallFigures({ labels: ['provider', 'model', 'app'], ...limits });
  const exported = new CallFigures({ labels: ['operation', 'provider', 'request_model', 'model', 'app'], ...limits });
  const calls = new GatewayCalls();
  const records = Array.from({ length: 100_000 }, (_, at) => callRecord({ id: `019ab0d5-7a00-7000-8abc-${String(at).padStart(12, '0')}` }));
  const pass = (): number => {
    const startMs = performance.now();
    for (const record of records) {
      scraped.add(record);
      exported.add(record);
      calls.ended(record);
    }
    return ((performance.now() - startMs) * 1000) / records.length;
  };
  pass();
  return spread([pass(), pass(), pass(), pass(), pass()])!.median;
}
