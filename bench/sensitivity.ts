import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { detect } from '../src/text/sensitivity/detect.ts';
import { builtInKinds } from '../src/text/sensitivity/kinds.ts';
import { judge, type BenchOptions, type Figures, type Goal } from './bench.ts';
import { parseBenchArgs, positive } from './command-line.ts';
import { table } from './figures.ts';
import { secondSet } from './sensitivity/second/set.ts';
import { labelledSet, randomText, type Labelled } from './sensitivity/set.ts';

export const summary =
  'precision and recall of the detectors of sensitive data on a labelled set, false alarms on random text, CPU per KB [--rounds]';

interface Score {
  readonly values: number;
  /** Of these, found whole, under whatever kind. */
  readonly found: number;
  /** Findings of this kind. */
  readonly findings: number;
  /** Of these, on a value that is one of the labelled. */
  readonly right: number;
}

interface Place {
  readonly from: number;
  readonly to: number;
}

const covers = (outer: Place, inner: Place): boolean => outer.from <= inner.from && outer.to >= inner.to;
const meets = (one: Place, other: Place): boolean => one.from < other.to && one.to > other.from;

/** A value counts as found when nothing of it is left standing: that is what a mask must reach. */
function scores(sentences: readonly Labelled[]): Readonly<Record<string, Score>> {
  const byKind = new Map<string, { values: number; found: number; findings: number; right: number }>();
  const of = (kind: string) => {
    const score = byKind.get(kind) ?? { values: 0, found: 0, findings: 0, right: 0 };
    byKind.set(kind, score);
    return score;
  };
  for (const { text, values } of sentences) {
    const findings = detect(text);
    for (const value of values) {
      of(value.kind).values += 1;
      if (findings.some((finding) => covers(finding, value))) of(value.kind).found += 1;
    }
    for (const finding of findings) {
      of(finding.kind).findings += 1;
      if (values.some((value) => meets(finding, value))) of(finding.kind).right += 1;
    }
  }
  return Object.fromEntries(builtInKinds.flatMap((kind) => (byKind.has(kind) ? [[kind, byKind.get(kind)!]] : [])));
}

/** The set that was written without a look at the rules. */
function second() {
  const { positives, negatives } = secondSet();
  const byForm = Object.fromEntries(
    [...new Set(positives.map(({ language }) => language))].map((form) => [
      form,
      summed(scores(positives.filter(({ language }) => language === form))),
    ]),
  );
  const byKind = scores(positives);
  const { values, found, findings, right } = summed(byKind);
  return {
    texts: positives.length,
    values,
    recall: found / values,
    precision: right / findings,
    byForm,
    byKind,
    nothing: { texts: negatives.length, alarms: negatives.filter(({ text }) => detect(text).length > 0).length },
  };
}

const share = (part: number, whole: number): number | undefined => (whole === 0 ? undefined : part / whole);

function summed(byKind: Readonly<Record<string, Score>>): Score {
  const add = (field: keyof Score): number => Object.values(byKind).reduce((sum, score) => sum + score[field], 0);
  return { values: add('values'), found: add('found'), findings: add('findings'), right: add('right') };
}

/** CPU microseconds per KB of UTF-8 text. */
function cpuPerKb(texts: readonly string[], rounds: number): number {
  const kilobytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / 1024;
  const once = (): void => texts.forEach((text) => detect(text));
  for (let round = 0; round < 3; round += 1) once();
  const times = Array.from({ length: rounds }, () => {
    const before = process.cpuUsage();
    once();
    const { user, system } = process.cpuUsage(before);
    return (user + system) / kilobytes;
  });
  return times.toSorted((a, b) => a - b)[Math.floor(rounds / 2)]!;
}

const prose =
  'The committee met again in spring, and after a long debate it agreed that the bridge should be built where the old ferry had been. ';
const log = '2026-05-06T12:30:45.123Z INFO  worker-3 GET /v1/items/8841?limit=100 -> 200 in 35 ms (sha 9f86d081884c, 1,204 bytes)\n';

export async function run({ args, progress, dataDir }: BenchOptions): Promise<Figures> {
  const rounds = positive('rounds', parseBenchArgs(args, { rounds: { type: 'string', default: '9' } }).rounds);
  const sentences = labelledSet();
  progress(`sensitivity: ${sentences.length} sentences`);
  const byKind = scores(sentences);
  const byLanguage = Object.fromEntries(
    [...new Set(sentences.map(({ language }) => language))].map((language) => [
      language,
      summed(scores(sentences.filter((one) => one.language === language))),
    ]),
  );
  const all = summed(byKind);
  const marked = summed(scores(sentences.filter(({ language }) => language !== 'hard')));
  const random = randomText(1024);
  progress('sensitivity: 1 MB of random text');
  const alarms = random
    .flatMap((text) => detect(text))
    .reduce<Record<string, number>>((sum, { kind }) => ({ ...sum, [kind]: (sum[kind] ?? 0) + 1 }), {});
  const cpuUsPerKb = {
    prose: cpuPerKb([prose.repeat(100)], rounds),
    log: cpuPerKb([log.repeat(100)], rounds),
    set: cpuPerKb(
      sentences.map(({ text }) => text),
      rounds,
    ),
  };
  const findingsPerMb = realTexts(dataDir);
  const figures = {
    sentences: sentences.length,
    recall: share(all.found, all.values),
    recallOfMarked: share(marked.found, marked.values),
    precision: share(all.right, all.findings),
    byKind,
    byLanguage,
    falseAlarmsPerMbOfRandomText: alarms,
    realTexts: findingsPerMb,
    second: second(),
    cpuUsPerKb,
  };
  return { ...figures, goals: goals(figures.recallOfMarked, figures.precision, cpuUsPerKb.log).map(judge) };
}

