import { resolve } from 'node:path';
import { Pool } from 'undici';
import { judge, type BenchOptions, type Figures } from './bench.ts';
import { kitBodies } from './bodies.ts';
import { parseBenchArgs, positive } from './command-line.ts';
import { spread, table, withSpread, type Spread } from './figures.ts';
import { entry } from './systems.ts';
import { numbered, quartiles, send, sliceUs, type Call } from './translation.ts';
import { startGateway, type Gateway } from './translation/gateway.ts';
import { lastWords, paths } from './translation/pairs.ts';
import { startUpstream } from './translation/upstream.ts';

export const summary =
  'CPU per call of the whole process, answered from the reply cache against passed through without one; about 1 minute [--rounds --program FILE]';

const flags = { rounds: { type: 'string', default: '15' }, program: { type: 'string' } } as const;
const connections = 16;
const warmCalls = 3000;

interface Load {
  readonly name: string;
  readonly requestBytes: number;
  readonly isStream: boolean;
  /** Short slices, so that other load on the machine meets both sides alike. */
  readonly sliceCalls: number;
}

const loads: readonly Load[] = [
  { name: '1 KB, whole', requestBytes: 1024, isStream: false, sliceCalls: 800 },
  { name: '20 KB, whole', requestBytes: 20 * 1024, isStream: false, sliceCalls: 800 },
  { name: '20 KB, stream', requestBytes: 20 * 1024, isStream: true, sliceCalls: 300 },
];

const cached = `savings: { holdout: 0, stageHoldout: 0, stages: { exactCache: on } }
cache: { exact: { deterministicOnly: false } }
`;

interface Measured {
  readonly passUs: Spread;
  readonly hitUs: Spread;
  /** CPU of a hit, in parts of that of a call passed through. */
  readonly ratio: Spread;
  readonly hitsPerSecondOfCpu: number;
}

export async function run({ kitDir, progress, args }: BenchOptions): Promise<Figures> {
  const options = parseBenchArgs(args, flags);
  const rounds = positive('rounds', options.rounds);
  const program = resolve(options.program ?? entry());
  const { body } = await kitBodies(kitDir);
  const upstream = await startUpstream();
  const plain = await startGateway(program, upstream.port);
  const caching = await startGateway(program, upstream.port, [], cached);
  const measured: Record<string, Measured> = {};
  try {
    for (const load of loads) {
      progress(`reply-cache: ${load.name}`);
      const text = body('chat', load.requestBytes, load.isStream, 'at-openai');
      measured[load.name] = await compared({ plain, caching }, load, text, rounds);
    }
  } finally {
    await Promise.all([plain.close(), caching.close()]);
    await upstream.close();
  }
  return { rounds, loads: measured, goals: goalsOf(measured).map(judge) };
}

type Gateways = Readonly<Record<'plain' | 'caching', Gateway>>;

/** Slices of both gateways in turn; a ratio for each neighbouring two. */
async function compared(gateways: Gateways, load: Load, text: string, rounds: number): Promise<Measured> {
  const sides = { plain: callTo(gateways.plain, load, numbered(text)), caching: callTo(gateways.caching, load, () => text) };
  await checkHit(sides.caching);
  const times = { plain: [] as number[], caching: [] as number[] };
  for (const side of Object.values(sides)) await send(side, warmCalls);
  for (let round = 0; round < rounds; round += 1)
    for (const name of round % 2 === 0 ? (['plain', 'caching'] as const) : (['caching', 'plain'] as const))
      times[name].push(await sliceUs(gateways[name], sides[name], load.sliceCalls));
  await Promise.all(Object.values(sides).map(({ pool }) => pool.close()));
  const hitUs = spread(times.caching)!;
  const ratio = quartiles(times.plain.map((one, round) => times.caching[round]! / one));
  return { passUs: spread(times.plain)!, hitUs, ratio, hitsPerSecondOfCpu: Math.round(1e6 / hitUs.median) };
}

const callTo = ({ url }: Gateway, { isStream }: Load, bodyOf: () => string): Call => ({
  pool: new Pool(url, { connections }),
  path: paths['chat'],
  bodyOf,
  lastWord: lastWords['chat'][isStream ? 'stream' : 'whole'],
});

/** @throws when calls are not answered from the cache: then nothing of it would be measured */
async function checkHit(call: Call): Promise<void> {
  await send(call, 1);
  await new Promise((later) => setTimeout(later, 200));
  const { headers, body } = await call.pool.request({
    method: 'POST',
    path: call.path,
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: call.bodyOf(),
  });
  await body.dump();
  if (headers['x-modicum-cache'] !== 'hit') throw new Error(`not answered from the cache: ${String(headers['x-modicum-cache'])}`);
}

const goalsOf = (measured: Readonly<Record<string, Measured>>) =>
  Object.entries(measured).flatMap(([name, { ratio, hitsPerSecondOfCpu }]) => [
    { name: `${name}: CPU of a hit / passed through`, value: ratio.median, unit: 'x', max: 1 },
    ...(name.startsWith('1 KB') ? [{ name: `${name}: hits a core-second`, value: hitsPerSecondOfCpu, unit: 'hits', min: 10_000 }] : []),
  ]);

export function markdown(figures: Figures): string {
  const measured = figures['loads'] as Readonly<Record<string, Measured>>;
  const rows = Object.entries(measured).map(([name, { passUs, hitUs, ratio, hitsPerSecondOfCpu }]) => [
    name,
    withSpread(passUs),
    withSpread(hitUs),
    withSpread(ratio),
    String(hitsPerSecondOfCpu),
  ]);
  return [
    `CPU microseconds per call of the whole process, median of ${String(figures['rounds'])} slices (lowest-highest), both sides in turn; the ratio of neighbouring slices with its quartiles.`,
    table(['request and reply', 'passed through', 'hit', 'ratio', 'hits per second of CPU'], rows),
  ].join('\n\n');
}
