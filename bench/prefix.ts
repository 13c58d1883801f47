import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Json } from '../src/core/json.ts';
import { repairRules } from '../src/prefix/rules.ts';
import { startStand } from '../src/stages/prompt-repair/testing.ts';
import { countTokens } from '../src/text/tokenizer.ts';
import { judge, type BenchOptions, type Figures } from './bench.ts';
import { table } from './figures.ts';

export const summary = 'input bill of prompts with a broken prefix, after the repairs, against the same without any cache';

interface ChatRequest {
  readonly tools: Json;
  readonly messages: readonly Json[];
}

interface Sequence {
  readonly id: string;
  readonly breaker: string;
  readonly requests: readonly ChatRequest[];
}

function sequences(dataDir: string): readonly Sequence[] {
  const lines = gunzipSync(readFileSync(join(dataDir, 'context/prefix/sequences.jsonl.gz'))).toString('utf8').split('\n'); // prettier-ignore
  return lines.filter(Boolean).map((line) => JSON.parse(line) as Sequence);
}

const readShare = 0.1;
const writeShare = 1.25;
const minCachedTokens = 1024;
const nameOfClean = 'none';

/** The bill of one sequence in tokens of plain input. The reference's rules: what is the same as in the call before is read, the rest written. */
class Bill {
  tokens = 0;
  cost = 0;
  #before = '';

  add({ tools, messages }: ChatRequest): void {
    const text = `${JSON.stringify(tools)}\n${messages.map((message) => JSON.stringify(message)).join('\n')}`;
    let same = 0;
    while (same < Math.min(text.length, this.#before.length) && text[same] === this.#before[same]) same += 1;
    const total = countTokens(text);
    const readable = countTokens(text.slice(0, same));
    const read = readable < minCachedTokens ? 0 : readable;
    this.tokens += total;
    this.cost += read * readShare + (total - read) * writeShare;
    this.#before = text;
  }
}

interface Passed {
  readonly breaker: string;
  readonly before: Bill;
  readonly after: Bill;
  readonly isUntouched: boolean;
}

/** A gateway of its own for each sequence, which does not know its session unless `isNamed`. */
function pass({ id, breaker, requests }: Sequence, isNamed: boolean): Passed {
  const stand = startStand({ rules: repairRules, takesAllowedTools: true });
  const [before, after] = [new Bill(), new Bill()];
  let isUntouched = true;
  for (const request of requests) {
    const { body, isChanged } = stand.pass('openai.chat', { model: 'm', ...request }, isNamed ? { session: id } : {});
    before.add(request);
    after.add(body as unknown as ChatRequest);
    isUntouched &&= !isChanged;
  }
  return { breaker, before, after, isUntouched };
}

const sum = (passed: readonly Passed[], of: (each: Passed) => number): number => passed.reduce((total, each) => total + of(each), 0);

function ratiosOf(passed: readonly Passed[], ratio: (each: readonly Passed[]) => number): Readonly<Record<string, number>> {
  const names = [...new Set(passed.map(({ breaker }) => breaker))];
  return Object.fromEntries(names.map((name) => [name, ratio(passed.filter(({ breaker }) => breaker === name))]));
}

const repaired = (all: readonly Passed[]): number => sum(all, ({ after }) => after.cost) / sum(all, ({ after }) => after.tokens);
const unrepaired = (all: readonly Passed[]): number => sum(all, ({ before }) => before.cost) / sum(all, ({ before }) => before.tokens);
const toOriginal = (all: readonly Passed[]): number => sum(all, ({ after }) => after.cost) / sum(all, ({ before }) => before.tokens);

export async function run({ dataDir }: BenchOptions): Promise<Figures> {
  const all = sequences(dataDir);
  const named = all.map((sequence) => pass(sequence, true));
  const unnamed = all.map((sequence) => pass(sequence, false));
  const breakers = ratiosOf(named, repaired);
  const worst = Math.max(...Object.values(breakers));
  const isClean = ({ breaker }: Passed): boolean => breaker === nameOfClean;
  const cleanUntouched = [...named, ...unnamed].filter(isClean).every(({ isUntouched }) => isUntouched);
  return {
    breakers,
    worst,
    clean: breakers[nameOfClean] ?? null,
    cleanUntouched,
    unrepaired: ratiosOf(named, unrepaired),
    toOriginalTokens: ratiosOf(named, toOriginal),
    withoutSession: ratiosOf(unnamed, repaired),
    goals: [
      { name: 'worst breaker: input cost after repair, of the uncached', value: worst * 100, unit: '%', max: 33 },
      { name: 'clean sequences that go on byte for byte', value: cleanUntouched ? 100 : 0, unit: '%', min: 100 },
    ].map(judge),
  };
}

const percent = (value: number | undefined): string => (value === undefined ? '' : `${(value * 100).toFixed(1)} %`);

export function markdown(figures: Figures): string {
  const {
    breakers,
    unrepaired: old,
    toOriginalTokens,
    withoutSession,
  } = figures as unknown as Readonly<Record<string, Record<string, number>>>;
  const rows = Object.entries(breakers!).map(([name, ratio]) => [
    name,
    percent(old![name]),
    percent(ratio),
    percent(toOriginalTokens![name]),
    percent(withoutSession![name]),
  ]);
  return [
    'Input cost against the same prompts without any cache: read 0.1, write 1.25, nothing below 1,024 tokens. "Of the original" counts tokens that the repairs add as cost only.',
    table(['breaker', 'as sent', 'repaired', 'of the original', 'repaired, no session named'], rows),
  ].join('\n\n');
}
