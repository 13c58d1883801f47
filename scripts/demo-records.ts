import { createCatalog } from '../src/catalog/catalog.ts';
import { price } from '../src/catalog/price.ts';
import type { ApiId } from '../src/core/api.ts';
import type { Attempt, CallRecord, Feedback, PartTokens, Saving } from '../src/core/record.ts';
import type { Buckets } from '../src/core/usage.ts';

/** Made-up traffic of some weeks, for pictures of the dashboard: the same for the same seed and time. */
export interface DemoOptions {
  /** Epoch ms: the last call is made before it. */
  readonly until: number;
  readonly days: number;
  readonly seed?: number;
}

interface App {
  readonly name: string;
  readonly features: readonly string[];
  readonly models: readonly string[];
  /** Input of the first turn, and how much each turn adds. */
  readonly tokens: readonly [first: number, turn: number];
  readonly turns: number;
  /** Sessions of a working day. */
  readonly sessions: number;
  /** Share of the input in each part but the new turn. */
  readonly parts: PartTokens;
  /** Marks of quality, the rarest first, each with the share of calls up to which chance brings it. */
  readonly mishaps: readonly (readonly [signal: string, share: number])[];
  /** How good answers are, mean of 0 to 1; left out: nobody says. */
  readonly score?: number;
}

const apps: readonly App[] = [
  {
    name: 'coding-agent',
    features: ['agent'],
    models: ['claude-sonnet-4-5', 'claude-haiku-4-5'],
    tokens: [9000, 2600],
    turns: 14,
    sessions: 6,
    parts: { system: 0.14, tools: 0.2, history: 0.24, toolResults: 0.34 },
    mishaps: [
      ['loop:repeat', 0.006],
      ['tool_failed', 0.05],
    ],
  },
  {
    name: 'support',
    features: ['chat', 'summaries'],
    models: ['gpt-5-mini', 'gpt-4o'],
    tokens: [1400, 380],
    turns: 5,
    sessions: 18,
    parts: { system: 0.36, tools: 0.12, history: 0.34 },
    mishaps: [
      ['refused', 0.004],
      ['regenerated', 0.03],
    ],
    score: 0.82,
  },
  {
    name: 'knowledge-base',
    features: ['answers', 'search'],
    models: ['gemini-2.5-pro', 'gemini-2.5-flash'],
    tokens: [4200, 900],
    turns: 3,
    sessions: 12,
    parts: { system: 0.1, retrieved: 0.62, history: 0.12 },
    mishaps: [['truncated', 0.02]],
    score: 0.74,
  },
  {
    name: 'extraction',
    features: ['invoices'],
    models: ['gpt-5-mini'],
    tokens: [2300, 0],
    turns: 1,
    sessions: 40,
    parts: { system: 0.3, tools: 0.15, media: 0.25 },
    mishaps: [['invalid_json', 0.01]],
  },
];
/** Of sessions, the first the most often. */
const languages = ['en', 'en', 'en', 'en', 'de', 'de', 'es', 'hi'];
const users = ['mila', 'jonas', 'amara', 'li', 'noor', 'sam'];
const dayMs = 24 * 3600 * 1000;

/** Records in the order of time. */
export function demoRecords({ until, days, seed = 7 }: DemoOptions): readonly CallRecord[] {
  const random = generator(seed);
  const catalog = createCatalog();
  const records: CallRecord[] = [];
  for (let day = days - 1; day >= 0; day -= 1) {
    const date = new Date(until - day * dayMs);
    const isWeekend = date.getDay() % 6 === 0;
    for (const app of apps) {
      const growth = 1 + (days - day) / (days * 2);
      const sessions = Math.round(app.sessions * (isWeekend ? 0.25 : 1) * growth * (0.75 + random() * 0.5));
      for (let at = 0; at < sessions; at += 1) records.push(...session(app, { at: workingHour(date, random), random, catalog }));
    }
  }
  const past = records.filter(({ at }) => at < until).toSorted((left, right) => left.at - right.at);
  return past.map((record, index) => ({ ...record, id: idOf(record.at, index) }));
}

