import type { Deployment } from '../../core/deployment.ts';
import { Breaker, type BreakerOptions, type BreakerState, type Ticket } from './breaker.ts';
import { LatencySamples, PeakLatency } from './latency.ts';

export interface BreakerChange {
  readonly deployment: string;
  readonly from: BreakerState;
  readonly to: BreakerState;
  /** On the clock that the health is told. */
  readonly nowMs: number;
}

/** What is known of one deployment, for `/api/status`. */
export interface DeploymentState {
  readonly breaker: BreakerState;
  readonly inFlight: number;
  /** Peak EWMA of the time to the first byte, ms: streams, and whole replies. */
  readonly streamLatencyMs: number;
  readonly latencyMs: number;
  /** It asked for a pause that is not over. */
  readonly isCooling: boolean;
}

/** One deployment's breaker, latency and load. Times: monotonic ms. */
export class DeploymentHealth {
  readonly breaker: Breaker;
  readonly #peaks = { stream: new PeakLatency(), whole: new PeakLatency() };
  readonly #samples = { stream: new LatencySamples(), whole: new LatencySamples() };
  #inFlight = 0;
  #coolUntilMs = 0;

  constructor(breaker: Breaker) {
    this.breaker = breaker;
  }

  get inFlight(): number {
    return this.#inFlight;
  }

  /** How long to leave it alone, ms; 0: it may be asked now. `Infinity`: a probe is under way. */
  pauseMs(nowMs: number): number {
    const cooling = this.coolingMs(nowMs);
    if (this.breaker.admits(nowMs)) return cooling;
    const due = this.breaker.dueMs - nowMs;
    return due > 0 ? Math.max(cooling, due) : Infinity;
  }

  /** How long it asked to be left alone, ms. */
  coolingMs(nowMs: number): number {
    return Math.max(0, this.#coolUntilMs - nowMs);
  }

  latencyMs(isStream: boolean, nowMs: number): number {
    return this.#peaks[isStream ? 'stream' : 'whole'].at(nowMs);
  }

  percentileMs(isStream: boolean, percent: number, minSamples: number): number | undefined {
    return this.#samples[isStream ? 'stream' : 'whole'].percentile(percent, minSamples);
  }

  begin(nowMs: number): Ticket {
    this.#inFlight += 1;
    return this.breaker.begin(nowMs);
  }

  /** The call is over, however it went. */
  end(): void {
    this.#inFlight -= 1;
  }

  measured(isStream: boolean, latencyMs: number, nowMs: number): void {
    const kind = isStream ? 'stream' : 'whole';
    this.#peaks[kind].add(latencyMs, nowMs);
    this.#samples[kind].add(latencyMs);
  }

  /** It asked to be left alone until then. */
  cool(untilMs: number): void {
    this.#coolUntilMs = Math.max(this.#coolUntilMs, untilMs);
  }

  state(nowMs: number): DeploymentState {
    return {
      breaker: this.breaker.state,
      inFlight: this.#inFlight,
      streamLatencyMs: Math.round(this.latencyMs(true, nowMs)),
      latencyMs: Math.round(this.latencyMs(false, nowMs)),
      isCooling: this.coolingMs(nowMs) > 0,
    };
  }
}

/** The health of all deployments that calls can be chosen among; their number is bounded by the configuration. */
export class Health {
  readonly #options: BreakerOptions;
  readonly #changed: (change: BreakerChange) => void;
  readonly #byId = new Map<string, DeploymentHealth>();

  constructor(options: BreakerOptions, changed: (change: BreakerChange) => void = () => {}) {
    this.#options = options;
    this.#changed = changed;
  }

  of({ id }: Pick<Deployment, 'id'>): DeploymentHealth {
    const known = this.#byId.get(id);
    if (known) return known;
    const breaker = new Breaker(this.#options, (from, to, nowMs) => this.#changed({ deployment: id, from, to, nowMs }));
    const health = new DeploymentHealth(breaker);
    this.#byId.set(id, health);
    return health;
  }

  states(nowMs: number): Readonly<Record<string, DeploymentState>> {
    return Object.fromEntries([...this.#byId].map(([id, health]) => [id, health.state(nowMs)]));
  }
}
