import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';
import { judge, type BenchOptions, type Figures } from './bench.ts';
import { kitBodies } from './bodies.ts';
import { parseBenchArgs, positive } from './command-line.ts';
import { spread, table, withSpread, type Spread } from './figures.ts';
import { entry } from './systems.ts';
import { startGateway, type Gateway } from './translation/gateway.ts';
import { lastWords, pairs, paths, type Pair } from './translation/pairs.ts';
import { events, startUpstream } from './translation/upstream.ts';

export const summary =
  'CPU per call of the whole process, translated against not, for whole replies and streams; about 2 minutes [--rounds --only PAIR --form whole|stream --tools same|other --program FILE]';

const flags = {
  rounds: { type: 'string', default: '15' },
  only: { type: 'string', default: '' },
  form: { type: 'string', default: 'whole,stream' },
  tools: { type: 'string', default: 'same' },
  program: { type: 'string' },
} as const;

const forms = ['whole', 'stream'] as const;
type Form = (typeof forms)[number];

/** Calls of one slice; slices are short so that other load on the machine meets both sides alike. */
const sliceCalls: Readonly<Record<Form, number>> = { whole: 800, stream: 150 };
const warmCalls: Readonly<Record<Form, number>> = { whole: 3000, stream: 500 };
/** Calls under way at one time. */
const concurrency = 16;
/** What is still done for the calls of a slice when they are over: the ledger. */
const settleMs = 50;
const requestBytes = 20 * 1024;

interface Measured {
  readonly fastUs: Spread;
  readonly translatedUs: Spread;
  readonly ratio: Spread;
}

export async function run({ kitDir, progress, args }: BenchOptions): Promise<Figures> {
  const options = parseBenchArgs(args, flags);
  const rounds = positive('rounds', options.rounds);
  const { body } = await kitBodies(kitDir);
  const upstream = await startUpstream();
  const gateway = await startGateway(resolve(options.program ?? entry()), upstream.port);
  const measured: Record<string, Partial<Record<Form, Measured>>> = {};
  try {
    for (const pair of pairs.filter(({ name }) => name.includes(options.only))) {
      for (const form of forms.filter((name) => options.form.includes(name))) {
        progress(`translation: ${pair.name}, ${form}`);
        const bodyFor = (model: string): (() => string) =>
          numbered(body(pair.api, requestBytes, form === 'stream', model), options.tools === 'other');
        const found = await compared(gateway, pair, { form, rounds, bodyFor });
        (measured[pair.name] ??= {})[form] = found;
      }
    }
  } finally {
    await gateway.close();
    await upstream.close();
  }
  return { rounds, requestBytes, tools: options.tools, eventsPerStream: events, pairs: measured, goals: goalsOf(measured).map(judge) };
}

interface Comparison {
  readonly form: Form;
  readonly rounds: number;
  readonly bodyFor: (model: string) => () => string;
}

/** Slices of both sides in turn; a ratio for each neighbouring two. */
async function compared(gateway: Gateway, pair: Pair, { form, rounds, bodyFor }: Comparison): Promise<Measured> {
  const pool = new Pool(gateway.url, { connections: concurrency });
  const callOf = (model: string): Call => ({
    pool,
    path: paths[pair.api],
    bodyOf: bodyFor(model),
    lastWord: lastWords[pair.api][form],
  });
  const sides = { fast: callOf(pair.fast), translated: callOf(pair.translated) };
  for (const side of Object.values(sides)) await send(side, warmCalls[form]);
  const times = { fast: [] as number[], translated: [] as number[] };
  for (let round = 0; round < rounds; round += 1) {
    const turn = round % 2 === 0 ? (['fast', 'translated'] as const) : (['translated', 'fast'] as const);
    for (const side of turn) times[side].push(await sliceUs(gateway, sides[side], sliceCalls[form]));
  }
  await pool.close();
  const ratios = times.fast.map((fast, round) => times.translated[round]! / fast);
  return { fastUs: spread(times.fast)!, translatedUs: spread(times.translated)!, ratio: quartiles(ratios) };
}