/** UUID version 7 without chance. */
function idOf(at: number, index: number): string {
  const hex = at.toString(16).padStart(12, '0');
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${index.toString(16).padStart(12, '0')}`;
}

/** What people said about some of the sessions, a minute after their last call. Better models please more. */
export function demoFeedback(records: readonly CallRecord[], seed = 11): readonly Feedback[] {
  const random = generator(seed);
  const last = new Map(records.map((record) => [record.labels.session, record]));
  return [...last.values()].flatMap(({ at, model, labels: { app: name, session: id } }) => {
    const mean = apps.find((app) => app.name === name)?.score;
    if (mean === undefined || id === undefined || random() > 0.3) return [];
    const better = /mini|flash|haiku/.test(model) ? 0 : 0.06;
    const score = Math.round(100 * Math.min(1, mean + better + (random() - 0.5) * 0.3)) / 100;
    return [{ type: 'feedback', id: `demo-${id}`, at: at + 60_000, about: { session: id }, score } as const];
  });
}

const workingHour = (date: Date, random: () => number): number =>
  new Date(date).setHours(7, 0, 0, 0) + Math.floor(random() * 12 * 3600 * 1000);

interface Making {
  readonly at: number;
  readonly random: () => number;
  readonly catalog: ReturnType<typeof createCatalog>;
}

/** A conversation: the context grows by each turn, and what came before is mostly read from the cache. */
function session(app: App, { at: start, random, catalog }: Making): readonly CallRecord[] {
  const model = app.models[Math.floor(random() ** 1.6 * app.models.length)]!;
  const isBroken = random() < 0.06; // something in its prompt changes with each call
  const labels = {
    app: app.name,
    feature: pick(app.features, random),
    user: pick(users, random),
    session: `${app.name}-${Math.floor(random() * 36 ** 4).toString(36)}`,
    ...(app.name === 'coding-agent' && { task: `issue-${200 + Math.floor(random() * 60)}` }),
  };
  const turns = app.turns === 1 ? 1 : 1 + Math.floor(random() * app.turns);
  const language = pick(languages, random);
  let input = app.tokens[0] * (0.8 + random() * 0.4);
  let cached = 0;
  let at = start;
  return Array.from({ length: turns }, (_, turn) => {
    const hit = isBroken ? 0 : cached;
    const record = call({
      at,
      model,
      input: Math.round(input),
      cached: Math.round(hit),
      labels,
      app,
      random,
      catalog,
      isBroken: isBroken && turn > 0,
      language,
    });
    cached = model.startsWith('gemini') && random() < 0.5 ? 0 : input * 0.94;
    input += app.tokens[1] * (0.5 + random());
    at += 8000 + Math.floor(random() * 60_000);
    return record;
  });
}

interface CallParts extends Making {
  readonly model: string;
  readonly input: number;
  readonly cached: number;
  readonly labels: CallRecord['labels'];
  readonly app: App;
  readonly isBroken: boolean;
  readonly language: string;
}

function call({ at, model, input, cached, labels, app, random, catalog, isBroken, language }: CallParts): CallRecord {
  const vendor = model.startsWith('gpt') ? 'openai' : model.startsWith('claude') ? 'anthropic' : 'google';
  const hasFailed = random() < 0.015;
  const buckets: Buckets = hasFailed ? {} : bucketsOf(vendor, input, cached, random);
  const cost = price(catalog.find(vendor, model, at), buckets, { at, served: {} });
  const durationMs = 400 + random() * 3200;
  const timeToFirstByteMs = durationMs * (0.2 + random() * 0.2);
  const attempt: Attempt = {
    provider: vendor,
    hosting: 'api',
    requestModel: model,
    model,
    responseId: undefined,
    status: hasFailed ? 503 : 200,
    outcome: hasFailed ? 'failed' : 'ok',
    ...(hasFailed && { errorCode: 'provider_error' as const }),
    finishReason: hasFailed ? undefined : 'stop',
    usage: { buckets, source: 'provider', flags: [], raw: undefined },
    served: {},
    cost,
    at: at + 2,
    timeToFirstByteMs,
    durationMs,
  };
  return {
    type: 'call',
    id: '', // when they are in order
    at,
    api: apiOf[vendor],
    operation: 'chat',
    labels,
    requestModel: model,
    model,
    provider: vendor,
    hosting: 'api',
    stream: random() < 0.6,
    outcome: attempt.outcome,
    ...(hasFailed && { errorCode: 'provider_error' as const }),
    status: hasFailed ? 502 : 200,
    finishReason: attempt.finishReason,
    buckets,
    usageSource: 'provider',
    flags: [],
    cost,
    attempts: [attempt],
    ...(!hasFailed && { parts: partsOf(app, input) }),
    durationMs: durationMs + 2,
    timeToFirstByteMs: timeToFirstByteMs + 2,
    gatewayMs: 0.4 + random(),
    requestBytes: input * 4,
    replyBytes: 1800,
    ...annotated({ app, isBroken, language, random, saved: hasFailed ? undefined : savedOf(app, model, at, catalog, random) }),
  };
}

interface Annotated extends Pick<CallParts, 'app' | 'isBroken' | 'language' | 'random'> {
  readonly saved: Saving | undefined;
}

/** Marks that calls get by themselves, the language of a session, and what a limit of the output saved. */
function annotated({ app, isBroken, language, random, saved }: Annotated): Pick<CallRecord, 'annotations'> {
  const chance = random();
  const [signal] = app.mishaps.filter(([, share]) => chance < share);
  const signals = [...(isBroken ? ['prefix:timestamp'] : []), ...(signal ? [signal[0]] : [])];
  return { annotations: { language, ...(signals.length > 0 && { signals }), ...(saved && { savings: [saved] }) } };
}

/** Answers of the support app are held short, so half of them are. */
function savedOf(app: App, model: string, at: number, catalog: CallParts['catalog'], random: () => number): Saving | undefined {
  if (app.name !== 'support' || random() < 0.5) return undefined;
  const outputTokens = Math.round(60 + random() * 240);
  const { total } = price(catalog.find('openai', model, at), { output: outputTokens }, { at, served: {} });
  return { stage: 'output-limits', mode: 'on', inputTokens: 0, outputTokens, cost: total, basis: 'estimated' };
}

const apiOf = {
  openai: 'openai.chat',
  anthropic: 'anthropic.messages',
  google: 'google.generate_content',
} as const satisfies Readonly<Record<string, ApiId>>;

function bucketsOf(vendor: string, input: number, cached: number, random: () => number): Buckets {
  const cacheRead = Math.min(input, cached);
  const cacheWrite5m = vendor === 'anthropic' ? Math.round((input - cacheRead) * 0.8) : 0;
  return {
    input: input - cacheRead - cacheWrite5m,
    cacheRead,
    ...(cacheWrite5m > 0 && { cacheWrite5m }),
    output: Math.round(80 + random() * 500),
    ...(random() < 0.5 && { reasoning: Math.round(random() * 420) }),
  };
}

function partsOf({ parts }: App, input: number): PartTokens {
  const shares = Object.entries(parts).map(([part, share]) => [part, Math.round(input * share)] as const);
  const rest = input - shares.reduce((sum, [, tokens]) => sum + tokens, 0);
  return { ...Object.fromEntries(shares), user: rest };
}

const pick = <T>(values: readonly T[], random: () => number): T => values[Math.floor(random() * values.length)]!;

/** Mulberry32: the same numbers for the same seed. */
function generator(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
