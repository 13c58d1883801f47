import type { QueryEngine } from '../analytics/query.ts';
import { AnomalyWatch } from './anomaly.ts';
import { figureText, measureText } from './figure.ts';
import { figuresOf } from './figures-asked.ts';
import type { Finding } from './machine.ts';
import { everything, spanText, type AlertQuery, type Condition } from './rule.ts';

/** Asks what rules want to know, and says whether it is bad. */
export interface Judge {
  /** @throws what the engine throws */
  readonly judge: (rule: string, when: Condition, nowMs: number) => Promise<readonly Finding[]>;
  /** Forgets what was learnt for rules that are gone or have changed. */
  readonly forget: () => void;
}

export function createJudge(engine: QueryEngine): Judge {
  const anomalies = new AnomalyWatch(engine);
  return {
    judge: async (rule, when, nowMs) => {
      if (when.kind === 'limit') return limitFindings(engine, when, nowMs);
      if (when.kind === 'change') return changeFindings(engine, when, nowMs);
      if (when.kind === 'anomaly') return [await anomalies.finding(rule, when, nowMs)];
      return when.kind === 'event' && when.event === 'cacheHitCollapse' ? collapseFindings(engine, nowMs) : [];
    },
    forget: () => anomalies.forget(),
  };
}

type Of<K extends Condition['kind']> = Extract<Condition, { readonly kind: K }>;

const ofSubject = (subject: string): string => (subject === everything ? '' : ` of ${subject}`);
const said = ({ measure }: AlertQuery, subject: string): string => `The ${measureText(measure)}${ofSubject(subject)}`;

async function limitFindings(
  engine: QueryEngine,
  { query, overMs, above, below }: Of<'limit'>,
  nowMs: number,
): Promise<readonly Finding[]> {
  const figures = await figuresOf(engine, query, nowMs - overMs, nowMs);
  return [...figures].map(([subject, { value }]) => {
    const isHigh = value !== null && above !== undefined && value > above;
    const isLow = value !== null && below !== undefined && value < below;
    const limit = isLow || above === undefined ? below! : above;
    const relation = isHigh ? 'above the limit of' : isLow ? 'below the limit of' : 'within the limit of';
    return {
      subject,
      isBad: value === null ? undefined : isHigh || isLow,
      value,
      sentence: `${said(query, subject)} in the last ${spanText(overMs)} is ${figureText(query.measure, value)}, ${relation} ${figureText(query.measure, limit)}.`,
    };
  });
}

async function changeFindings(engine: QueryEngine, { query, overMs, percent }: Of<'change'>, nowMs: number): Promise<readonly Finding[]> {
  const figures = await figuresOf(engine, query, nowMs - overMs, nowMs, true);
  return [...figures].map(([subject, { value, before }]) => {
    const isKnown = value !== null && before !== null && before > 0;
    const change = isKnown ? (value / before - 1) * 100 : 0;
    const words = isKnown ? `${change >= 0 ? '+' : ''}${change.toFixed(0)} % against` : 'cannot be compared with';
    return {
      subject,
      isBad: isKnown ? (percent > 0 ? change >= percent : change <= percent) : undefined,
      value,
      sentence: `${said(query, subject)} in the last ${spanText(overMs)} is ${figureText(query.measure, value)}, ${words} ${figureText(query.measure, before)} in the ${spanText(overMs)} before.`,
    };
  });
}

const hourMs = 3_600_000;
/** How far back the usual share of cached input is taken from. */
const collapseDays = 7;
/** Collapsed: less than half of the usual share, which was at least this, over at least so much input an hour. */
const collapse = { usualShare: 0.2, factor: 0.5, hourTokens: 100_000 } as const;

/** The share of input read from prompt caches, by app: of the last hour against that of the week before. */
async function collapseFindings(engine: QueryEngine, nowMs: number): Promise<readonly Finding[]> {
  const since = nowMs - hourMs;
  const [now, usual] = [await shares(engine, since, nowMs), await shares(engine, since - collapseDays * 24 * hourMs, since)];
  return [...now].flatMap(([subject, { share, tokens }]) => {
    const before = usual.get(subject)?.share;
    if (before === undefined || before < collapse.usualShare) return [];
    const isTold = tokens >= collapse.hourTokens;
    const text = (value: number): string => figureText('cacheHitShare', value);
    return [
      {
        subject,
        isBad: isTold ? share < before * collapse.factor : undefined,
        value: share,
        expected: { low: before * collapse.factor, high: 1 },
        sentence: `In the last hour ${text(share)} of the input${ofSubject(subject)} was read from the prompt cache; over the week before it was ${text(before)}.`,
      },
    ];
  });
}

async function shares(
  engine: QueryEngine,
  from: number,
  to: number,
): Promise<ReadonlyMap<string, { readonly share: number; readonly tokens: number }>> {
  const { rows } = await engine.answer({
    measures: ['inputTokens', 'cacheReadTokens', 'cacheHitShare'],
    dimensions: ['app'],
    from,
    to,
    limit: 40,
  });
  return new Map(
    rows.flatMap(({ keys, values }) =>
      values[2] === null
        ? []
        : [[`app=${keys[0] ?? '(none)'}`, { share: Number(values[2]), tokens: Number(values[0]) + Number(values[1]) }]],
    ),
  );
}
