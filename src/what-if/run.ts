import type { Config } from '../config/schema.ts';
import { GatewayError } from '../core/errors.ts';
import type { CallRecord } from '../core/record.ts';
import { passedOver, type PassedOver, type Recorded, type RecordedCall, type Rehearsal } from './recorded.ts';
import type { NotRehearsed, StageResult, WhatIfResult } from './result.ts';
import { openSpool, type Spool } from './spool.ts';
import { Tally } from './tally.ts';
import { variantsOf, type Variants } from './variants.ts';

export interface WhatIfOptions {
  /** As it is now. */
  readonly before: Config;
  readonly policy: Config;
  /** Also the policy without each of its changes. */
  readonly ablation: boolean;
  readonly open: (config: Config) => Rehearsal;
  readonly signal?: AbortSignal | undefined;
  /** Calls rehearsed so far, of how many. */
  readonly progress?: ((done: number, of: number) => void) | undefined;
}

/** Takes the calls of a recording in any order, then rehearses them in order of time. */
export interface WhatIf {
  see(recorded: Recorded): void;
  /** Calls taken that can be rehearsed. */
  readonly size: number;
  /** Calls and reasons of those that cannot. */
  readonly passedOver: () => readonly NotRehearsed[];
  run(): Promise<WhatIfResult>;
  close(): void;
}

/** Prices a recording under a policy, without calling anyone. */
export function createWhatIf(options: WhatIfOptions): WhatIf {
  const spool = openSpool();
  const missed = new Missed();
  return {
    see: (recorded) => ('call' in recorded ? spool.add(recorded.call) : missed.add(recorded.passedOver, recorded.calls, recorded.cost)),
    get size() {
      return spool.size;
    },
    passedOver: () => missed.all(),
    run: () => rehearsed(spool, missed, options),
    close: () => spool.close(),
  };
}

/** Calls that are in no sum, by reason. */
class Missed {
  readonly #reasons = new Map<NotRehearsed['reason'], { calls: number; cost: number }>();

  add(reason: NotRehearsed['reason'], calls: number, cost: number | null): void {
    const sum = this.#reasons.get(reason) ?? { calls: 0, cost: 0 };
    this.#reasons.set(reason, { calls: sum.calls + calls, cost: sum.cost + (cost ?? 0) });
  }

  all(): readonly NotRehearsed[] {
    const order = Object.keys(passedOver);
    const rank = (reason: string): number => (order.indexOf(reason) + order.length + 1) % (order.length + 1);
    return [...this.#reasons].map(([reason, sum]) => ({ reason, ...sum })).toSorted((one, other) => rank(one.reason) - rank(other.reason));
  }
}

interface Stand {
  readonly steps: readonly Rehearsal[];
  readonly without: readonly Rehearsal[];
}

interface Seen {
  readonly tally: Tally;
  readonly missed: Missed;
  readonly lost: Map<string, number>;
  first: number | undefined;
  last: number | undefined;
}

async function rehearsed(spool: Spool, missed: Missed, options: WhatIfOptions): Promise<WhatIfResult> {
  const { before, policy, ablation, open, signal, progress } = options;
  const variants = variantsOf(before, policy, ablation);
  const stand: Stand = {
    steps: variants.steps.map(({ config }) => open(config)),
    without: variants.without.map(({ config }) => open(config)),
  };
  const tally = new Tally(variants.steps.length, variants.without.length);
  const seen: Seen = { tally, missed, lost: new Map(), first: undefined, last: undefined };
  try {
    let done = 0;
    for (const call of spool.all()) {
      if (signal?.aborted === true) break;
      await rehearseCall(call, stand, seen);
      progress?.((done += 1), spool.size);
    }
    return resultOf(variants, stand, seen);
  } finally {
    for (const rehearsal of [...stand.steps, ...stand.without]) await rehearsal.close();
  }
}

async function rehearseCall(
  { pieces, sequence, ...call }: RecordedCall & { readonly sequence: number },
  stand: Stand,
  seen: Seen,
): Promise<void> {
  const asked = { ...call, id: `call-${sequence}`, body: Buffer.from(pieces.join('')) };
  const today = call.today?.cost ?? null;
  const steps: CallRecord[] = [];
  const without: CallRecord[] = [];
  try {
    for (const rehearsal of stand.steps) {
      steps.push(await rehearsal.run(asked));
      if (steps.length === 1 && isLost(steps[0]!)) return seen.missed.add(`refused:${steps[0]!.errorCode ?? steps[0]!.status}`, 1, today);
    }
    for (const rehearsal of stand.without) without.push(await rehearsal.run(asked));
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    return seen.missed.add('unreadable' satisfies PassedOver, 1, today);
  }
  const lost = [...steps, ...without].find(isLost);
  if (lost) return countLost(seen.lost, lost);
  seen.first ??= call.at;
  seen.last = call.at;
  seen.tally.add(call, steps, without);
}

const isLost = ({ outcome }: CallRecord): boolean => outcome !== 'ok';

function countLost(lost: Map<string, number>, { errorCode, status }: CallRecord): void {
  const code = errorCode ?? String(status);
  lost.set(code, (lost.get(code) ?? 0) + 1);
}

function resultOf(variants: Variants, stand: Stand, { tally, missed, lost, first, last }: Seen): WhatIfResult {
  const { baseline, policy, today, calibration } = tally;
  const { steps } = tally.costs;
  const isPriced = baseline.calls > baseline.unpricedCalls;
  const saved = isPriced ? steps[0]! - steps.at(-1)! : null;
  const iso = (at: number | undefined): string | null => (at === undefined ? null : new Date(at).toISOString());
  const billOf = (rehearsal: Rehearsal): string => rehearsal.bill().totals.costNanoUsd.toString();
  return {
    version: 1,
    from: iso(first),
    to: iso(last),
    calls: baseline.calls,
    unpricedCalls: baseline.unpricedCalls,
    unpricedModels: [...tally.unpricedModels].toSorted(),
    today: today.calls === 0 ? null : today,
    baseline,
    policy,
    saved,
    savedShare: saved === null || steps[0] === 0 ? null : saved / steps[0]!,
    expected: calibration && calibration.baseline > 0 ? Math.round((calibration.today * calibration.policy) / calibration.baseline) : null,
    calibration,
    stages: stagesOf(variants, tally),
    byModel: tally.rows('model'),
    byApp: tally.rows('app'),
    changes: tally.changes,
    lost: [...lost].map(([code, calls]) => ({ code, calls })),
    notRehearsed: missed.all(),
    vendorBills: { baseline: billOf(stand.steps[0]!), policy: billOf(stand.steps.at(-1)!) },
  };
}

/** Each change, and the savings that were there before and did something. */
function stagesOf({ steps, without }: Variants, tally: Tally): readonly StageResult[] {
  const { steps: costs, without: costsWithout } = tally.costs;
  const own = new Map(tally.own.all().map((account) => [account.stage, account]));
  const changed = steps.slice(1).map(({ stage = '' }, index): StageResult => {
    const at = without.findIndex((other) => other.stage === stage);
    const account = own.get(stage);
    own.delete(stage);
    return {
      stage,
      saved: costs[index]! - costs[index + 1]!,
      ...(at >= 0 && { savedAgainstWithout: costsWithout[at]! - costs.at(-1)! }),
      ...(account && { own: account }),
    };
  });
  return [...changed, ...[...own.values()].map((account): StageResult => ({ stage: account.stage, saved: 0, own: account }))];
}
