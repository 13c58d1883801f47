import { useState } from 'react';
import type { BudgetView } from '../../src/compose/budget-admin.ts';
import { get, post } from '../api/client.ts';
import { useLoaded } from '../api/use-loaded.ts';
import { count, percent } from '../format/count.ts';
import { nanoMoney } from '../format/money.ts';
import { absolute, relative } from '../format/time.ts';
import { Choice, Pick } from '../parts/choice.tsx';
import { Copyable } from '../parts/copyable.tsx';
import { Dialog } from '../parts/dialog.tsx';
import { NewKey } from '../parts/new-key.tsx';
import { Page } from '../parts/page.tsx';
import { Empty, Fault, Shown } from '../parts/states.tsx';
import { Table } from '../parts/table.tsx';
import { useAct } from '../parts/use-act.ts';

interface Budgets {
  readonly budgets: readonly BudgetView[];
}

export default function BudgetsPage() {
  const loaded = useLoaded('budgets', (signal) => get<Budgets>('/api/budgets', signal), 10_000);
  const [isNew, setNew] = useState(false);
  const add = (
    <button type="button" className="button primary" onClick={() => setNew(true)}>
      New budget
    </button>
  );
  return (
    <Page name="Budgets" lead={loaded.value ? leadOf(loaded.value.budgets) : <>&nbsp;</>} tools={add}>
      <Shown loaded={loaded}>
        {({ budgets }) => (budgets.length === 0 ? <NoBudgets /> : <Burn budgets={budgets} onReset={loaded.reload} />)}
      </Shown>
      {isNew && <NewBudget onClose={() => setNew(false)} onMade={loaded.reload} />}
    </Page>
  );
}

function leadOf(budgets: readonly BudgetView[]): string {
  const running = budgets.filter(({ exhaustsAt }) => exhaustsAt !== null).toSorted((a, b) => (a.exhaustsAt! < b.exhaustsAt! ? -1 : 1));
  const [first] = running;
  if (budgets.length === 0) return 'Nothing holds spending back: there is no budget.';
  const spent = budgets.filter(({ left }) => left === 0).length;
  if (spent > 0) return `${spent} of ${budgets.length} budgets ${spent === 1 ? 'is' : 'are'} spent.`;
  if (first) return `Budget ${nameOf(first)} runs out ${relative(Date.parse(first.exhaustsAt!), Date.now())} if this goes on.`;
  return budgets.length === 1
    ? `Budget ${nameOf(budgets[0]!)} will not run out within its window.`
    : `None of ${budgets.length} budgets will run out within its window.`;
}

const nameOf = ({ name, subject }: BudgetView): string => (subject === 'all' ? name : `${name}, ${subject}`);

const amountOf = (unit: BudgetView['unit'], amount: number | null): string =>
  amount === null ? 'by the client' : unit === 'usd' ? nanoMoney(amount) : count(amount);

const yaml = `budgets:
  - name: monthly
    limit: { usd: 500 }
    window: month`;

const NoBudgets = () => (
  <Empty title="No budget yet.">
    <p className="quiet">
      A budget refuses, downgrades or warns before a call is made. Write it into the configuration; the gateway takes it up at once. Or give
      a key a budget of its own by New budget.
    </p>
    <Copyable text={yaml} label="budget for the configuration" />
  </Empty>
);

