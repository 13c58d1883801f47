import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import type { Counter, Lender } from '../../core/stores.ts';
import type { MakeEngine } from '../conformance.ts';
import { askOf, eventually, longMs, using } from './using.ts';

interface Share {
  spent: number;
  held: number;
}

/** The contract, written the plainest way: nothing but what each owner spent and holds. */
class Model {
  readonly #shares = new Map<string, Map<string, Share>>();
  readonly #set = new Map<string, number>();

  share(owner: string, id: string): Share {
    const shares = this.#shares.get(id) ?? new Map<string, Share>();
    this.#shares.set(id, shares);
    const share = shares.get(owner) ?? { spent: 0, held: 0 };
    shares.set(owner, share);
    return share;
  }

  stateOf(id: string): { readonly id: string; readonly spent: number; readonly held: number } {
    const shares = [...(this.#shares.get(id)?.values() ?? [])];
    const spent = shares.reduce((sum, share) => sum + share.spent, this.#set.get(id) ?? 0);
    return { id, spent, held: shares.reduce((sum, { held }) => sum + held, 0) };
  }

  set(id: string, spent: number): void {
    this.#set.set(id, (this.#set.get(id) ?? 0) + spent - this.stateOf(id).spent);
  }

  free({ id, limit }: Counter): number {
    const { spent, held } = this.stateOf(id);
    return limit - spent - held;
  }

  die(owner: string): void {
    for (const shares of this.#shares.values()) {
      const share = shares.get(owner);
      if (share) share.held = 0;
    }
  }
}

type Step =
  | {
      readonly do: 'lease' | 'state' | 'correct';
      readonly owner: string;
      readonly on: readonly { readonly id: string; readonly a: number; readonly b: number }[];
    }
  | { readonly do: 'set'; readonly id: string; readonly spent: number }
  | { readonly do: 'die'; readonly owner: string };

const amount = fc.integer({ min: 0, max: 60 });
const id = fc.constantFrom('x', 'y/ü', 'z');
const owner = fc.constantFrom('o1', 'o2', 'o3');
const on = fc.uniqueArray(fc.record({ id, a: amount, b: amount }), { selector: (item) => item.id, minLength: 1, maxLength: 3 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ do: fc.constant('lease' as const), owner, on }) },
  { weight: 5, arbitrary: fc.record({ do: fc.constant('state' as const), owner, on }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('correct' as const), owner, on }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('set' as const), id, spent: amount }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('die' as const), owner }) },
);

/** Takes one step in the engine and in the model; both must answer alike. */
async function take(lender: Lender, model: Model, counterOf: (id: string) => Counter, step: Step): Promise<void> {
  switch (step.do) {
    case 'lease': {
      const asks = step.on.map(({ id, a, b }) => askOf(counterOf(id), Math.min(a, b), Math.max(a, b)));
      const fits = asks.every(({ counter, least }) => least <= model.free(counter));
      const expected = asks.map(({ counter, wanted }) => {
        const granted = fits ? Math.max(0, Math.min(wanted, model.free(counter))) : 0;
        model.share(step.owner, counter.id).held += granted;
        return { granted, state: model.stateOf(counter.id) };
      });
      return assert.deepEqual(await lender.leaseAll(step.owner, asks), expected);
    }
    case 'state': {
      const statements = step.on.map(({ id, a, b }) => ({ counter: counterOf(id), spent: a, keep: b }));
      const kept = statements.map(({ counter, spent, keep }) => {
        const share = model.share(step.owner, counter.id);
        const lease = Math.min(share.spent + share.held, spent + keep);
        share.spent = Math.max(share.spent, spent);
        return (share.held = Math.max(0, lease - share.spent));
      });
      return assert.deepEqual(await lender.state(step.owner, statements, longMs), kept);
    }
    case 'correct':
      for (const { id, a, b } of step.on) {
        const share = model.share(step.owner, id);
        share.spent = a;
        share.held = Math.min(share.held, b);
      }
      return lender.correct(
        step.owner,
        step.on.map(({ id, a, b }) => ({ counter: counterOf(id), spent: a, keep: b })),
      );
    case 'set':
      model.set(step.id, step.spent);
      return lender.set(counterOf(step.id).id, step.spent);
    case 'die':
      model.die(step.owner);
      await lender.state(step.owner, [], 0);
      await sleep(2);
  }
}

export function testLenderModel(name: string, make: MakeEngine): void {
  test(`${name}: whatever owners, operators and death do in whatever order, the lender does as its model`, () =>
    using(make, async ({ stores: { budgets } }) => {
      let run = 0;
      await fc.assert(
        fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
          const prefix = `run${run++}/`;
          const model = new Model();
          const renamed = named(budgets, prefix);
          for (const one of steps) {
            await take(renamed, model, (id) => ({ id, limit: 100, endsAt: undefined }), one);
            const ids = ['x', 'y/ü', 'z'];
            await eventually(async () => {
              const states = await renamed.read(ids);
              if (one.do === 'die' && states.some(({ held }, index) => held !== model.stateOf(ids[index]!).held)) return false;
              assert.deepEqual(
                states,
                ids.map((id) => model.stateOf(id)),
              );
              return true;
            });
          }
        }),
        { numRuns: 40 },
      );
    }));
}

/** The same lender, with counters and owners of its own. */
function named(lender: Lender, prefix: string): Lender {
  const of = <T extends { readonly counter: Counter }>(items: readonly T[]): readonly T[] =>
    items.map((item) => ({ ...item, counter: { ...item.counter, id: prefix + item.counter.id } }));
  const bare = <T extends { readonly id: string }>(state: T): T => ({ ...state, id: state.id.slice(prefix.length) });
  return {
    ...lender,
    leaseAll: async (owner, asks) =>
      (await lender.leaseAll(prefix + owner, of(asks))).map(({ granted, state }) => ({ granted, state: bare(state) })),
    state: (owner, statements, ttlMs) => lender.state(prefix + owner, of(statements), ttlMs),
    correct: (owner, statements) => lender.correct(prefix + owner, of(statements)),
    read: async (ids) => (await lender.read(ids.map((id) => prefix + id))).map(bare),
    set: (id, spent) => lender.set(prefix + id, spent),
  };
}
