import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readConversation, type Conversation } from '../src/cli/replay/conversation.ts';
import type { Json } from '../src/core/json.ts';
import { scopeOf, startStand } from '../src/stages/loop/testing.ts';
import { judge, type BenchOptions, type Figures } from './bench.ts';
import { parseBenchArgs, positive } from './command-line.ts';
import { spliceKinds, type SpliceKind } from './loops/splice.ts';
import { apiWords, callsOf, walk, walkSpliced, type ApiWord, type Caught } from './loops/walk.ts';
import { table } from './figures.ts';

export const summary = 'alarms of the loop breaker on recorded agents, and on loops spliced into them [--seeds]';

interface Recording {
  readonly conversation: Conversation;
  /** `undefined`: not judged. */
  readonly reward: number | undefined;
}

function recordings(dataDir: string): readonly Recording[] {
  const lines = gunzipSync(readFileSync(join(dataDir, 'context/agents/transcripts.jsonl.gz'))).toString('utf8').split('\n'); // prettier-ignore
  return lines.filter(Boolean).map((line, at) => {
    const value = JSON.parse(line) as { readonly reward?: number | null } & Json;
    return { conversation: readConversation(value, at + 1), reward: value.reward ?? undefined };
  });
}

interface Clean {
  readonly conversations: number;
  readonly alarmed: number;
  readonly calls: number;
  readonly alarmedCalls: number;
  /** Ids of those that raised an alarm, with its signals: for people to judge. */
  readonly which: readonly string[];
}

async function clean(all: readonly Conversation[]): Promise<Clean> {
  const figures = { conversations: all.length, alarmed: 0, calls: 0, alarmedCalls: 0 };
  const which: string[] = [];
  for (const conversation of all) {
    const walks = await Promise.all(apiWords.map((word) => walk(word, conversation)));
    const alarms = walks.flatMap((each) => each.alarms);
    figures.alarmed += alarms.length > 0 ? 1 : 0;
    figures.calls += walks.reduce((sum, { calls }) => sum + calls, 0);
    figures.alarmedCalls += alarms.length;
    if (alarms.length > 0) which.push(`${conversation.id}: ${[...new Set(alarms)].join(', ')}`);
  }
  return { ...figures, which };
}

interface Row {
  readonly loops: number;
  readonly caught: number;
  /** Share of them caught after so many repeats, added up. */
  readonly within: readonly number[];
  readonly named: Readonly<Record<string, number>>;
  readonly early: number;
}

function rowOf(caught: readonly Caught[]): Row {
  const named: Record<string, number> = {};
  for (const { signal } of caught) if (signal !== undefined) named[signal] = (named[signal] ?? 0) + 1;
  const within = [1, 2, 3].map((time) => share(caught.filter(({ after }) => after !== undefined && after <= time).length, caught.length));
  return { loops: caught.length, caught: within[2]!, within, named, early: caught.filter(({ early }) => early).length };
}

const share = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);

type Found = readonly { readonly kind: SpliceKind; readonly word: ApiWord; readonly caught: Caught }[];

async function spliced(all: readonly Conversation[], seeds: number): Promise<Found> {
  const found: { kind: SpliceKind; word: ApiWord; caught: Caught }[] = [];
  for (const [index, conversation] of all.entries())
    for (const kind of spliceKinds)
      for (let seed = 1; seed <= seeds; seed += 1)
        for (const word of apiWords) {
          const caught = await walkSpliced(word, conversation, kind, seed * 1000 + index);
          if (caught) found.push({ kind, word, caught });
        }
  return found;
}

/** CPU microseconds of the stage alone, per call, over all calls of the recordings in order; conversations too short to be looked at apart. */
function cpu(all: readonly Conversation[]): Readonly<Record<string, number>> {
  const calls = all.flatMap((conversation) => callsOf('chat', conversation));
  const short = callsOf('chat', { ...all[0]!, messages: all[0]!.messages.slice(0, 3) }).at(-1)!;
  const scope = scopeOf();
  const timed = (list: typeof calls): number => {
    const { handler } = startStand();
    const before = process.cpuUsage();
    for (const call of list) void handler(call, scope);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / list.length;
  };
  const rounds = Array.from({ length: 5 }, () => timed(calls)).sort((left, right) => left - right);
  return { perCallUs: rounds[2]!, perShortCallUs: timed(Array.from({ length: 200_000 }, () => short)), calls: calls.length };
}

export async function run({ dataDir, progress, args }: BenchOptions): Promise<Figures> {
  const seeds = positive('seeds', parseBenchArgs(args, { seeds: { type: 'string', default: '3' } }).seeds);
  const all = recordings(dataDir);
  const successful = all.flatMap(({ conversation, reward }) => (reward !== undefined && reward >= 1 ? [conversation] : []));
  progress(`loops: ${successful.length} successful recordings of ${all.length}`);
  const successes = await clean(successful);
  const others = await clean(all.flatMap(({ conversation, reward }) => (reward !== undefined && reward >= 1 ? [] : [conversation])));
  progress('loops: spliced');
  const found = await spliced(successful, seeds);
  const by = (of: (each: Found[number]) => string): Readonly<Record<string, Row>> =>
    Object.fromEntries(
      [...new Set(found.map(of))].map((key) => [key, rowOf(found.filter((each) => of(each) === key).map(({ caught }) => caught))]),
    );
  const byKind = by(({ kind }) => kind);
  const alarmRate = share(successes.alarmed, successes.conversations);
  const caught = rowOf(found.map((each) => each.caught)).caught;
  return {
    alarmRate,
    caught,
    byKind,
    byApi: by(({ word }) => word),
    successes,
    others,
    cpu: cpu(successful),
    goals: [
      { name: 'alarms on successful recordings', value: alarmRate * 100, unit: '%', max: 1 },
      { name: 'spliced loops caught within 3 repeats', value: caught * 100, unit: '%', min: 95 },
      ...Object.entries(byKind).map(([kind, row]) => ({
        name: `${kind}: caught within 3 repeats`,
        value: row.caught * 100,
        unit: '%',
        min: 95,
      })),
    ].map(judge),
  };
}

const percent = (value: number): string => `${(value * 100).toFixed(1)} %`;

export function markdown(figures: Figures): string {
  const {
    alarmRate,
    successes,
    others,
    byKind,
    byApi,
    cpu: cost,
  } = figures as unknown as {
    readonly alarmRate: number;
    readonly successes: Clean;
    readonly others: Clean;
    readonly byKind: Readonly<Record<string, Row>>;
    readonly byApi: Readonly<Record<string, Row>>;
    readonly cpu: Readonly<Record<string, number>>;
  };
  const rows = (of: Readonly<Record<string, Row>>) => Object.entries(of).map(([name, { loops, within }]) => [name, String(loops), ...within.map(percent)]); // prettier-ignore
  return [
    `Alarms on ${successes.conversations} successful recordings (${successes.calls} calls, by four APIs): ${percent(alarmRate)} of them. On the ${others.conversations} others: ${others.alarmed}.`,
    table(['loop', 'spliced', 'after 1 repeat', '2', '3'], [...rows(byKind), ...rows(byApi)]),
    `CPU of the stage: ${cost['perCallUs']!.toFixed(1)} us a call, ${cost['perShortCallUs']!.toFixed(3)} us where the conversation is short.`,
  ].join('\n\n');
}
