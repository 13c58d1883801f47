import { shown } from '../../allowance/amounts.ts';
import type { BudgetView } from '../../compose/budget-admin.ts';
import { askAdmin } from '../admin-client.ts';
import type { Run } from '../command.ts';
import { exitCodes, usageError } from '../errors.ts';
import { actOnRules, ruleActs, type RuleKind } from '../rule-acts.ts';
import { budgetFields } from '../rule-request.ts';
import { table, type Column } from '../table.ts';

const path = '/api/budgets';
const kind: RuleKind = { path: '/api/budget-rules', what: 'budget', command: 'budgets', fields: budgetFields };

/** How the budgets of a running gateway stand, changes of what they have counted, and budgets made by command. */
export const run: Run = async (given, terminal) => {
  const [action = 'list', name, amountOrSubject, setSubject] = given.words;
  const json = given.flag('json') === true;
  if (action === 'list') {
    const answer = (await askAdmin(given, terminal, path)) as { readonly budgets: readonly BudgetView[] };
    terminal.out(json ? `${JSON.stringify(answer)}\n` : listed(answer.budgets, terminal));
    return exitCodes.ok;
  }
  const act = ruleActs.find((one) => one === action);
  if (act) {
    await actOnRules(kind, act, given, terminal);
    return exitCodes.ok;
  }
  if (action !== 'reset' && action !== 'set')
    throw usageError(`\`budgets\` takes list, ${ruleActs.join(', ')}, reset or set, not ${action}`);
  if (name === undefined) throw usageError(`\`budgets ${action}\` needs the name of a budget`);
  const spent = action === 'set' ? amountOrSubject : '0';
  const subject = action === 'set' ? setSubject : amountOrSubject;
  if (spent === undefined || !/^\d+(\.\d+)?$/.test(spent)) throw usageError('`budgets set` needs what was spent, in USD or tokens');
  const answer = (await askAdmin(given, terminal, path, { name, spent, ...(subject !== undefined && { subject }) })) as {
    readonly changed: readonly string[];
  };
  terminal.out(json ? `${JSON.stringify(answer)}\n` : `${name}: ${spent} spent now, for ${answer.changed.join(', ')}\n`);
  return exitCodes.ok;
};

function listed(budgets: readonly BudgetView[], { columns: width, paint }: Parameters<Run>[1]): string {
  if (budgets.length === 0) return 'There are no budgets. `modicum budgets add NAME` makes one.\n';
  const amount = (of: (view: BudgetView) => number | null): readonly string[] =>
    budgets.map((view) => {
      const value = of(view);
      return value === null ? '-' : shown(view.unit, value);
    });
  const left = (title: string, cells: readonly string[], rank?: number): Column => ({
    title,
    align: 'left',
    cells,
    ...(rank !== undefined && { rank }),
  });
  const right = (title: string, cells: readonly string[], rank?: number): Column => ({ ...left(title, cells, rank), align: 'right' });
  return table(
    [
      left(
        'budget',
        budgets.map(({ name }) => name),
      ),
      left(
        'of',
        budgets.map(({ subject }) => subject),
      ),
      right(
        'spent',
        amount(({ spent }) => spent),
      ),
      right(
        'held',
        amount(({ held }) => held),
        3,
      ),
      right(
        'left',
        amount((view) => view.left),
      ),
      right(
        'limit',
        amount(({ limit }) => limit),
      ),
      left(
        'window',
        budgets.map(({ window }) => window),
        2,
      ),
      left(
        'resets',
        budgets.map(({ resetsAt }) => minuteOf(resetsAt)),
        4,
      ),
      left(
        'spent by',
        budgets.map(({ exhaustsAt }) => minuteOf(exhaustsAt)),
        5,
      ),
    ],
    { width, paint },
  );
}

const minuteOf = (time: string | null): string => (time === null ? '-' : time.slice(0, 16).replace('T', ' '));
