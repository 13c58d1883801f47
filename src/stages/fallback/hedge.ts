import type { Deployment } from '../../core/deployment.ts';
import { settleAttempts, type Scope } from '../../core/pipeline.ts';
import type { Attempt } from '../../core/record.ts';
import type { Reply } from '../../core/reply.ts';
import type { NanoUsd } from '../../core/usage.ts';
import type { Outcome } from './attempt.ts';
import type { Candidates } from './candidates.ts';
import { Link } from './link.ts';
import type { HedgeOptions } from './options.ts';
import { abandon, discarded } from './peek.ts';
import { asked, candidatesOf, settled, type RunOptions } from './run.ts';

/** One attempt with records of its own, so that they can be told apart, and a client's end that can be closed. */
interface Leg {
  readonly deployment: Deployment;
  readonly scope: Scope;
  readonly outcome: Promise<Outcome>;
  /** Nothing more comes of it. */
  readonly ended: Promise<void>;
  /** How it stands to the attempt beside it, where there was one. */
  hedge?: Attempt['hedge'];
  cancel(): void;
}

/** The attempts of one call, where a slow first one gets a second beside it. The first good head wins; the other is cancelled and metered. */
export async function runHedged(running: RunOptions, hedge: HedgeOptions): Promise<Reply> {
  const candidates = candidatesOf(running);
  const legs: Leg[] = [];
  const race: Race = { running, hedge, candidates, legs, isReserved: false };
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  running.scope.pending.push(finished.then(() => merged(race)));
  try {
    const first = await raced(race);
    return await settled(running, candidates, first, (deployment) => started(race, deployment).outcome);
  } finally {
    finish();
  }
}

interface Race {
  readonly running: RunOptions;
  readonly hedge: HedgeOptions;
  readonly candidates: Candidates;
  /** In the order in which they began. */
  readonly legs: Leg[];
  /** A second request was sent: its cost was set aside. */
  isReserved: boolean;
}

function started({ running, candidates, legs }: Race, deployment: Deployment): Leg {
  const { scope } = running;
  const client = new Link(scope.onClientAbort === 'cancel' ? scope.client : undefined);
  const own: Scope = { ...scope, client, onClientAbort: 'cancel', attempts: [], unsettled: [], pending: [] };
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const outcome = asked(running, candidates, own, end)(deployment);
  const leg: Leg = { deployment, scope: own, outcome, ended, cancel: () => client.close() };
  legs.push(leg);
  return leg;
}

async function raced(race: Race): Promise<Outcome> {
  const first = started(race, race.candidates.first());
  const delayMs = patienceMs(race, first.deployment);
  if (delayMs === undefined || !(await isSlow(first, delayMs, race.running))) return first.outcome;
  const beside = race.running.scope.client.closed ? undefined : race.candidates.beside();
  if (!beside || !race.hedge.cap.reserve()) return first.outcome;
  race.isReserved = true;
  return decided(race, first, started(race, beside));
}

/** How long a first attempt may take before it counts as slow; `undefined`: too little is known. */
function patienceMs({ running, hedge }: Race, deployment: Deployment): number | undefined {
  return running.options.health.of(deployment).percentileMs(running.call.stream, hedge.percentile, hedge.minSamples);
}

function isSlow({ outcome }: Leg, delayMs: number, { clock }: RunOptions): Promise<boolean> {
  return new Promise((resolve) => {
    const stop = clock.after(delayMs, () => resolve(true));
    const isIn = (): void => {
      stop();
      resolve(false);
    };
    outcome.then(isIn, isIn);
  });
}

/** The first good one; when one fails, the other; when both do, the later failure. */
async function decided(race: Race, one: Leg, other: Leg): Promise<Outcome> {
  const settledFirst = await Promise.race(
    [one, other].map(async (leg) => {
      await leg.outcome.catch(() => {});
      return leg;
    }),
  );
  const last = settledFirst === one ? other : one;
  const early = await settledFirst.outcome.catch(() => undefined); // its failure counts only when the other fails too
  if (early && !early.failure) return won(race, settledFirst, last, early);
  dropped(race, settledFirst);
  const late = await last.outcome;
  if (!late.failure) return won(race, last, undefined, late);
  last.hedge = 'lost';
  return late;
}

function won(race: Race, winner: Leg, loser: Leg | undefined, outcome: Outcome): Outcome {
  winner.hedge = 'won';
  if (loser) {
    dropped(race, loser);
    loser.cancel();
    race.candidates.cancelled();
  }
  return outcome;
}

/** Nobody will read what comes of it. */
function dropped({ running: { clock } }: Race, leg: Leg): void {
  leg.hedge = 'lost';
  leg.outcome.then(
    ({ reply, failure }) => {
      if (reply && failure) void discarded(reply, clock.after);
      else if (reply) abandon(reply);
    },
    () => {},
  );
}

/** Puts the records of all legs into the call's, the one that answered last, and settles what hedging cost. */
async function merged({ running, hedge, legs, isReserved }: Race): Promise<void> {
  await Promise.all(legs.map(({ ended }) => ended));
  for (const { scope } of legs) await settleAttempts(scope);
  const marked = legs.flatMap(({ scope, hedge: mark }) => scope.attempts.map((attempt) => (mark ? { ...attempt, hedge: mark } : attempt)));
  const ordered = marked.toSorted((a, b) => Number(b.hedge === 'lost') - Number(a.hedge === 'lost'));
  running.scope.attempts.push(...ordered);
  const cost = (wanted: boolean): NanoUsd | null => sumOf(marked.filter((attempt) => (attempt.hedge === 'lost') === wanted));
  hedge.cap.settle(cost(false), isReserved ? { cost: cost(true) } : undefined);
}

/** `null` where a part is unknown. */
function sumOf(attempts: readonly Attempt[]): NanoUsd | null {
  let sum = 0;
  for (const { cost } of attempts) {
    if (cost.total === null) return null;
    sum += cost.total;
  }
  return sum as NanoUsd;
}
