import { GatewayError } from '../../core/errors.ts';
import type { KeyView } from '../../keys/view.ts';
import type { Arguments } from '../arguments.ts';
import type { Run } from '../command.ts';
import { exitCodes, failure, usageError } from '../errors.ts';
import { openKeyDesk, type IssuedView, type KeyDesk } from '../key-desk.ts';
import { durationIn, keyFields } from '../key-request.ts';
import { table, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface Asked {
  readonly desk: KeyDesk;
  readonly given: Arguments;
  readonly terminal: Terminal;
}
type Action = (asked: Asked, name: string) => Promise<{ readonly answer: object; readonly text: string }>;

/** Makes, lists, rotates, revokes and changes virtual keys. */
export const run: Run = async (given, terminal) => {
  const [action = 'list', name = ''] = given.words;
  const act = Object.hasOwn(actions, action) ? actions[action] : undefined;
  if (!act) throw usageError(`\`keys\` takes ${Object.keys(actions).join(', ')}, not "${action}"`);
  if (name === '' && action !== 'list') throw usageError(`\`keys ${action}\` needs a name; see \`modicum help keys\``);
  const desk = await openKeyDesk(given, terminal);
  try {
    const { answer, text } = await act({ desk, given, terminal }, name);
    terminal.out(given.flag('json') ? `${JSON.stringify(answer)}\n` : text);
  } catch (error) {
    throw error instanceof GatewayError ? failure(error.message, error) : error;
  } finally {
    await desk.close();
  }
  return exitCodes.ok;
};

const actions: Readonly<Record<string, Action>> = {
  async list({ desk, terminal }) {
    const keys = await desk.list();
    return { answer: { keys }, text: listed(keys, terminal) };
  },
  async create({ desk, given, terminal }, name) {
    const issued = await desk.create({ name, ...keyFields(given, Date.now()) });
    return { answer: issued, text: secretText(issued, terminal, 'was made') };
  },
  async rotate({ desk, given, terminal }, name) {
    const overlap = given.text('overlap');
    const issued = await desk.rotate(name, overlap === undefined ? undefined : durationIn('overlap', overlap));
    const until = issued.key.formerUntil;
    const note = until === undefined ? 'The former secret ends now.' : `The former secret goes on until ${minuteOf(until)}.`;
    return { answer: issued, text: `${secretText(issued, terminal, 'has a new secret')}${note}\n` };
  },
  async revoke({ desk }, name) {
    const key = await desk.revoke(name);
    return { answer: { key }, text: `${key.name} (${key.id}) is revoked.\n` };
  },
  async update({ desk, given }, name) {
    const before = (await desk.list()).find((key) => key.id === name || key.name === name);
    const renamed = given.text('name');
    const fields = { ...keyFields(given, Date.now(), before), ...(renamed !== undefined && { name: renamed }) };
    if (Object.keys(fields).length === 0) throw usageError('`keys update` needs something to change; see `modicum help keys`');
    const key = await desk.update(name, fields);
    return { answer: { key }, text: `${key.name} (${key.id}) is changed.\n` };
  },
};

const secretText = ({ key, secret }: IssuedView, { paint }: Terminal, what: string): string =>
  `${key.name} (${key.id}) ${what}. This is its secret, and it is shown only now:\n\n  ${paint('bold', secret)}\n\n`;

function listed(keys: readonly KeyView[], { columns: width, paint }: Terminal): string {
  if (keys.length === 0) return 'There are no keys. `modicum keys create NAME` makes one; from then on every call needs one.\n';
  const column = (title: string, cell: (key: KeyView) => string, rank?: number): Column => ({
    title,
    align: 'left',
    cells: keys.map(cell),
    ...(rank !== undefined && { rank }),
  });
  return table(
    [
      column('name', ({ name }) => name),
      column('id', ({ id }) => id, 4),
      column('state', ({ state }) => state),
      column('ends with', ({ hint }) => `...${hint}`, 2),
      column('expires', ({ expiresAt }) => (expiresAt === undefined ? '-' : minuteOf(expiresAt)), 3),
      column('for', ({ scopes }) => scopeText(scopes), 1),
    ],
    { width, paint },
  );
}

const scopeText = (scopes: KeyView['scopes']): string => {
  const parts = Object.entries(scopes).map(([scope, entries]) => `${scope}: ${(entries as readonly string[]).join(' ')}`);
  return parts.length === 0 ? 'all' : parts.join('; ');
};

const minuteOf = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
