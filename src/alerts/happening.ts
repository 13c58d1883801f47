import { clippedSubject } from './figures-asked.ts';
import type { Finding } from './machine.ts';
import type { AlertRule, Happening } from './rule.ts';

/** Something that came about by itself. */
export interface Happened {
  readonly event: Exclude<Happening, 'cacheHitCollapse'> | 'budget';
  readonly subject: string;
  readonly sentence: string;
  readonly level?: number;
  /** When it is over by itself, epoch ms. */
  readonly endsAt: number | undefined;
  /** It is over now. */
  readonly isOver?: boolean;
  readonly budget?: { readonly name: string; readonly kind: 'threshold' | 'forecast' | 'refused'; readonly percent: number };
}

/** Happenings that wait to be looked at; of more, new subjects are left out. */
export const maxWaitingHappenings = 500;

/** What is waiting: one entry for each subject, the worst of it. */
export class Inbox {
  readonly #waiting = new Map<string, Happened>();

  get size(): number {
    return this.#waiting.size;
  }

  put(happened: Happened): void {
    const subject = clippedSubject(happened.subject);
    const kind = happened.budget?.kind === 'forecast' ? 'forecast' : '';
    const key = `${happened.event}|${kind}|${subject}`;
    const known = this.#waiting.get(key);
    if (known && (known.level ?? 0) > (happened.level ?? 0) && !happened.isOver) return;
    if (!known && this.#waiting.size >= maxWaitingHappenings) return;
    this.#waiting.set(key, { ...happened, subject });
  }

  take(): readonly Happened[] {
    const taken = [...this.#waiting.values()];
    this.#waiting.clear();
    return taken;
  }
}

/** What a rule makes of it; `undefined`: nothing. */
export function findingFor({ when }: AlertRule, happened: Happened): Finding | undefined {
  const { event, subject, sentence, level, endsAt, isOver = false, budget } = happened;
  const finding: Finding = { subject, isBad: !isOver, sentence, endsAt, ...(level !== undefined && { level }) };
  if (when.kind === 'event') return when.event === event ? finding : undefined;
  if (when.kind !== 'budget' || !budget || (when.budget !== '*' && when.budget !== budget.name)) return undefined;
  if (budget.kind === 'forecast') return when.forecast ? { ...finding, subject: clippedSubject(`${subject} forecast`) } : undefined;
  if (budget.kind === 'refused') return when.at.some((mark) => mark <= 100) ? { ...finding, level: Math.max(100, budget.percent) } : undefined; // prettier-ignore
  const passed = when.at.filter((mark) => mark <= budget.percent);
  return passed.length === 0 ? undefined : { ...finding, level: Math.max(...passed) };
}
