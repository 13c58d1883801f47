import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { readConversation } from '../src/cli/replay/conversation.ts';
import type { Json } from '../src/core/json.ts';
import { leastShare } from './agents/bound.ts';
import { runAgents, type Bills } from './agents/run.ts';
import { schedule, type Scheduled } from './agents/schedule.ts';
import { vendors, type Vendor } from './agents/vendor.ts';
import { judge, type BenchOptions, type Figures, type Goal } from './bench.ts';
import { parseBenchArgs, positive } from './command-line.ts';
import { table } from './figures.ts';

export const summary = 'input bills of recorded agents with the prompt-cache stage, by the rules of four vendors [--max-loss] [--seed]';

/** As the option `promptCache.maxLossPercent` has it. */
const maxLossPercent = 6;
/** Values of that option whose effect is shown. */
const maxLosses = [0, 1, 2, 3, 5, 6, 7, 10, 25] as const;
const startMs = Date.UTC(2026, 10, 25, 9);

interface Row {
  /** Input bill with the stage, client caching off, as a share of the uncached bill. */
  readonly ratio: number;
  /** The same for the clients alone. */
  readonly alone: number;
  /** The highest share of what the client alone would have paid, over all conversations, and which it is. */
  readonly worst: number;
  readonly worstConversation: string;
  /** Conversations above what the client alone would have paid. */
  readonly above: number;
}

interface Figure extends Row {
  /** No caching could do better, not even one that knows the future. */
  readonly ceiling: number;
}

/** What the bound on losses of one conversation does to the bill of all. */
interface Point extends Pick<Row, 'ratio' | 'worst' | 'above'> {
  readonly maxLossPercent: number;
}

const sum = (values: readonly number[]): number => values.reduce((all, value) => all + value, 0);

function rowOf(ids: readonly string[], ours: Bills, alone: Bills): Row {
  const shares = ours.bill.map((bill, at) => bill / Math.max(alone.bill[at]!, 1));
  const worst = Math.max(...shares);
  return {
    ratio: sum(ours.bill) / sum(alone.uncached),
    alone: sum(alone.bill) / sum(alone.uncached),
    worst,
    worstConversation: ids[shares.indexOf(worst)]!,
    above: shares.filter((share) => share > 1).length,
  };
}

async function compare(
  calls: readonly Scheduled[],
  ids: readonly string[],
  vendor: Vendor,
  marked: boolean,
  maxLoss: number,
): Promise<Row> {
  const run = (staged: boolean): Promise<Bills> => runAgents(calls, ids.length, { vendor, marked, staged, maxLossPercent: maxLoss });
  return rowOf(ids, await run(true), await run(false));
}

export async function run({ dataDir, progress, args }: BenchOptions): Promise<Figures> {
  const given = parseBenchArgs(args, {
    'max-loss': { type: 'string', default: String(maxLossPercent) },
    seed: { type: 'string', default: '1' },
  });
  const maxLoss = positive('max-loss', given['max-loss']);
  const lines = gunzipSync(readFileSync(join(dataDir, 'context/agents/transcripts.jsonl.gz'))).toString('utf8').split('\n'); // prettier-ignore
  const conversations = lines.filter(Boolean).map((line, at) => readConversation(JSON.parse(line) as Json, at + 1));
  const ids = conversations.map(({ id }) => id);
  const calls = schedule(conversations, startMs, positive('seed', given.seed));
  const rows: Record<string, Figure> = {};
  const markedRows: Record<string, Row> = {};
  for (const [name, vendor] of Object.entries<Vendor>(vendors)) {
    progress(`agents: ${name}`);
    rows[name] = { ...(await compare(calls, ids, vendor, false, maxLoss)), ceiling: leastShare(calls, vendor) };
    if (vendor.hasMarks) markedRows[name] = await compare(calls, ids, vendor, true, maxLoss);
  }
  progress('agents: bounds on losses');
  const curve: Point[] = [];
  for (const each of maxLosses) {
    const { ratio, worst, above } = await compare(calls, ids, vendors.anthropic, false, each);
    curve.push({ maxLossPercent: each, ratio, worst, above });
  }
  const all = [...Object.values(rows), ...Object.values(markedRows)];
  const worstTranscript = Math.max(...all.map(({ worst }) => worst));
  return {
    vendors: Object.fromEntries(Object.entries(rows).map(([name, { ratio }]) => [name, ratio])),
    worstTranscript,
    ceilings: Object.fromEntries(Object.entries(rows).map(([name, { ceiling }]) => [name, ceiling])),
    curve,
    rows,
    clientMarks: markedRows,
    conversations: conversations.length,
    calls: calls.length,
    goals: [
      ...Object.entries(rows).map(goalOf),
      { name: 'worst conversation against the client alone', value: worstTranscript, unit: 'x', max: 1 },
    ].map(judge),
  };
}

/** Where no caching could reach the goal, it is to come within a percent of what one could. */
const goalOf = ([name, { ratio, ceiling }]: readonly [string, Figure]): Goal =>
  ceiling * 100 <= goalPercent
    ? { name: `${name}: input bill`, value: ratio * 100, unit: '% of uncached', max: goalPercent }
    : { name: `${name}: input bill (${goalPercent} % is below its ceiling)`, value: ratio / ceiling, unit: 'x ceiling', max: 1.01 };
const goalPercent = 25;

export function markdown(figures: Figures): string {
  const { rows, clientMarks, curve, conversations, calls } = figures as unknown as {
    readonly rows: Readonly<Record<string, Figure>>;
    readonly curve: readonly Point[];
    readonly clientMarks: Readonly<Record<string, Row>>;
    readonly conversations: number;
    readonly calls: number;
  };
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  const lines = (of: Readonly<Record<string, Row & Partial<Figure>>>, clients: string) =>
    Object.entries(of).map(([name, row]) => [
      name,
      clients,
      percent(row.alone),
      percent(row.ratio),
      row.ceiling === undefined ? '' : percent(row.ceiling),
      row.worst.toFixed(3),
      String(row.above),
    ]);
  return [
    `Input bills of ${conversations} recorded conversations (${calls} calls), as shares of the bill without any caching.`,
    table(['rules of', 'clients', 'alone', 'with the stage', 'ceiling', 'worst conversation', 'above alone'], [...lines(rows, 'no marks'), ...lines(clientMarks, 'own marks')]), // prettier-ignore
    'What one conversation may lose (`promptCache.maxLossPercent`), by the rules of Anthropic:',
    table(['bound', 'with the stage', 'worst conversation', 'above alone'], curve.map(({ maxLossPercent: bound, ratio, worst, above }) => [`${bound} %`, percent(ratio), worst.toFixed(3), String(above)])), // prettier-ignore
  ].join('\n\n');
}
