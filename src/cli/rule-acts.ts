import type { RuleView } from '../compose/rule-admin.ts';
import { askAdmin } from './admin-client.ts';
import type { Arguments } from './arguments.ts';
import { usageError } from './errors.ts';
import { table, type Column } from './table.ts';
import type { Terminal } from './terminal.ts';

/** Rules of one kind, as a command changes them at a running gateway. */
export interface RuleKind {
  /** Of the admin API. */
  readonly path: '/api/budget-rules' | '/api/limit-rules';
  /** `budget` */
  readonly what: string;
  /** The command: `budgets`. */
  readonly command: string;
  readonly fields: (given: Arguments, isChange: boolean) => Readonly<Record<string, unknown>>;
}

export const ruleActs = ['rules', 'add', 'update', 'remove'] as const;
export type RuleAct = (typeof ruleActs)[number];

/** Does it, and says what was done. @throws {CliError} with what the gateway says, or when something is missing */
export async function actOnRules(kind: RuleKind, act: RuleAct, given: Arguments, terminal: Terminal): Promise<void> {
  const { path, what, command } = kind;
  const show = (answer: object, text: string): void => terminal.out(given.flag('json') ? `${JSON.stringify(answer)}\n` : text);
  if (act === 'rules') {
    const answer = (await askAdmin(given, terminal, path)) as { readonly rules: readonly RuleView[] };
    return show(answer, listed(answer.rules, kind, terminal));
  }
  const name = given.words[1];
  if (name === undefined) throw usageError(`\`${command} ${act}\` needs the name of a ${what}`);
  const own = `${path}/${encodeURIComponent(name)}`;
  if (act === 'remove') return show((await askAdmin(given, terminal, own, undefined, 'DELETE')) as object, `${name} is removed.\n`);
  const fields = kind.fields(given, act === 'update');
  if (Object.keys(fields).length === 0)
    throw usageError(`\`${command} ${act}\` needs what the ${what} is; see \`modicum help ${command}\``);
  const asked = act === 'add' ? askAdmin(given, terminal, path, { name, ...fields }) : askAdmin(given, terminal, own, fields, 'PATCH');
  show((await asked) as object, `${name} is ${act === 'add' ? 'added' : 'changed'}, and holds from now on.\n`);
}

function listed(rules: readonly RuleView[], { command, what }: RuleKind, { columns: width, paint }: Terminal): string {
  if (rules.length === 0) return `There are no ${command}. \`modicum ${command} add NAME\` makes a ${what}.\n`;
  const column = (title: string, cell: (rule: RuleView) => string): Column => ({ title, align: 'left', cells: rules.map(cell) });
  return table(
    [
      column(what, ({ name }) => name),
      column('from', ({ source, isHidden }) => (isHidden ? `${source}, hidden by the configuration` : source)),
      column('rule', textOf),
    ],
    { width, paint },
  );
}

const shownBefore = new Set(['name', 'source', 'isHidden']);

const textOf = (rule: RuleView): string =>
  Object.entries(rule)
    .filter(([field]) => !shownBefore.has(field))
    .map(([field, value]) => `${field} ${valueText(value as unknown)}`)
    .join('; ');

const valueText = (value: unknown): string =>
  typeof value !== 'object' || value === null
    ? String(value)
    : Object.entries(value)
        .map(([field, part]) => `${field}=${String(part)}`)
        .join(',') || 'all';
