import type * as z from 'zod';
import { command } from '../alerts/channels/command.ts';
import type { Channel } from '../alerts/channels/channel.ts';
import { email } from '../alerts/channels/email.ts';
import { logChannel, logChannelName } from '../alerts/channels/log.ts';
import { slack } from '../alerts/channels/slack.ts';
import { webhook } from '../alerts/channels/webhook.ts';
import { spanMs, type AlertRule, type Condition } from '../alerts/rule.ts';
import type { Config } from '../config/schema.ts';
import type { alertOption } from '../config/schema/alerts.ts';
import type { Log } from '../core/log.ts';

type ParsedAlert = Config['alerts'][number];

/** An alert as the schema made it, as a rule. */
export function ruleOf(alert: ParsedAlert | z.output<typeof alertOption>, origin: AlertRule['origin']): AlertRule {
  const { name, when, to, severity, remind } = alert;
  return {
    name,
    when: conditionOf(when),
    forMs: spanMs(alert.for) ?? 0,
    to,
    severity,
    remindMs: spanMs(remind) ?? 0,
    origin,
  };
}

function conditionOf({ query, over, above, below, changePercent, anomaly, budget, event, maxAgeDays }: ParsedAlert['when']): Condition {
  if (budget) return { kind: 'budget', budget: budget.name, at: budget.at, forecast: budget.forecast };
  if (event !== undefined) return { kind: 'event', event, maxAgeDays };
  const asked = query!;
  if (anomaly) return { kind: 'anomaly', query: asked, bucket: over === '1h' ? 'hour' : 'day', ...anomaly };
  const overMs = spanMs(over)!;
  if (changePercent !== undefined) return { kind: 'change', query: asked, overMs, percent: changePercent };
  return { kind: 'limit', query: asked, overMs, above, below };
}

const defaultAgeDays = 60;
const hourMs = 3_600_000;
const dayMs = 24 * hourMs;

const builtIn = (name: string, when: Condition, more: Partial<AlertRule> = {}): AlertRule => ({
  name,
  when,
  forMs: 0,
  to: [logChannelName],
  severity: 'warning',
  remindMs: dayMs,
  origin: 'built-in',
  ...more,
});
const event = (name: Extract<Condition, { readonly kind: 'event' }>['event']): Condition => ({ kind: 'event', event: name, maxAgeDays: defaultAgeDays }); // prettier-ignore

/** What is watched without any configuration. Budgets, and savings that switch, tell the log by themselves. */
function builtIns(to: readonly string[]): readonly AlertRule[] {
  const others = to.filter((name) => name !== logChannelName);
  return [
    builtIn('new-unpriced-model', event('newUnpricedModel'), { remindMs: 0, to }),
    builtIn('cache-hit-collapse', event('cacheHitCollapse'), { forMs: 10 * 60_000, to }),
    builtIn('saving-switched', event('savingSwitched'), { to: others }),
    builtIn('budgets', { kind: 'budget', budget: '*', at: [50, 80, 100], forecast: true }, { remindMs: 0, to: others }),
  ];
}

/** All rules: those of the admin API give way to those of the file, and built-in ones to both. */
export function allRules({ alerts, alerting }: Config, own: readonly AlertRule[]): readonly AlertRule[] {
  const inOrder = [...(alerting.builtIn ? builtIns(alerting.to) : []), ...own, ...alerts.map((alert) => ruleOf(alert, 'config'))];
  return [...new Map(inOrder.map((rule) => [rule.name, rule])).values()];
}

/** The channels of a configuration, the log among them. */
export function channelsOf({ channels }: Config, log: Log, env: NodeJS.ProcessEnv): readonly Channel[] {
  return [logChannel(log), ...Object.entries(channels).map(([name, given]) => channelOf(name, given, env))];
}

function channelOf(name: string, given: Config['channels'][string], env: NodeJS.ProcessEnv): Channel {
  const { type, url, secret, headers, smtp, from, to, command: words, timeoutMs } = given;
  if (type === 'slack') return slack({ name, url: url! });
  if (type === 'email') return email({ name, smtp: smtp!, from: from!, to });
  if (type === 'command') return command({ name, command: words as unknown as [string, ...string[]], timeoutMs, env });
  return webhook({ name, url: url!, secret, headers, now: Date.now });
}

/** Marks of budgets that somebody wants to hear of, those of the option `allowances.thresholds` among them. */
export const budgetMarks = ({ allowances: { thresholds }, alerts }: Config): readonly number[] => [
  ...new Set([...thresholds, ...alerts.flatMap(({ when }) => when.budget?.at ?? [])]),
];