/** Bytes of each real data set that are looked at. */
const realBytes = 2 << 20;
const realSets = {
  encyclopedia: 'context/nq/passages.jsonl.gz',
  code: 'context/code/chunks.jsonl.gz',
  agents: 'context/agents/transcripts.jsonl.gz',
} as const;

interface RealText {
  readonly findingsPerMb: Readonly<Record<string, number>>;
  readonly cpuUsPerKb: number;
}

/** What is found in texts that nobody labelled, where the data sets are there: mostly false alarms in an encyclopedia, mostly examples in code. */
function realTexts(dataDir: string): Readonly<Record<string, RealText>> {
  return Object.fromEntries(
    Object.entries(realSets).flatMap(([name, path]) => {
      const file = join(dataDir, path);
      if (!existsSync(file)) return [];
      const lines = gunzipSync(readFileSync(file)).toString('utf8', 0, realBytes).split('\n').slice(0, -1);
      const texts = lines.flatMap((line) => stringsIn(JSON.parse(line)));
      const megabytes = texts.reduce((sum, text) => sum + Buffer.byteLength(text), 0) / (1 << 20);
      const counts = new Map<string, number>();
      for (const { kind } of texts.flatMap((text) => detect(text))) counts.set(kind, (counts.get(kind) ?? 0) + 1);
      const findingsPerMb = Object.fromEntries([...counts].map(([kind, count]) => [kind, Math.round((10 * count) / megabytes) / 10]));
      return [[name, { findingsPerMb, cpuUsPerKb: cpuPerKb(texts, 3) }]];
    }),
  );
}

function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

const goals = (recall: number | undefined, precision: number | undefined, cpu: number): readonly Goal[] => [
  { name: 'recall where a value has a mark of what it is', value: recall, unit: 'share', min: 0.97 },
  { name: 'precision', value: precision, unit: 'share', min: 0.97 },
  { name: 'CPU of a log', value: cpu, unit: 'us/KB', max: 50 },
];

const percent = (part: number, whole: number): string => (whole === 0 ? '-' : `${((100 * part) / whole).toFixed(1)} %`);

export function markdown(figures: Figures): string {
  const rows = (scored: Readonly<Record<string, Score>>): readonly string[][] =>
    Object.entries(scored).map(([name, { values, found, findings, right }]) => [
      name,
      String(values),
      percent(found, values),
      String(findings),
      percent(right, findings),
    ]);
  const head = (what: string): readonly string[] => [what, 'values', 'recall', 'findings', 'precision'];
  const alarms = Object.entries(figures['falseAlarmsPerMbOfRandomText'] as Readonly<Record<string, number>>).map(
    ([kind, count]) => `${kind} ${count}`,
  );
  const cpu = Object.entries(figures['cpuUsPerKb'] as Readonly<Record<string, number>>).map(([what, us]) => `${what} ${us.toFixed(1)}`);
  return [
    `${String(figures['sentences'])} sentences; a value counts as found when nothing of it is left standing.`,
    table(head('kind'), rows(figures['byKind'] as Readonly<Record<string, Score>>)),
    table(head('language'), rows(figures['byLanguage'] as Readonly<Record<string, Score>>)),
    secondText(figures['second'] as ReturnType<typeof second>, (of) => table(head('form'), rows(of))),
    ...Object.entries(figures['realTexts'] as Readonly<Record<string, RealText>>).map(
      ([name, { findingsPerMb, cpuUsPerKb }]) =>
        `Found in 1 MB of ${name}: ${
          Object.entries(findingsPerMb)
            .map(([kind, count]) => `${kind} ${count}`)
            .join(', ') || 'nothing'
        }; ${cpuUsPerKb.toFixed(1)} us/KB.`,
    ),
    `False alarms in 1 MB of random text: ${alarms.join(', ') || 'none'}. CPU, microseconds per KB: ${cpu.join(', ')}.`,
  ].join('\n\n');
}

function secondText(
  { texts, values, recall, precision, byForm, nothing }: ReturnType<typeof second>,
  tableOf: (rows: Readonly<Record<string, Score>>) => string,
): string {
  return [
    `The second set: ${texts} texts with ${values} values, recall ${percent(recall, 1)}, precision ${percent(precision, 1)}; in ${nothing.texts} texts with nothing to find ${nothing.alarms} alarms.`,
    tableOf(byForm),
  ].join('\n\n');
}
