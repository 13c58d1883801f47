import type { CallRecord } from '../core/record.ts';
import { totalInput } from '../core/usage.ts';
import type { RecordedCall, Today } from './recorded.ts';
import type { Calibration, Changes, Row } from './result.ts';
import { addTo, noSums, OwnAccounts, Table, type Sums } from './sums.ts';

/** Models without a price that are told by name. */
const maxUnpricedModels = 50;

type ChangesDraft = { -readonly [K in keyof Changes]: Changes[K] };

/** Adds up what calls came to: as they were, as they are now, and under the policy. */
export class Tally {
  readonly #hasToday = { calls: 0, today: 0, baseline: 0, policy: 0 };
  readonly #read = { today: 0, todayOf: 0, baseline: 0, baselineOf: 0 };
  readonly #steps: number[];
  readonly #without: number[];
  readonly today = noSums();
  readonly baseline = noSums();
  readonly policy = noSums();
  readonly own = new OwnAccounts();
  readonly unpricedModels = new Set<string>();
  readonly #byModel = tables();
  readonly #byApp = tables();
  readonly #changes: ChangesDraft = { answeredFromCache: 0, rerouted: 0, cut: 0, dropped: 0, cheaper: 0, dearer: 0, dearerBy: 0 };

  constructor(steps: number, without: number) {
    this.#steps = Array.from({ length: steps }, () => 0);
    this.#without = Array.from({ length: without }, () => 0);
  }

  /** A call that every variant answered. */
  add({ today, labels }: Pick<RecordedCall, 'today' | 'labels'>, steps: readonly CallRecord[], without: readonly CallRecord[]): void {
    const [baseline, policy] = [steps[0]!, steps.at(-1)!];
    const all = [...steps, ...without];
    const isPriced = all.every(({ cost }) => cost.total !== null);
    for (const { cost, model } of all)
      if (cost.total === null && this.unpricedModels.size < maxUnpricedModels) this.unpricedModels.add(model);
    this.#put('baseline', baseline, labels.app, isPriced);
    this.#put('policy', policy, labels.app, isPriced);
    this.own.add(policy);
    if (today) this.#addToday(today, labels.app);
    if (!isPriced) return;
    addCosts(this.#steps, steps);
    addCosts(this.#without, without);
    this.#compare(baseline, policy);
    if (today && today.cost !== null) this.#calibrate(today, baseline, policy);
  }

  /** Nano-USD by variant, over calls that all of them can price. */
  get costs(): { readonly steps: readonly number[]; readonly without: readonly number[] } {
    return { steps: this.#steps, without: this.#without };
  }
  get changes(): Changes {
    return this.#changes;
  }

  get calibration(): Calibration | null {
    const { calls, today, baseline, policy } = this.#hasToday;
    if (calls === 0) return null;
    const share = (part: number, whole: number): number | null => (whole === 0 ? null : part / whole);
    const { today: read, todayOf, baseline: readNow, baselineOf } = this.#read;
    return {
      calls,
      today,
      baseline,
      policy,
      ratio: share(baseline, today),
      readShareToday: share(read, todayOf),
      readShareBaseline: share(readNow, baselineOf),
    };
  }

  rows(by: 'model' | 'app'): readonly Row[] {
    return rowsOf(by === 'model' ? this.#byModel : this.#byApp);
  }

  #put(column: 'baseline' | 'policy', { cost, buckets, model }: CallRecord, app: string | undefined, isPriced: boolean): void {
    const known = isPriced ? cost.total : null;
    addTo(this[column], known, buckets);
    this.#byModel[column].add(model, known, buckets);
    this.#byApp[column].add(app, known, buckets);
  }

  #addToday({ cost, buckets, model }: Today, app: string | undefined): void {
    addTo(this.today, cost, buckets);
    this.#byModel.today.add(model, cost, buckets);
    this.#byApp.today.add(app, cost, buckets);
  }

  #compare(baseline: CallRecord, policy: CallRecord): void {
    const changes = this.#changes;
    const isKept = isFromCache(policy);
    if (isKept && !isFromCache(baseline)) changes.answeredFromCache += 1;
    if (!isKept && !isFromCache(baseline) && placeOf(policy) !== placeOf(baseline)) changes.rerouted += 1;
    if (policy.finishReason === 'length' && baseline.finishReason !== 'length') changes.cut += 1;
    if (droppedIn(policy) > droppedIn(baseline)) changes.dropped += 1;
    const more = policy.cost.total! - baseline.cost.total!;
    if (more < 0) changes.cheaper += 1;
    if (more > 0) changes.dearer += 1;
    changes.dearerBy += Math.max(0, more);
  }

  #calibrate(today: Today, baseline: CallRecord, policy: CallRecord): void {
    const sums = this.#hasToday;
    sums.calls += 1;
    sums.today += today.cost!;
    sums.baseline += baseline.cost.total!;
    sums.policy += policy.cost.total!;
    const read = this.#read;
    read.today += today.buckets.cacheRead ?? 0;
    read.todayOf += totalInput(today.buckets) ?? 0;
    read.baseline += baseline.buckets.cacheRead ?? 0;
    read.baselineOf += totalInput(baseline.buckets) ?? 0;
  }
}

const isFromCache = ({ usageSource, attempts }: CallRecord): boolean => usageSource === 'cache' || attempts.length === 0;
const placeOf = ({ provider, model }: CallRecord): string => `${provider}/${model}`;
const droppedIn = ({ attempts }: CallRecord): number => attempts.at(-1)?.dropped?.length ?? 0;

function addCosts(sums: number[], records: readonly CallRecord[]): void {
  for (const [index, { cost }] of records.entries()) sums[index]! += cost.total!;
}

interface Tables {
  readonly today: Table;
  readonly baseline: Table;
  readonly policy: Table;
}

const tables = (): Tables => ({ today: new Table(), baseline: new Table(), policy: new Table() });

/** The dearest first. */
function rowsOf(tables: Tables): readonly Row[] {
  const keys = [...new Set([tables.today, tables.baseline, tables.policy].flatMap((table) => table.keys()))];
  const costOf = (row: Row): number => Math.max(row.today?.cost ?? 0, row.baseline?.cost ?? 0, row.policy?.cost ?? 0);
  return keys
    .map((key): Row => ({ key: key === '' ? null : key, ...columnsOf(tables, key) }))
    .toSorted((one, other) => costOf(other) - costOf(one) || String(one.key).localeCompare(String(other.key)));
}

const columnsOf = ({ today, baseline, policy }: Tables, key: string): Partial<Record<keyof Tables, Sums>> =>
  Object.fromEntries(
    Object.entries({ today: today.get(key), baseline: baseline.get(key), policy: policy.get(key) }).filter(([, sums]) => sums),
  );
