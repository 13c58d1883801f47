import type { AlertMessage } from '../../alerts/message.ts';
import { headOf } from '../../alerts/message.ts';
import type { AlertsAnswer, AlertView } from '../../compose/alerts.ts';
import { askAdmin } from '../admin-client.ts';
import type { Run } from '../command.ts';
import { exitCodes, usageError, type ExitCode } from '../errors.ts';
import { table, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';

const path = '/api/alerts';

/** Alerts of a running gateway. */
export const run: Run = async (given, terminal) => {
  const [action = 'list', name, time] = given.words;
  const print = (answer: unknown, text: string): void => terminal.out(given.flag('json') ? `${JSON.stringify(answer)}\n` : text);
  if (action === 'list') {
    const answer = (await askAdmin(given, terminal, path)) as AlertsAnswer;
    print(answer, listed(answer, terminal));
    return exitCodes.ok;
  }
  if (action === 'history') {
    const answer = (await askAdmin(given, terminal, `${path}/history`)) as { readonly messages: readonly AlertMessage[] };
    print(answer, answer.messages.length === 0 ? 'Nothing was told yet.\n' : answer.messages.map(told).join(''));
    return exitCodes.ok;
  }
  if (action !== 'test' && action !== 'silence') throw usageError(`\`alerts\` takes list, test, silence or history, not ${action}`);
  if (name === undefined) throw usageError(`\`alerts ${action}\` needs the name of an alert`);
  if (action === 'silence' && time === undefined) throw usageError('`alerts silence` needs a time such as 4h, or 0');
  const answer = await askAdmin(given, terminal, `${path}/${encodeURIComponent(name)}/${action}`, action === 'test' ? {} : { for: time });
  if (action === 'test') return tried(answer as Tried, print);
  const { silencedUntil } = answer as { readonly silencedUntil: string | null };
  print(answer, `${name}: ${silencedUntil === null ? 'told again' : `silent until ${minuteOf(silencedUntil)} UTC`}\n`);
  return exitCodes.ok;
};

interface Tried {
  readonly channels: readonly { readonly channel: string; readonly error: string | null }[];
}

function tried(answer: Tried, print: (answer: unknown, text: string) => void): ExitCode {
  const { channels } = answer;
  print(
    answer,
    channels.length === 0 ? 'It goes to no channel.\n' : channels.map(({ channel, error }) => `${channel}: ${error ?? 'taken'}\n`).join(''),
  );
  return channels.every(({ error }) => error === null) ? exitCodes.ok : exitCodes.failed;
}

const told = (message: AlertMessage): string => `${minuteOf(message.at)}  ${headOf(message)}\n    ${message.text}\n`;
const minuteOf = (time: string): string => time.slice(0, 16).replace('T', ' ');

/** One row for what stands, one for each alert that is well. */
function listed({ alerts, channels }: AlertsAnswer, { columns: width, paint }: Pick<Terminal, 'columns' | 'paint'>): string {
  if (alerts.length === 0) return 'There are no alerts.\n';
  const rows = alerts.flatMap((alert) => rowsOf(alert));
  const column = (title: string, cell: (row: Row) => string, rank?: number): Column => ({
    title,
    align: 'left',
    cells: rows.map(cell),
    ...(rank !== undefined && { rank }),
  });
  const text = table(
    [
      column('alert', ({ alert }) => alert.name),
      column('state', ({ state }) => state),
      column('of', ({ subject }) => subject),
      column('since', ({ since }) => since, 4),
      column('severity', ({ alert }) => alert.severity, 3),
      column('to', ({ alert }) => alert.to.join(', ') || '-', 2),
      column('from', ({ alert }) => alert.origin, 1),
    ],
    { width, paint },
  );
  const sentences = rows.flatMap(({ sentence }) => (sentence === '' ? [] : [`${sentence}\n`]));
  const broken = channels.flatMap(({ channel, lastError }) => (lastError === null ? [] : [`The channel ${channel}: ${lastError}.\n`]));
  return [text, ...sentences, ...broken].join('');
}

interface Row {
  readonly alert: AlertView;
  readonly state: string;
  readonly subject: string;
  readonly since: string;
  readonly sentence: string;
}

function rowsOf(alert: AlertView): readonly Row[] {
  const silenced = alert.silencedUntil === null ? '' : ', silenced';
  if (alert.states.length === 0) return [{ alert, state: `ok${silenced}`, subject: '-', since: '-', sentence: '' }];
  return alert.states.map(({ phase, subject, since, sentence }) => ({
    alert,
    state: `${phase}${silenced}`,
    subject,
    since: minuteOf(new Date(since).toISOString()),
    sentence,
  }));
}
