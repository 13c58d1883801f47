import { shown } from '../../allowance/amounts.ts';
import type { BudgetEvent } from './options.ts';

const at = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');

/** One sentence for people. */
export function eventText({ kind, budget, subject, unit, spent, limit, percent, resetsAt, exhaustsAt }: BudgetEvent): string {
  const name = `budget "${budget}"${subject === 'all' ? '' : ` of ${subject}`}`;
  const state = `${shown(unit, spent)} of ${shown(unit, limit)} spent`;
  const reset = resetsAt === undefined ? '' : `; it resets at ${at(resetsAt)} UTC`;
  if (kind === 'forecast') return `${name} will be spent on ${at(exhaustsAt!)} UTC if this goes on: ${state}${reset}`;
  if (kind === 'refused') return `${name} has refused its first call: ${state}${reset}`;
  return `${name} has passed ${percent} %: ${state}${reset}`;
}