/** The median, and the half of the measurements around it. */
export function quartiles(values: readonly number[]): Spread {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!;
  return { median: spread(sorted)!.median, low: at(0.25), high: at(0.75) };
}

export interface Call {
  readonly pool: Pool;
  readonly headers?: Readonly<Record<string, string>>;
  readonly path: string;
  readonly bodyOf: () => string;
  readonly lastWord: string;
}

/**
 * Every call is another one: what is seen again may be treated as a repetition. `withTools`: its tools are other ones too, unlike an agent's,
 * so that nothing of what was made of earlier ones can be used.
 */
export function numbered(body: string, withTools = false): () => string {
  const places = [nonce, ...(withTools ? [toolNonce] : [])].map((text) => ({ text, at: body.indexOf(text) })).sort((a, b) => a.at - b.at);
  const ends = places.map(({ text, at }) => at + text.length);
  const between = [0, ...ends].map((from, index) => body.slice(from, places[index]?.at));
  let number = 0;
  return () => {
    const text = String(number++).padStart(10, '0');
    return between.reduce((whole, piece, index) => `${whole}${places[index - 1]!.text.slice(0, -text.length)}${text}${piece}`);
  };
}

/** What the kit's bodies have for it, in the last message. */
const nonce = 'NONCE0000000000';
/** Stands in the description of a tool of theirs; its end is written over. */
const toolNonce = 'Looks up records of kind 0 in the warehouse';

export async function sliceUs(gateway: Gateway, call: Call, calls: number): Promise<number> {
  const before = gateway.cpuUs();
  await send(call, calls);
  await sleep(settleMs);
  return (gateway.cpuUs() - before) / calls;
}

export async function send(call: Call, calls: number): Promise<void> {
  let left = calls;
  const sendOn = async (): Promise<void> => {
    while (left-- > 0) await sendOne(call);
  };
  await Promise.all(Array.from({ length: concurrency }, sendOn));
}

const headers = { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' };

/** @throws when the answer is not whole: errors are cheap, and must not be measured */
async function sendOne({ pool, path, bodyOf, lastWord, headers: own }: Call): Promise<void> {
  const { statusCode, body: reply } = await pool.request({ method: 'POST', path, headers: { ...headers, ...own }, body: bodyOf() });
  const text = await reply.text();
  if (statusCode !== 200 || !text.includes(lastWord))
    throw new Error(`${path} was answered with status ${statusCode}: ${text.slice(0, 300)}`);
}

const goalsOf = (measured: Readonly<Record<string, Partial<Record<Form, Measured>>>>) =>
  Object.entries(measured).flatMap(([name, byForm]) =>
    Object.entries(byForm).map(([form, { ratio }]) => ({
      name: `${name}, ${form === 'whole' ? '20 KB' : 'stream'}: CPU translated / not`,
      value: ratio.median,
      unit: 'x',
      max: 2,
    })),
  );

export function markdown(figures: Figures): string {
  const measured = figures['pairs'] as Readonly<Record<string, Partial<Record<Form, Measured>>>>;
  const rows = Object.entries(measured).flatMap(([name, byForm]) =>
    Object.entries(byForm).map(([form, { fastUs, translatedUs, ratio }]) => [
      name,
      form,
      withSpread(fastUs),
      withSpread(translatedUs),
      withSpread(ratio),
    ]),
  );
  return [
    `Requests of 20 KB with ${figures['tools'] === 'other' ? 'other tools each time' : 'the same tools each time, as an agent sends them'}, replies of 1.6 KB or ${String(figures['eventsPerStream'])} events of text that come one by one. CPU microseconds per call of ` +
      `the whole process, median of ${String(figures['rounds'])} slices (lowest-highest), both sides in turn; the ratio of neighbouring slices ` +
      'with its quartiles.',
    table(['client → provider', 'reply', 'not translated', 'translated', 'ratio'], rows),
  ].join('\n\n');
}
