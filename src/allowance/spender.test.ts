import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { Account } from './purse.ts';
import { Spender, type Hold, type SpenderOptions } from './spender.ts';
import { testLender, type TestLender } from '../stores/test-lender.ts';

const account: Account = { id: 'budget/b/all/2026-11', limit: 100, endsAt: undefined };
const ttlMs = 30_000;

function spenderOf(lender: TestLender, more: Partial<SpenderOptions> = {}): Spender {
  return new Spender({
    lender,
    owner: 'a',
    instances: () => 0,
    ttlMs,
    statementMs: 1000,
    onUnavailable: 'refuse',
    now: () => lender.nowMs,
    ...more,
  });
}

const stateOf = async (lender: TestLender, id = account.id): Promise<readonly number[]> => {
  const { spent, held } = (await lender.read([id]))[0]!;
  return [spent, held];
};

async function held(spender: Spender, amount: number, of = account): Promise<Hold> {
  const { hold, lack } = await spender.reserve([{ account: of, amount }]);
  assert.equal(lack, undefined);
  return hold;
}

describe('one process', () => {
  test('leases all there is at once, and then decides without the lender', async () => {
    const lender = testLender();
    const spender = spenderOf(lender);
    (await held(spender, 10)).settle([7]);
    const { asked } = lender;
    for (let call = 0; call < 9; call += 1) assert.ok(spender.reserveNow([{ account, amount: 10 }]));
    assert.equal(spender.reserveNow([{ account, amount: 10 }]), undefined, '7 spent and 90 held leave 3');
    assert.equal(lender.asked, asked);
    const { lack } = await spender.reserve([{ account, amount: 10 }]);
    assert.deepEqual(lack, { index: 0, reason: 'no room', balance: { limit: 100, spent: 7, held: 90 } });
  });

  test('holds to another limit from the next call on, though it has leased more', async () => {
    const lender = testLender();
    const spender = spenderOf(lender);
    const open = await held(spender, 10);
    (await held(spender, 20)).settle([20]);
    const lower = { ...account, limit: 40 };
    const { lack } = await spender.reserve([{ account: lower, amount: 11 }]);
    assert.deepEqual(lack, { index: 0, reason: 'no room', balance: { limit: 40, spent: 20, held: 10 } });
    assert.deepEqual(await stateOf(lender), [20, 10]);
    await held(spender, 10, lower);
    open.settle([5]);
    await held(spender, 5, lower);
    assert.equal(spender.reserveNow([{ account: lower, amount: 1 }]), undefined);
    await held(spender, 60, account); // refused a moment ago, but more is allowed now
  });

  test('settling counts once', async () => {
    const lender = testLender();
    const spender = spenderOf(lender);
    const hold = await held(spender, 50);
    hold.settle([20]);
    hold.settle([50]);
    assert.deepEqual(spender.balance(account), { limit: 100, spent: 20, held: 0 });
    await spender.close();
    assert.deepEqual(await stateOf(lender), [20, 0]);
  });

  test('what cost more than was reserved counts in full', async () => {
    const lender = testLender();
    const spender = spenderOf(lender);
    (await held(spender, 90)).settle([130]);
    const { lack } = await spender.reserve([{ account, amount: 1 }]);
    assert.equal(lack?.reason, 'no room');
    await spender.flush();
    assert.deepEqual(await stateOf(lender), [130, 0]);
  });

  test('several counters are taken together or not at all', async () => {
    const lender = testLender();
    const spender = spenderOf(lender);
    const small: Account = { id: 'small', limit: 5, endsAt: undefined };
    const wants = [
      { account, amount: 6 },
      { account: small, amount: 6 },
    ];
    assert.equal((await spender.reserve(wants)).lack?.index, 1);
    assert.equal(spender.balance(account).held, 0);
    await spender.flush();
    assert.deepEqual(await stateOf(lender), [0, 0]);
  });

  test('a soft counter counts and never refuses', async () => {
    const lender = testLender();
    const spender = spenderOf(lender);
    const soft: Account = { ...account, isSoft: true };
    for (let call = 0; call < 3; call += 1) spender.reserveNow([{ account: soft, amount: 90 }])!.settle([80]);
    await spender.flush();
    assert.deepEqual(await stateOf(lender), [240, 0]);
  });

  test('a reset gives room again', async () => {
    const lender = testLender();
    const spender = spenderOf(lender);
    (await held(spender, 100)).settle([100]);
    assert.ok((await spender.reserve([{ account, amount: 10 }])).lack);
    await spender.flush();
    await lender.set(account.id, 0);
    lender.nowMs += 300; // a refusal is taken for true for a moment
    await held(spender, 10);
    assert.deepEqual(spender.balance(account), { limit: 100, spent: 0, held: 10 });
  });

  test('a rolling window counts what earlier ones hold', async () => {
    const lender = testLender();
    const spender = spenderOf(lender);
    (await held(spender, 60)).settle([60]);
    const next: Account = { id: 'budget/b/all/next', limit: 100, endsAt: undefined, before: [account.id, 'older'] };
    const { lack } = await spender.reserve([{ account: next, amount: 50 }]);
    assert.deepEqual(lack?.balance, { limit: 100, spent: 60, held: 0 });
    (await held(spender, 40, next)).settle([40]);
    const third: Account = { id: 'budget/b/all/third', limit: 100, endsAt: undefined, before: [next.id, 'older'] };
    await held(spender, 60, third);
  });

  test('who waits hears of room', async () => {
    const spender = spenderOf(testLender());
    const hold = await held(spender, 100);
    let heard = 0;
    spender.onRoom(() => (heard += 1));
    hold.settle([0]);
    hold.settle([0]);
    assert.equal(heard, 1);
  });
});

