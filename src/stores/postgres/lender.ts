import type { LeaseAsk, LeaseGrant, Lender, Owner, Statement } from '../../core/stores.ts';
import { checkAmounts, checkAsks, checkId, checkIds, checkStatements } from '../checks.ts';
import { storeLimits, type Retention } from '../limits.ts';
import type { PostgresClient } from './client.ts';

/** bigint comes as text. */
interface StateRow {
  readonly id: string;
  readonly spent: string;
  readonly held: string;
}

/** How often those that only lease and state look for what has ended. */
const sweepEveryMs = 1000;

export function createPostgresLender({ query }: PostgresClient, purpose: string, { forgetAfterMs, deadOwnersMs }: Retention): Lender {
  const sweep = sweeper(async () => {
    const [row] = await query<{ done: boolean }>('SELECT @sweep($1, $2, $3) AS done', [purpose, forgetAfterMs, deadOwnersMs]);
    return row!.done;
  });
  const leaseOnce = async (owner: Owner, asks: readonly LeaseAsk[]): Promise<readonly LeaseGrant[]> => {
    const ttlMs = Math.max(0, ...asks.map(({ ttlMs }) => ttlMs));
    const values = [purpose, owner, ttlMs, ids(asks), asks.map(({ counter }) => counter.limit), ends(asks)];
    const rows = await query<{ _granted: string; _spent: string; _held: string }>('SELECT * FROM @lend($1, $2, $3, $4, $5, $6, $7, $8)', [
      ...values,
      asks.map(({ least }) => least),
      asks.map(({ wanted }) => wanted),
    ]);
    return rows.map(({ _granted, _spent, _held }, index) => ({
      granted: Number(_granted),
      state: { id: asks[index]!.counter.id, spent: Number(_spent), held: Number(_held) },
    }));
  };
  /** A refusal may be for want of what a dead owner held. */
  const leaseAll = async (owner: Owner, asks: readonly LeaseAsk[]): Promise<readonly LeaseGrant[]> => {
    checkAsks(owner, asks);
    await sweep.sometimes();
    const grants = await leaseOnce(owner, asks);
    const isShort = grants.some(({ granted }, index) => granted < asks[index]!.wanted);
    return isShort && grants.every(({ granted }) => granted === 0) && (await sweep.run()) ? leaseOnce(owner, asks) : grants;
  };
  return {
    leaseAll,
    lease: async (owner, ask) => (await leaseAll(owner, [ask]))[0]!,
    async state(owner, statements, ttlMs) {
      checkStatements(owner, statements);
      checkAmounts({ ttlMs });
      await sweep.sometimes();
      const values = [purpose, owner, ttlMs, forgetAfterMs, ...columns(statements)];
      const [row] = await query<{ kept: readonly string[] }>('SELECT @say($1, $2, $3, $4, $5, $6, $7, $8) AS kept', values);
      return row!.kept.map(Number);
    },
    async correct(owner, statements) {
      checkStatements(owner, statements);
      await query('SELECT @correct($1, $2, $3, $4, $5, $6)', [purpose, owner, ...columns(statements)]);
    },
    async set(id, spent) {
      checkId(id);
      checkAmounts({ spent });
      await query('SELECT @set_spent($1, $2, $3)', [purpose, id, spent]);
    },
    ...reading(query, purpose, sweep.run),
  };
}

function reading(
  query: PostgresClient['query'],
  purpose: string,
  sweep: () => Promise<boolean>,
): Pick<Lender, 'read' | 'list' | 'expired'> {
  return {
    async read(ids) {
      checkIds(ids);
      await sweep();
      const rows = await query<StateRow>(`${selectState} AND id = ANY($2)`, [purpose, ids]);
      const found = new Map(rows.map((row) => [row.id, row]));
      return ids.map((id) => stateOf(found.get(id) ?? { id, spent: '0', held: '0' }));
    },
    async list(prefix, limit) {
      await sweep();
      const sql = `${selectState} AND id >= $2 AND starts_with(id, $2) ORDER BY id LIMIT $3`;
      return (await query<StateRow>(sql, [purpose, prefix, Math.min(limit, storeLimits.listed)])).map(stateOf);
    },
    async expired() {
      await sweep();
      return query<{ owner: Owner; counters: string[] }>(
        'SELECT owner, array_agg(counter ORDER BY counter) AS counters FROM @share WHERE purpose = $1 AND open GROUP BY owner ORDER BY owner',
        [purpose],
      );
    },
  };
}

const selectState = 'SELECT id, spent, leased - spent AS held FROM @counter WHERE purpose = $1';
const stateOf = ({ id, spent, held }: StateRow) => ({ id, spent: Number(spent), held: Number(held) });

const ids = (items: readonly Pick<Statement, 'counter'>[]): readonly string[] => items.map(({ counter }) => counter.id);
const ends = (items: readonly Pick<Statement, 'counter'>[]) => items.map(({ counter }) => counter.endsAt ?? null);
const columns = (statements: readonly Statement[]) => [
  ids(statements),
  ends(statements),
  statements.map(({ spent }) => spent),
  statements.map(({ keep }) => keep),
];

/** Sweeps until nothing is left to do. Gives whether there was something. */
function sweeper(step: () => Promise<boolean>) {
  let last = -Infinity;
  const run = async (): Promise<boolean> => {
    last = performance.now();
    let steps = 0;
    while (await step()) steps += 1;
    return steps > 0;
  };
  return {
    run,
    sometimes: async (): Promise<void> => {
      if (performance.now() - last >= sweepEveryMs) await run();
    },
  };
}