function Burn({ budgets, onReset }: { readonly budgets: readonly BudgetView[]; readonly onReset: () => void }) {
  const { run, error } = useAct();
  const reset = ({ name, subject }: BudgetView): void =>
    run(async () => {
      await post('/api/budgets', { name, subject, spent: '0' });
      onReset();
    });
  return (
    <>
      {error && <Fault error={error} />}
      <Table
        label="Budgets"
        file="budgets"
        rows={budgets}
        keyOf={nameOf}
        columns={[
          { name: 'Budget', cell: nameOf, value: nameOf },
          { name: 'Window', cell: ({ window }) => window },
          { name: 'When spent', cell: ({ action }) => action },
          { name: 'Burn', cell: (budget) => <Bar budget={budget} />, text: ({ spent, limit }) => `${spent} of ${limit ?? ''}` },
          { name: 'Spent', isFigure: true, cell: ({ unit, spent }) => amountOf(unit, spent), value: ({ spent }) => spent },
          { name: 'Limit', isFigure: true, cell: ({ unit, limit }) => amountOf(unit, limit), value: ({ limit }) => limit },
          { name: 'Runs out', cell: ({ exhaustsAt }) => <When iso={exhaustsAt} none="not within its window" /> },
          { name: 'Begins anew', cell: ({ resetsAt }) => <When iso={resetsAt} none="" /> },
          {
            name: 'Change',
            cell: (budget) => (
              <button type="button" className="button plain small" disabled={budget.spent === 0} onClick={() => reset(budget)}>
                Set to 0
              </button>
            ),
            text: () => '',
          },
        ]}
      />
    </>
  );
}

function Bar({ budget: { spent, held, limit } }: { readonly budget: BudgetView }) {
  if (limit === null) return null;
  const share = (amount: number): string => `${Math.min(100, (amount / Math.max(1, limit)) * 100)}%`;
  return (
    <span className={spent >= limit ? 'burn over' : 'burn'} role="img" aria-label={`${percent(spent / Math.max(1, limit))} spent`}>
      <span className="spent" style={{ width: share(spent) }} />
      <span className="held" style={{ width: share(held) }} />
    </span>
  );
}

function When({ iso, none }: { readonly iso: string | null; readonly none: string }) {
  if (iso === null) return <span className="quiet">{none}</span>;
  return <span title={absolute(Date.parse(iso))}>{relative(Date.parse(iso), Date.now())}</span>;
}

const scopes = [
  ['all', 'everything'],
  ['app', 'each app'],
  ['team', 'each team'],
  ['user', 'each user'],
  ['session', 'each session'],
  ['task', 'each task'],
] as const;
const windows = [
  ['day', 'a day'],
  ['week', 'a week'],
  ['month', 'a month'],
  ['total', 'for ever'],
] as const;

function NewBudget({ onClose, onMade }: { readonly onClose: () => void; readonly onMade: () => void }) {
  const [kind, setKind] = useState<'key' | 'config'>('key');
  return (
    <Dialog title="New budget" onClose={onClose}>
      <Choice
        label="For what"
        options={[
          ['key', 'For a new key'],
          ['config', 'For apps, teams or all'],
        ]}
        chosen={kind}
        onChoose={setKind}
      />
      {kind === 'key' ? <NewKey needsBudget onMade={onMade} /> : <Written />}
    </Dialog>
  );
}

/** Budgets by label stand in the configuration, so that they are reviewed and kept with it; here they are only written out. */
function Written() {
  const [of, setOf] = useState<(typeof scopes)[number][0]>('app');
  const [usd, setUsd] = useState('50');
  const [window, setWindow] = useState<(typeof windows)[number][0]>('month');
  const match = of === 'all' ? '' : `\n    match: { ${of}: '*' }`;
  return (
    <>
      <div className="toolbar">
        <Pick label="Holds" options={scopes} chosen={of} onChoose={setOf} />
        <label>
          to $
          <input type="number" min="0" step="any" size={6} value={usd} onChange={({ target }) => setUsd(target.value)} />
        </label>
        <Pick label="for" options={windows} chosen={window} onChoose={setWindow} />
      </div>
      <p className="small">For the configuration; saved there, it holds at once, without a restart:</p>
      <Copyable
        text={`budgets:\n  - name: ${of}-${window}${match}\n    limit: { usd: ${usd || 0} }\n    window: ${window}`}
        label="budget for the configuration"
      />
    </>
  );
}