describe('a lender that is away', () => {
  test('refuse: nothing is spent until it is back', async () => {
    const lender = testLender();
    const told: string[] = [];
    const spender = spenderOf(lender, { away: (error) => told.push(error ? 'away' : 'back') });
    (await held(spender, 10)).settle([10]);
    lender.isAway = true;
    await spender.flush('usual');
    assert.equal((await spender.reserve([{ account, amount: 10 }])).lack?.reason, 'away');
    lender.isAway = false;
    await held(spender, 10);
    assert.deepEqual(told, ['away', 'back']);
  });

  test('lease: spends on to the end of the last lease', async () => {
    const lender = testLender();
    const spender = spenderOf(lender, { onUnavailable: 'lease' });
    (await held(spender, 10)).settle([10]);
    lender.isAway = true;
    await spender.flush('usual');
    assert.ok(spender.reserveNow([{ account, amount: 10 }]));
    lender.nowMs += ttlMs;
    assert.equal(spender.reserveNow([{ account, amount: 10 }]), undefined);
    assert.equal((await spender.reserve([{ account, amount: 10 }])).lack?.reason, 'away');
    lender.isAway = false;
    await held(spender, 10);
    await spender.flush();
    assert.deepEqual(await stateOf(lender), [10, 20], 'what it held through the pause it still holds');
  });
});

