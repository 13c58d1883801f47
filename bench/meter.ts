import { replyMeter } from '../src/protocols/meter.ts';
import { openaiDialect } from '../src/protocols/dialect.ts';
import { judge, type BenchOptions, type Figures, type Goal } from './bench.ts';
import { parseBenchArgs, positive } from './command-line.ts';
import { table, withSpread, type Spread } from './figures.ts';
import { quotient, race } from './race.ts';
import { chatStream, messagesStream, wholeChatReply, type SampleReply } from './replies.ts';

export const summary = 'CPU of reading usage from a reply in passing, against parsing all of it [--rounds]';

/** Deltas of a stream. */
const streamLength = 100;

/** Replies by name, as they come from a provider that writes each event by itself, or all of them at once. */
function samples(): Readonly<Record<string, SampleReply>> {
  const chat = chatStream(streamLength);
  return {
    'JSON, 1.6 KB': wholeChatReply(),
    'chat stream, 100 chunks': chat,
    'chat stream in one write': { ...chat, chunks: [Buffer.concat(chat.chunks)] },
    'messages stream, 100 chunks': messagesStream(streamLength),
  };
}

function meter({ api, contentType, chunks }: SampleReply) {
  const reply = replyMeter({ api, dialect: openaiDialect, status: 200, contentType, contentEncoding: undefined });
  for (const chunk of chunks) reply.write(chunk);
  return reply.facts(true);
}

/** What a gateway does that decodes every event. */
function parseAll({ contentType, chunks }: SampleReply): readonly unknown[] {
  const text = chunks.map((chunk) => chunk.toString('utf8')).join('');
  if (contentType === 'application/json') return [JSON.parse(text)];
  const data = text.split('\n').filter((line) => line.startsWith('data: {'));
  return data.map((line) => JSON.parse(line.slice('data: '.length)) as unknown);
}

/** CPU microseconds per reply. */
interface Row {
  readonly meter: Spread;
  readonly parseAll: Spread;
  readonly ratio: Spread;
}

/** @throws when the meter misses the usage: a fast meter that reads nothing is worth nothing. */
async function measured(name: string, reply: SampleReply, rounds: number): Promise<Row> {
  const facts = await meter(reply);
  if (facts.usage === undefined || !facts.complete) throw new Error(`no usage read from ${name}`);
  const found = race({ meter: () => meter(reply), parseAll: () => parseAll(reply) }, { rounds });
  return { ...found, ratio: quotient(found.meter, found.parseAll) };
}

/**
 * A stream must cost less than parsing it. Of a short document most is read anyway, and the meter also makes the usage exclusive and checks it,
 * which parsing alone does not: it may cost more there.
 */
const goalOf = ([name, { ratio }]: readonly [string, Row]): Goal => ({
  name: `${name}: meter / parse all`,
  value: ratio.median,
  unit: 'x',
  max: name.startsWith('JSON') ? 4 : 1,
});

export async function run({ progress, args }: BenchOptions): Promise<Figures> {
  const { rounds } = parseBenchArgs(args, { rounds: { type: 'string', default: '15' } });
  const replies: [string, Row][] = [];
  for (const [name, reply] of Object.entries(samples())) {
    progress(`meter: ${name}`);
    replies.push([name, await measured(name, reply, positive('rounds', rounds))]);
  }
  return { unit: 'CPU microseconds per reply', replies: Object.fromEntries(replies), goals: replies.map(goalOf).map(judge) };
}

export function markdown(figures: Figures): string {
  const rows = Object.entries(figures['replies'] as Readonly<Record<string, Row>>);
  const body = rows.map(([name, { meter, parseAll, ratio }]) => [name, withSpread(meter), withSpread(parseAll), `${withSpread(ratio)}x`]);
  return `CPU microseconds per reply: median (lowest-highest) of the rounds.\n\n${table(['reply', 'meter', 'parse all', 'meter / parse all'], body)}`;
}
