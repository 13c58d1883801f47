import type { Counter, CounterState, LeaseAsk, LeaseGrant, Lender, Owner, Statement } from '../../core/stores.ts';
import { checkAmounts, checkAsks, checkId, checkIds, checkStatements } from '../checks.ts';
import { storeLimits, type Retention } from '../limits.ts';
import type { RedisClient } from './client.ts';
import { lenderScripts } from './scripts.ts';

/** A lender by scripts. `tag` is the hash tag its keys begin with, such as `{modicum:budgets}`. */
export function createRedisLender(client: RedisClient, tag: string, { forgetAfterMs, deadOwnersMs }: Retention): Lender {
  const run = async (script: keyof typeof lenderScripts, ...values: readonly (string | number)[]): Promise<readonly string[]> =>
    (await client.script(lenderScripts[script], [tag], [forgetAfterMs, deadOwnersMs, ...values])) as readonly string[];

  const leaseAll = async (owner: Owner, asks: readonly LeaseAsk[]): Promise<readonly LeaseGrant[]> => {
    checkAsks(owner, asks);
    const ttlMs = Math.max(0, ...asks.map(({ ttlMs }) => ttlMs));
    const values = asks.flatMap(({ counter, least, wanted }) => [counter.id, counter.limit, endOf(counter), least, wanted]);
    const answer = await run('lease', owner, ttlMs, ...values);
    return asks.map(({ counter: { id } }, index) => {
      const [granted, spent, held] = answer.slice(3 * index, 3 * index + 3);
      return { granted: Number(granted), state: { id, spent: Number(spent), held: Number(held) } };
    });
  };
  return {
    leaseAll,
    lease: async (owner, ask) => (await leaseAll(owner, [ask]))[0]!,
    async state(owner, statements, ttlMs) {
      checkStatements(owner, statements);
      checkAmounts({ ttlMs });
      return (await run('say', owner, ttlMs, ...flatten(statements))).map(Number);
    },
    async correct(owner, statements) {
      checkStatements(owner, statements);
      await run('correct', owner, ...flatten(statements));
    },
    async set(id, spent) {
      checkId(id);
      checkAmounts({ spent });
      await run('set', id, spent);
    },
    async read(ids) {
      checkIds(ids);
      const answer = await run('read', ...ids);
      return ids.map((id, index) => ({ id, spent: Number(answer[2 * index]), held: Number(answer[2 * index + 1]) }));
    },
    list: async (prefix, limit) => listed(await run('list', prefix, Math.min(limit, storeLimits.listed))),
    async expired() {
      const owners = (await run('expired')) as readonly unknown[] as readonly (readonly [Owner, readonly string[]])[];
      return owners.map(([owner, counters]) => ({ owner, counters }));
    },
  };
}

const endOf = ({ endsAt }: Counter): string => (endsAt === undefined ? '' : String(endsAt));

const flatten = (statements: readonly Statement[]): readonly (string | number)[] =>
  statements.flatMap(({ counter, spent, keep }) => [counter.id, endOf(counter), spent, keep]);

function listed(answer: readonly string[]): readonly CounterState[] {
  const states: CounterState[] = [];
  for (let at = 0; at < answer.length; at += 3)
    states.push({ id: answer[at]!, spent: Number(answer[at + 1]), held: Number(answer[at + 2]) });
  return states;
}
