import type { BudgetView } from '../../src/compose/budget-admin.ts';
import { get } from '../api/client.ts';
import type { Status } from '../api/status.ts';
import { useLoaded } from '../api/use-loaded.ts';
import { useQuery } from '../api/use-query.ts';
import { wholeCount } from '../format/count.ts';
import { relative } from '../format/time.ts';
import { startOfDay } from '../state/range.ts';
import { useSpan } from '../state/use-span.ts';
import { Link } from './link.tsx';
import { Shown } from './states.tsx';
import { Table } from './table.tsx';

interface Finding {
  readonly what: string;
  readonly says: string;
  readonly href: string;
}

const refreshMs = 10_000;

/** What stands out now, watched or not: budgets, providers, the ledger, prices. */
export function StandsOut() {
  const { now } = useSpan();
  const status = useLoaded('status', (signal) => get<Status>('/api/status', signal), refreshMs);
  const budgets = useLoaded('budgets', (signal) => get<{ readonly budgets: readonly BudgetView[] }>('/api/budgets', signal), refreshMs);
  const unpriced = useQuery({ measures: ['unpricedCalls'], from: startOfDay(now) });
  const found = [
    ...(status.value ? ofStatus(status.value) : []),
    ...(budgets.value?.budgets ?? []).flatMap((budget) => ofBudget(budget, now)),
    ...ofPrices(Number(unpriced.value?.totals.values[0] ?? 0)),
  ];
  if (status.value && found.length === 0)
    return <p className="quiet">Budgets have room, all providers are asked, the ledger keeps up, and all calls of today have a price.</p>;
  return (
    <Shown loaded={status}>
      {() => (
        <Table
          label="What stands out"
          rows={found}
          keyOf={({ what, says }) => what + says}
          columns={[
            { name: 'What', cell: ({ what, href }) => <Link href={href}>{what}</Link>, value: ({ what }) => what },
            { name: 'Says', cell: ({ says }) => says },
          ]}
        />
      )}
    </Shown>
  );
}

function ofStatus({ ledger, state, deployments }: Status): readonly Finding[] {
  const href = '/ui/settings';
  const failing = Object.entries(deployments).filter(([, { breaker }]) => breaker !== 'closed');
  return [
    ...(ledger.ok ? [] : [{ what: 'Ledger', says: ledger.lastError ?? 'It does not keep up.', href }]),
    ...(state.fault ? [{ what: 'State', says: `The store of keys and budgets is away: ${state.fault}`, href }] : []),
    ...failing.map(([name, { breaker }]) => ({ what: name, says: `Too many calls failed there; its breaker is ${breaker}.`, href })),
  ];
}

function ofBudget({ name, subject, left, exhaustsAt }: BudgetView, now: number): readonly Finding[] {
  const what = `Budget ${subject === 'all' ? name : `${name}, ${subject}`}`;
  if (left === 0) return [{ what, says: 'It is spent.', href: '/ui/budgets' }];
  if (exhaustsAt === null) return [];
  return [{ what, says: `It runs out ${relative(Date.parse(exhaustsAt), now)} if this goes on.`, href: '/ui/budgets' }];
}

function ofPrices(unpriced: number): readonly Finding[] {
  if (unpriced === 0) return [];
  const says = `${wholeCount(unpriced)} calls of today have no known price, and stand in no sum.`;
  return [{ what: 'Prices', says, href: '/ui/explore?measure=unpricedCalls&by=model&range=today' }];
}
