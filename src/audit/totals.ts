import { promptParts, type PartTokens } from '../core/record.ts';
import type { AuditCall } from './call.ts';
import { inputTokensOf, kindsOf, type TokenKinds } from './tokens.ts';

/** Sums as `modicum report` has them. Money in nano-USD, of the calls whose cost is known; `null`: of none. */
export interface Sums extends TokenKinds {
  readonly calls: number;
  readonly failed: number;
  readonly cost: number | null;
  readonly unpricedCalls: number;
  /** Some or all of the counts are an estimate. */
  readonly estimatedCalls: number;
  /** A count was left out. */
  readonly incompleteCalls: number;
}

export interface Row extends Sums {
  /** `null`: the record does not tell. */
  readonly key: string | null;
}

/** Input tokens of a part of the prompt, cached or not. `null`: input of which nothing is known but its size. */
export interface PartRow {
  readonly part: string | null;
  readonly tokens: number;
}

export interface Totals {
  readonly all: Sums;
  /** Epoch ms of the first and the last call that tells. */
  readonly from: number | undefined;
  readonly to: number | undefined;
  /** The dearest first. */
  readonly byModel: readonly Row[];
  /** In order of the days, UTC. */
  readonly byDay: readonly Row[];
  readonly byApp: readonly Row[];
  readonly bySource: readonly Row[];
  readonly byPart: readonly PartRow[];
}

/** Rows of one table at most; what comes later is summed as `others`. */
export const maxRows = 10_000;

type Growing = { -readonly [K in keyof Sums]: Sums[K] };

/** Sums calls as they come. A class, because it is nothing but hidden state. */
export class TotalsBuilder {
  readonly #all = nothing();
  readonly #tables = { model: new Map(), day: new Map(), app: new Map(), source: new Map() } as Record<Key, Map<string | null, Growing>>;
  readonly #parts = new Map<string | null, number>();
  #from: number | undefined;
  #to: number | undefined;

  /** `parts`: of its prompt, where they are known. */
  add(call: AuditCall, parts: PartTokens | undefined): void {
    const { at, app = null, source, model } = call;
    const day = at === undefined ? null : new Date(at).toISOString().slice(0, 10);
    const keys = { model, day, app, source };
    grow(this.#all, call);
    for (const name of Object.keys(keys) as Key[]) grow(rowOf(this.#tables[name], keys[name]), call);
    this.#addParts(call, parts);
    if (at === undefined) return;
    this.#from = Math.min(this.#from ?? at, at);
    this.#to = Math.max(this.#to ?? at, at);
  }

  #addParts(call: AuditCall, parts: PartTokens | undefined): void {
    const put = (part: string | null, tokens: number): void => void this.#parts.set(part, (this.#parts.get(part) ?? 0) + tokens);
    if (parts) for (const part of promptParts) put(part, parts[part] ?? 0);
    else put(null, inputTokensOf(kindsOf(call.buckets)));
  }

  result(): Totals {
    const { model, day, app, source } = this.#tables;
    const parts = [...this.#parts].filter(([, tokens]) => tokens > 0).map(([part, tokens]) => ({ part, tokens }));
    return {
      all: { ...this.#all },
      from: this.#from,
      to: this.#to,
      byModel: rows(model).sort(byCost),
      byDay: rows(day).sort((left, right) => (String(left.key) < String(right.key) ? -1 : 1)),
      byApp: rows(app).sort(byCost),
      bySource: rows(source).sort(byCost),
      byPart: parts.sort((left, right) => right.tokens - left.tokens),
    };
  }
}

type Key = 'model' | 'day' | 'app' | 'source';

const nothing = (): Growing => ({
  calls: 0,
  failed: 0,
  input: 0,
  cacheRead: 0,
  cacheWrite: 0,
  output: 0,
  reasoning: 0,
  cost: null,
  unpricedCalls: 0,
  estimatedCalls: 0,
  incompleteCalls: 0,
});

function rowOf(table: Map<string | null, Growing>, key: string | null): Growing {
  const name = table.has(key) || table.size < maxRows ? key : 'others';
  const found = table.get(name) ?? nothing();
  table.set(name, found);
  return found;
}

function grow(sums: Growing, { calls, outcome, buckets, usageSource, cost }: AuditCall): void {
  const kinds = kindsOf(buckets);
  for (const kind of ['input', 'cacheRead', 'cacheWrite', 'output', 'reasoning'] as const) sums[kind] += kinds[kind];
  sums.calls += calls;
  if (outcome !== 'ok') sums.failed += calls;
  if (cost.total === null) sums.unpricedCalls += Math.max(1, calls);
  else sums.cost = (sums.cost ?? 0) + cost.total;
  if (usageSource === 'estimated' || usageSource === 'partial') sums.estimatedCalls += calls;
  if (Object.values(buckets).includes(null)) sums.incompleteCalls += calls;
}

const rows = (table: ReadonlyMap<string | null, Growing>): Row[] => [...table].map(([key, sums]) => ({ key, ...sums }));

const byCost = (left: Row, right: Row): number => (right.cost ?? -1) - (left.cost ?? -1) || right.calls - left.calls;
