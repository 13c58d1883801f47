import { GatewayError } from '../core/errors.ts';
import { aborted } from '../core/flow.ts';
import type { Closable } from '../core/pipeline.ts';
import type { ProviderLimit } from './provider.ts';

interface Waiting {
  enter(): void;
}

interface Gate {
  inFlight: number;
  readonly queue: Set<Waiting>;
}

/** What a gate shows of itself. */
export interface GateState {
  readonly inFlight: number;
  readonly queued: number;
}

/** Keeps the calls at a provider within its limit; more wait in order, a bounded number for a bounded time. By provider name, so kept over reloads. */
export class Gates {
  readonly #gates = new Map<string, Gate>();

  /** Resolves when the call may go; each entry needs one `leave`. @throws {GatewayError} `overloaded`, or `aborted` when the client leaves */
  async enter(name: string, limit: ProviderLimit, client: Closable): Promise<void> {
    const gate = this.#gateOf(name);
    if (gate.inFlight < limit.maxConcurrent) {
      gate.inFlight += 1;
      return;
    }
    if (gate.queue.size >= limit.maxQueued)
      throw new GatewayError('overloaded', `as many calls wait for the provider "${name}" as its maxQueued allows`);
    await turn(gate, name, limit, client);
  }

  /** A place becomes free; the first that waits takes it. */
  leave(name: string): void {
    const gate = this.#gateOf(name);
    const [first] = gate.queue;
    if (!first) {
      gate.inFlight -= 1;
      return;
    }
    gate.queue.delete(first);
    first.enter(); // the place passes on, so the count stays
  }

  states(): Readonly<Record<string, GateState>> {
    return Object.fromEntries([...this.#gates].map(([name, { inFlight, queue }]) => [name, { inFlight, queued: queue.size }]));
  }

  #gateOf(name: string): Gate {
    const known = this.#gates.get(name);
    if (known) return known;
    const gate: Gate = { inFlight: 0, queue: new Set() };
    this.#gates.set(name, gate);
    return gate;
  }
}

function turn(gate: Gate, name: string, { queueTimeoutMs }: ProviderLimit, client: Closable): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (done: () => void): void => {
      clearTimeout(timer);
      gate.queue.delete(waiting);
      stopListening();
      done();
    };
    const waiting: Waiting = { enter: () => settle(resolve) };
    gate.queue.add(waiting);
    const late = (): GatewayError =>
      new GatewayError('overloaded', `the queue for the provider "${name}" took longer than its queueTimeoutMs`);
    const timer = queueTimeoutMs > 0 ? setTimeout(() => settle(() => reject(late())), queueTimeoutMs) : undefined;
    let stopListening = (): void => {};
    stopListening = client.onClose(() => settle(() => reject(aborted())));
  });
}
