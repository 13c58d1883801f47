import { askAdmin } from '../admin-client.ts';
import type { Run } from '../command.ts';
import { exitCodes, usageError } from '../errors.ts';

/** Sends one piece of feedback to a running gateway. */
export const run: Run = async (given, terminal) => {
  const about = (['call', 'task', 'session'] as const).flatMap((name) => {
    const value = given.text(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  if (about.length !== 1) throw usageError('feedback: name one of --call, --task and --session');
  const text = given.text('score');
  if (text === undefined || text.trim() === '' || !Number.isFinite(Number(text))) throw usageError('feedback: --score needs a number');
  const more = (['id', 'label', 'comment'] as const).flatMap((name) => {
    const value = given.text(name);
    return value === undefined ? [] : [[name, value] as const];
  });
  const answer = await askAdmin(given, terminal, '/api/feedback', { ...Object.fromEntries([...about, ...more]), score: Number(text) });
  const [[kind, value]] = about as [readonly [string, string]];
  terminal.out(given.flag('json') ? `${JSON.stringify(answer)}\n` : `Score ${Number(text)} for the ${kind} ${value} is recorded.\n`);
  return exitCodes.ok;
};
