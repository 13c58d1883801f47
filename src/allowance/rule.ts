import { createHash } from 'node:crypto';
import type { Account } from './purse.ts';
import { subjectFinder, type Match, type Who } from './subject.ts';
import { windowFinder, type Window, type WindowName } from './window.ts';

export interface RuleOptions {
  /** `budget/monthly`: what ids begin with. */
  readonly prefix: string;
  readonly match: Match;
  readonly limit: number;
  readonly window: WindowName;
  readonly timeZone?: string;
  /** Counted, never refused. */
  readonly isSoft?: boolean;
}

/** A counter of a rule, found for a call. */
export interface Found {
  readonly account: Account;
  readonly subject: string;
  readonly window: Window;
}

/** The counters of one rule. */
export interface Rule {
  /** The counter a call belongs to; `undefined`: the rule is not for it. */
  readonly find: (who: Who, nowMs: number) => Found | undefined;
  readonly windowAt: (nowMs: number) => Window;
}

/** Counters remembered, so that a call costs no text put together for it. */
const maxRemembered = 10_000;

export function ruleOf({ prefix, match, limit, window, timeZone = 'UTC', isSoft = false }: RuleOptions): Rule {
  const subjectOf = subjectFinder(match);
  const windowAt = windowFinder(window, timeZone);
  const remembered = new Map<string, Found>();
  const find: Rule['find'] = (who, nowMs) => {
    const subject = subjectOf(who);
    if (subject === undefined) return undefined;
    const now = windowAt(nowMs);
    const known = remembered.get(subject);
    if (known?.window === now) return known;
    const idOf = (key: string): string => `${prefix}/${bounded(subject)}/${key}`;
    const account: Account = { id: idOf(now.key), limit, endsAt: now.endsAt, before: now.before.map(idOf), isSoft };
    const found: Found = { account, subject, window: now };
    if (remembered.size >= maxRemembered) remembered.clear();
    remembered.set(subject, found);
    return found;
  };
  return { find, windowAt };
}

/** Stores take ids of 1 KiB: of longer subjects the beginning is kept, and a hash that tells them apart. */
const maxSubject = 600;
const bounded = (subject: string): string =>
  subject.length <= maxSubject ? subject : `${subject.slice(0, 200)}~${createHash('sha256').update(subject).digest('hex')}`;
