import { isSum } from './figure.ts';
import { filterText } from './figures-asked.ts';
import { findingFor, Inbox, type Happened } from './happening.ts';
import type { Judge } from './judge.ts';
import { step, type AlertState, type Finding, type Pace, type Step } from './machine.ts';
import type { AlertMemory } from './memory.ts';
import type { AlertMessage } from './message.ts';
import { maxSubjects, type AlertRule, type Condition } from './rule.ts';

export interface AlerterOptions {
  /** Of now: a reload and the admin API change them. */
  readonly rules: () => Promise<readonly AlertRule[]>;
  readonly judge: Judge;
  readonly memory: AlertMemory;
  readonly send: (message: AlertMessage, to: readonly string[]) => void;
  /** Epoch ms. */
  readonly now: () => number;
  readonly newId: () => string;
  /** Between two evaluations, ms. */
  readonly intervalMs: () => number;
  /** Epoch ms until which a rule is silenced. */
  readonly silences: () => Promise<Readonly<Record<string, number>>>;
  /** Where the dashboard is, without a slash at the end. */
  readonly dashboard: () => string;
  readonly failed: (rule: string, error: unknown) => void;
}

export interface Alerter {
  /** Takes it up with the next tick. Never throws. */
  readonly happened: (happened: Happened) => void;
  readonly hasWaiting: () => boolean;
  /** Evaluates what is due and tells what is to be told; false where another process is at it. @throws when the store is away */
  readonly tick: () => Promise<boolean>;
}

interface Tick {
  readonly nowMs: number;
  readonly silences: Readonly<Record<string, number>>;
  readonly messages: AlertMessage[];
}

export function createAlerter(options: AlerterOptions): Alerter {
  const { memory, now, rules, intervalMs, silences, send, judge, failed } = options;
  const inbox = new Inbox();

  const judged = async (rule: AlertRule, nowMs: number): Promise<readonly Finding[]> => {
    try {
      return await judge.judge(rule.name, rule.when, nowMs);
    } catch (error) {
      failed(rule.name, error);
      return [];
    }
  };

  const evaluate = async (): Promise<void> => {
    const nowMs = now();
    const [states, all, silenced] = await Promise.all([memory.states(), rules(), silences()]);
    const isDue = nowMs - states.evaluatedAt >= intervalMs();
    const happenings = inbox.take();
    if (!isDue && happenings.length === 0) return;
    const tick: Tick = { nowMs, silences: silenced, messages: [] };
    const byRule: Record<string, readonly AlertState[]> = {};
    for (const rule of all) {
      const asked = isDue ? await judged(rule, nowMs) : [];
      const came = happenings.flatMap((each) => findingFor(rule, each) ?? []);
      const next = stepped(options, rule, { known: states.byRule[rule.name] ?? [], findings: [...asked, ...came], isDue }, tick);
      if (next.length > 0) byRule[rule.name] = next;
    }
    await memory.saveStates({ evaluatedAt: isDue ? nowMs : states.evaluatedAt, byRule });
    await memory.remember(tick.messages);
    const channels = new Map(all.map(({ name, to }) => [name, to]));
    for (const message of tick.messages) send(message, channels.get(message.alert)!);
  };

  return {
    happened: (happened) => inbox.put(happened),
    hasWaiting: () => inbox.size > 0,
    tick: () => memory.alone(evaluate),
  };
}

interface Seen {
  readonly known: readonly AlertState[];
  readonly findings: readonly Finding[];
  readonly isDue: boolean;
}

/** States of all subjects of a rule, after what was found; of too many the worst stay. */
function stepped(options: AlerterOptions, rule: AlertRule, { known, findings, isDue }: Seen, tick: Tick): readonly AlertState[] {
  const before = new Map(known.map((state) => [state.subject, state]));
  const found = new Map(findings.map((finding) => [finding.subject, finding]));
  if (isDue) for (const state of known) if (!found.has(state.subject)) found.set(state.subject, unseen(rule.when, state, tick.nowMs));
  const pace: Pace = {
    nowMs: tick.nowMs,
    forMs: rule.forMs,
    remindMs: rule.remindMs,
    isSilenced: (tick.silences[rule.name] ?? 0) > tick.nowMs,
    newId: options.newId,
  };
  const after = new Map(before);
  for (const finding of found.values()) {
    const state = before.get(finding.subject);
    if (!state && after.size >= maxSubjects) continue;
    const next = step(state, finding, pace);
    if (next.state) after.set(finding.subject, next.state);
    else after.delete(finding.subject);
    if (next.tell) tick.messages.push(messageOf(options, rule, { finding, state, next }, tick.nowMs));
  }
  return [...after.values()];
}

/** Of a subject that nothing was said about now: happenings end by their time; no calls at all are below any upper limit. */
function unseen(when: Condition, { subject, sentence, endsAt }: AlertState, nowMs: number): Finding {
  if (when.kind === 'budget' || (when.kind === 'event' && when.event !== 'cacheHitCollapse')) {
    const isOver = endsAt !== undefined && nowMs >= endsAt;
    return isOver ? { subject, isBad: false, sentence: `It is over: ${sentence}` } : { subject, isBad: true, sentence, endsAt };
  }
  const isNothing = when.kind === 'limit' && when.below === undefined && isSum(when.query.measure) && when.query.by !== undefined;
  return { subject, isBad: isNothing ? false : undefined, sentence };
}

interface Moved {
  readonly finding: Finding;
  readonly state: AlertState | undefined;
  readonly next: Step;
}

function messageOf({ dashboard, newId }: AlerterOptions, rule: AlertRule, { finding, state, next }: Moved, nowMs: number): AlertMessage {
  const { id, since } = next.state ?? state ?? { id: newId(), since: nowMs };
  const { low, high } = finding.expected ?? {};
  return {
    id,
    kind: next.tell!,
    alert: rule.name,
    subject: finding.subject,
    severity: rule.severity,
    text: finding.sentence,
    value: finding.value ?? null,
    expected: low === undefined || high === undefined ? null : { low, high },
    since: new Date(since).toISOString(),
    at: new Date(nowMs).toISOString(),
    link: linkOf(rule.when, dashboard()),
  };
}

/** The query of a rule in the dashboard. */
export function linkOf(when: Condition, dashboard: string): string {
  if (when.kind === 'budget') return `${dashboard}/ui/budgets`;
  if (when.kind === 'event') return `${dashboard}${when.event === 'cacheHitCollapse' ? '/ui/cache' : '/ui/alerts'}`;
  const { measure, filters, by } = when.query;
  const parameters = new URLSearchParams([
    ['measure', measure],
    ...(by === undefined ? [] : [['by', by]]),
    ...filters.map((filter) => ['f', filterText(filter)]),
  ]);
  return `${dashboard}/ui/explore?${parameters.toString()}`;
}
