import type { DatabaseSync, SQLInputValue } from 'node:sqlite';
import type { Feedback } from '../core/record.ts';
import { idValue } from './row.ts';
import type { Rollups } from './query/rollups.ts';

/** Writes a score into the calls it is about, as far as they are in the tables. Inside a transaction. */
export function applyFeedback(database: DatabaseSync, rollups: Rollups, { about, score }: Feedback): void {
  const [condition, value] = conditionOf(about);
  const update = database.prepare(`UPDATE call AS c SET score_micro = ? WHERE ${condition}`);
  rollups.changing(condition, [value], () => update.run(Math.round(score * micro), value));
}

const micro = 1_000_000;

function conditionOf(about: Feedback['about']): readonly [sql: string, value: SQLInputValue] {
  if ('call' in about) return ['c.id = ?', idValue(about.call)];
  return 'task' in about ? ['c.task = ?', about.task] : ['c.session = ?', about.session];
}
