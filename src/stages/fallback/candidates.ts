import type { Call } from '../../core/call.ts';
import { isAlone, type Deployment, type Plan } from '../../core/deployment.ts';
import { backoffFor } from './backoff.ts';
import type { Clock, FallbackOptions } from './options.ts';
import { inOrder } from './order.ts';
import { repeatedAlone, type Failure } from './verdict.ts';

/** Where to go next, and how long to wait before. */
export interface Step {
  readonly deployment: Deployment;
  readonly waitMs: number;
}

interface Failed {
  readonly deployment: Deployment;
  readonly failure: Failure;
}

/** Chooses the places of one call, one after the other, and counts what was tried. */
export class Candidates {
  readonly isAlone: boolean;
  readonly #plan: Plan;
  readonly #options: FallbackOptions;
  readonly #clock: Clock;
  readonly #isStream: boolean;
  #pool: readonly Deployment[];
  readonly #tries = new Map<string, number>();
  readonly #barred = new Set<string>();
  /** Until when a deployment asked this call to wait. */
  readonly #notBeforeMs = new Map<string, number>();
  #made = 0;
  #paid = 0;
  /** Of these, the ones of which not even a head came. */
  #silent = 0;

  constructor(plan: Plan, options: FallbackOptions, clock: Clock, call: Call) {
    this.isAlone = isAlone(plan);
    this.#plan = plan;
    this.#options = options;
    this.#clock = clock;
    this.#isStream = call.stream;
    this.#pool = this.isAlone ? plan.targets : [...inOrder(plan, this.#choosing(call)), ...plan.fallbacks];
  }

  #choosing(call: Call): Parameters<typeof inOrder>[1] {
    const { preferred } = this.#options;
    return {
      loadOf: (target) => this.#loadOf(target),
      random: this.#clock.random,
      preferred: preferred && ((first, targets) => preferred(call, first, targets)),
    };
  }

  /** The first place that is well; where none is, the one that is soonest. */
  first(): Deployment {
    const nowMs = this.#clock.nowMs();
    const pauses = this.#pool.map((deployment) => this.#pauseMs(deployment, nowMs));
    return this.#pool[pauses.indexOf(Math.min(...pauses))]!;
  }

  /** Whether a deployment has a key that this call has not met the limit of. */
  hasOtherKey(deployment: Deployment): boolean {
    return deployment.keys > (this.#tries.get(deployment.id) ?? 0);
  }

  /** One that is well and has not been asked: for a second request beside the first. It must leave room in what may be paid. */
  beside(): Deployment | undefined {
    const { maxAttempts, maxPaidAttempts } = this.#options.limits;
    return this.#made < maxAttempts && this.#paid + 2 <= maxPaidAttempts ? this.#fresh() : undefined;
  }

  /** An attempt begins. */
  tried({ id }: Deployment): void {
    this.#made += 1;
    this.#tries.set(id, (this.#tries.get(id) ?? 0) + 1);
  }

  /** An attempt failed. */
  failed({ deployment, failure }: Failed): void {
    if (failure.mayBePaid) this.#paid += 1;
    if (failure.mayBePaid && failure.isSilent) this.#silent += 1;
    if (failure.retryAfterMs !== undefined) this.#notBeforeMs.set(deployment.id, this.#clock.nowMs() + failure.retryAfterMs);
    if (!failure.isRepeatable) this.#barred.add(deployment.id);
    if (failure.reason === 'overflow') this.#pool = this.#plan.onContextOverflow;
    if (failure.reason === 'filtered') this.#pool = this.#plan.onContentFilter;
  }

  /** An attempt was cancelled, and may be billed. */
  cancelled(): void {
    this.#paid += 1;
  }

  /** What to do after a failure; `undefined`: it is final. `elapsedMs`: since the request arrived. */
  next(failed: Failed, elapsedMs: number): Step | undefined {
    const { limits, budget } = this.#options;
    if (this.#made >= this.#mostAttempts() || this.#paid >= this.#mostPaid()) return undefined;
    const step = this.isAlone ? this.#again(failed) : this.#elsewhere(failed);
    if (!step || elapsedMs + step.waitMs > limits.deadlineMs) return undefined;
    return failed.failure.mayBePaid && !budget.take() ? undefined : step;
  }

  /** A spare attempt is for a call that was left without a word several times, not for an outage. */
  #mostPaid(): number {
    const { maxPaidAttempts, spareAttempts } = this.#options.limits;
    const hasSpare = maxPaidAttempts > 1 && this.#silent === this.#paid && this.#options.budget.isAmple;
    return hasSpare ? maxPaidAttempts + spareAttempts : maxPaidAttempts;
  }

  #mostAttempts(): number {
    const { maxAttempts, maxAttemptsAlone } = this.#options.limits;
    if (!this.isAlone) return maxAttempts;
    return Math.min(maxAttempts, Math.max(maxAttemptsAlone, this.#plan.targets[0]!.keys)); // each key once
  }

  #again({ deployment, failure }: Failed): Step | undefined {
    if (!failure.isRepeatable || !repeatedAlone.has(failure.reason)) return undefined;
    const tries = this.#tries.get(deployment.id) ?? 0;
    if (failure.reason === 'limited' && this.hasOtherKey(deployment)) return { deployment, waitMs: 0 };
    return this.#after(deployment, failure.retryAfterMs ?? 0, tries);
  }

  /** Another place at once; else one that was asked, after a wait. */
  #elsewhere({ deployment: last, failure }: Failed): Step | undefined {
    if (failure.reason === 'limited' && failure.isRepeatable && this.hasOtherKey(last)) return { deployment: last, waitMs: 0 };
    const fresh = this.#fresh();
    if (fresh) return { deployment: fresh, waitMs: 0 };
    const [soonest] = this.#pool.flatMap((deployment) => this.#later(deployment)).toSorted((a, b) => a.waitMs - b.waitMs);
    return soonest;
  }

  /** One that must be waited for: asked before, or over its limit. An open breaker is not waited for. */
  #later(deployment: Deployment): readonly Step[] {
    const health = this.#options.health.of(deployment);
    const nowMs = this.#clock.nowMs();
    if (this.#barred.has(deployment.id) || !health.breaker.admits(nowMs)) return [];
    const pauseMs = Math.max(health.coolingMs(nowMs), (this.#notBeforeMs.get(deployment.id) ?? 0) - nowMs);
    const step = this.#after(deployment, pauseMs, this.#tries.get(deployment.id) ?? 0);
    return step ? [step] : [];
  }

  #fresh(): Deployment | undefined {
    const nowMs = this.#clock.nowMs();
    return this.#pool.find((deployment) => !this.#tries.has(deployment.id) && this.#pauseMs(deployment, nowMs) === 0);
  }

  #after(deployment: Deployment, pauseMs: number, tries: number): Step | undefined {
    const { limits } = this.#options;
    if (pauseMs > limits.maxRetryAfterMs) return undefined;
    const backoffMs = tries === 0 ? 0 : backoffFor(tries, limits, this.#clock.random());
    return { deployment, waitMs: Math.max(pauseMs, backoffMs) };
  }

  #pauseMs(deployment: Deployment, nowMs: number): number {
    return this.#options.health.of(deployment).pauseMs(nowMs);
  }

  #loadOf(deployment: Deployment) {
    const health = this.#options.health.of(deployment);
    return { latencyMs: health.latencyMs(this.#isStream, this.#clock.nowMs()), inFlight: health.inFlight };
  }
}