describe('several processes', () => {
  test('ask seldom while there is much left', async () => {
    const lender = testLender();
    const much: Account = { id: 'much', limit: 1_000_000, endsAt: undefined };
    const spenders = ['a', 'b', 'c'].map((owner) => spenderOf(lender, { owner, instances: () => 3 }));
    for (let call = 0; call < 3000; call += 1) (await held(spenders[call % 3]!, 10, much)).settle([5]);
    assert.ok(lender.asked <= 15, `${lender.asked} talks for 3,000 calls`);
  });

  test('one uses what another gave back', async () => {
    const lender = testLender();
    const [first, second] = ['a', 'b'].map((owner) => spenderOf(lender, { owner, instances: () => 2 })) as [Spender, Spender];
    (await held(first, 80)).settle([1]);
    await first.flush();
    await held(second, 99);
  });

  type Act = { readonly who: number; readonly kind: 'call' | 'settle' | 'beat' | 'pass' | 'crash'; readonly size: number };
  const act: fc.Arbitrary<Act> = fc.record({
    who: fc.nat(2),
    kind: fc.oneof(
      { weight: 8, arbitrary: fc.constant('call' as const) },
      { weight: 6, arbitrary: fc.constant('settle' as const) },
      { weight: 2, arbitrary: fc.constant('beat' as const) },
      { weight: 1, arbitrary: fc.constant('pass' as const) },
      { weight: 1, arbitrary: fc.constant('crash' as const) },
    ),
    size: fc.integer({ min: 0, max: 40 }),
  });

  test('never pass the limit together, whatever happens, and lose nothing', () =>
    fc.assert(
      fc.asyncProperty(fc.array(act, { maxLength: 120 }), fc.boolean(), async (acts, together) => {
        const lender = testLender();
        const world = worldOf(lender);
        let running: Promise<void>[] = [];
        for (const one of acts) {
          if (one.kind === 'pass' || one.kind === 'crash') await Promise.all(running.splice(0));
          running.push(world.act(one));
          if (!together) await Promise.all(running.splice(0));
        }
        await Promise.all(running);
        running = [];
        assert.ok(world.spent() <= account.limit, `${world.spent()} of ${account.limit}`);
        await world.end();
        assert.deepEqual(await stateOf(lender), [world.spent(), 0]);
      }),
      { numRuns: 300 },
    ));

  /** Three processes that restart when they crash, and whoever corrects the dead from the ledger. */
  function worldOf(lender: TestLender) {
    let lives = 0;
    let spent = 0;
    const ledger = new Map<string, number>();
    const born = () => {
      const owner = `life-${(lives += 1)}`;
      return { owner, spender: spenderOf(lender, { owner, instances: () => 3 }), open: [] as { hold: Hold; amount: number }[] };
    };
    const processes = [born(), born(), born()];
    const pay = (owner: string, amount: number): void => {
      spent += amount;
      ledger.set(owner, (ledger.get(owner) ?? 0) + amount);
    };
    const correct = async (): Promise<void> => {
      for (const { owner } of await lender.expired())
        await lender.correct(owner, [{ counter: account, spent: ledger.get(owner) ?? 0, keep: 0 }]);
    };
    const act = async ({ who, kind, size }: Act): Promise<void> => {
      const life = processes[who]!;
      if (kind === 'call') {
        const { hold } = await life.spender.reserve([{ account, amount: size }]);
        if (hold) life.open.push({ hold, amount: size });
      } else if (kind === 'settle') {
        const call = life.open.shift();
        if (!call) return;
        const used = Math.min(call.amount, size);
        pay(life.owner, used);
        call.hold.settle([used]);
      } else if (kind === 'beat') await life.spender.flush(size % 2 ? 'usual' : 'none');
      else if (kind === 'pass') await pass(size * 700);
      else {
        processes[who] = born(); // its holds and what it did not state are gone; calls under way cost nothing more
        await pass(ttlMs);
      }
    };
    /** Who lives states more often than leases end; a lease that ends under a call is another matter. */
    const pass = async (ms: number): Promise<void> => {
      for (let left = ms; left > 0; left -= ttlMs / 2) {
        for (const { spender } of processes) await spender.flush('usual');
        lender.nowMs += Math.min(left, ttlMs / 2);
      }
      for (const { spender } of processes) await spender.flush('usual');
      await correct();
    };
    const end = async (): Promise<void> => {
      for (const { spender, open, owner } of processes) {
        for (const { hold, amount } of open) {
          pay(owner, amount);
          hold.settle([amount]);
        }
        await spender.close();
      }
      lender.nowMs += ttlMs;
      await correct();
    };
    return { act, end, spent: () => spent };
  }
});
