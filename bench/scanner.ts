import { Body } from '../src/core/body.ts';
import { Call } from '../src/core/call.ts';
import { outline } from '../src/core/scan.ts';
import { callCodecs } from '../src/protocols/codecs.ts';
import { judge, type BenchOptions, type Figures, type Goal } from './bench.ts';
import { kitBodies } from './bodies.ts';
import { parseBenchArgs, positive } from './command-line.ts';
import { table, withSpread, type Spread } from './figures.ts';
import { quotient, race } from './race.ts';

export const summary = 'CPU of reading a request as bytes, against parsing and printing its JSON [--rounds]';

const codec = callCodecs['openai.chat'];

/** What the gateway does with a body, and what a gateway on parsed JSON would do. */
const competitors = (body: Buffer) => ({
  /** One pass: members and prompt skeleton. */
  outline: () => outline(body),
  /** All that a call costs which goes on unchanged. */
  forward: () => {
    const call = Call.received('bench', { codec, body: new Body([body]) });
    return call.model.length > 0 && !call.stream ? call.encode() : undefined;
  },
  /** The same with another model written in its place. */
  patch: () =>
    Call.received('bench', { codec, body: new Body([body]) })
      .with({ model: 'another' })
      .encode(),
  parse: () => JSON.parse(body.toString('utf8')) as unknown,
  /** Parse, set the model, print, encode. */
  reparse: () => Buffer.from(JSON.stringify({ ...(JSON.parse(body.toString('utf8')) as object), model: 'another' })),
});

type Competitor = keyof ReturnType<typeof competitors>;
/** CPU microseconds per body. */
type Row = { readonly cpuUs: Readonly<Record<Competitor, Spread>>; readonly ratios: Readonly<Record<'forward' | 'patch', Spread>> };

function measured(body: Buffer, rounds: number): Row {
  const cpuUs = race(competitors(body), { rounds });
  return { cpuUs, ratios: { forward: quotient(cpuUs.forward, cpuUs.parse), patch: quotient(cpuUs.patch, cpuUs.reparse) } };
}

/** Reading bytes is worth its code only while it is clearly cheaper. At 1 KB it is dearer: the fixed costs of about a microsecond weigh more there. */
const most: Readonly<Record<string, number>> = { '1k': 2, '20k': 0.5, '200k': 0.5 };

const goals = (sizes: Readonly<Record<string, Row>>): readonly Goal[] =>
  Object.entries(sizes).flatMap(([size, { ratios }]) => [
    { name: `${size}: forward / parse`, value: ratios.forward.median, unit: 'x', max: most[size] ?? 1 },
    { name: `${size}: patch / reparse`, value: ratios.patch.median, unit: 'x', max: most[size] ?? 1 },
  ]);

export async function run({ kitDir, progress, args }: BenchOptions): Promise<Figures> {
  const options = parseBenchArgs(args, { rounds: { type: 'string', default: '15' } });
  const { SIZES, body } = await kitBodies(kitDir);
  const sizes: Record<string, Row> = {};
  for (const [size, bytes] of Object.entries(SIZES)) {
    progress(`scanner: ${size}`);
    sizes[size] = measured(Buffer.from(body('chat', bytes, false)), positive('rounds', options.rounds));
  }
  return { unit: 'CPU microseconds per body', sizes, goals: goals(sizes).map(judge) };
}

export function markdown(figures: Figures): string {
  const sizes = figures['sizes'] as Readonly<Record<string, Row>>;
  const head = ['body', 'outline', 'forward', 'patch', 'parse', 'reparse', 'forward / parse', 'patch / reparse'];
  const rows = Object.entries(sizes).map(([size, { cpuUs, ratios }]) => [
    size,
    ...Object.values(cpuUs).map(withSpread),
    `${withSpread(ratios.forward)}x`,
    `${withSpread(ratios.patch)}x`,
  ]);
  return `CPU microseconds per body: median (lowest-highest) of the rounds.\n\n${table(head, rows)}`;
}
