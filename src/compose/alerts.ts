import { setTimeout as sleep } from 'node:timers/promises';
import * as z from 'zod';
import { createAlerter, linkOf, type Alerter } from '../alerts/alerter.ts';
import { createDelivery, type ChannelHealth, type Delivery } from '../alerts/delivery.ts';
import type { Happened } from '../alerts/happening.ts';
import { createJudge } from '../alerts/judge.ts';
import type { AlertState } from '../alerts/machine.ts';
import { createAlertMemory, type AlertMemory } from '../alerts/memory.ts';
import type { AlertMessage } from '../alerts/message.ts';
import { spanMs, type AlertRule } from '../alerts/rule.ts';
import type { QueryEngine } from '../analytics/query.ts';
import { createCatalog } from '../catalog/catalog.ts';
import type { Config } from '../config/schema.ts';
import { alertOption, maxAlerts } from '../config/schema/alerts.ts';
import { GatewayError } from '../core/errors.ts';
import { newId } from '../core/id.ts';
import type { Log } from '../core/log.ts';
import type { LedgerEvent } from '../core/record.ts';
import type { Stores } from '../core/stores.ts';
import type { AdminRoute } from '../server/admin/route.ts';
import type { BudgetEvent } from '../stages/budget/options.ts';
import { budgetHappened, pricesHappened, recordWatch } from './alert-events.ts';
import { allRules, channelsOf, ruleOf } from './alert-rules.ts';

export interface AlertParts {
  readonly config: () => Config;
  readonly stores: Pick<Stores, 'sessions' | 'limits'>;
  readonly owner: string;
  readonly engine: QueryEngine;
  readonly log: Log;
  readonly now?: () => number;
}

/** The alerts of one process; it outlives a reload. */
export interface Alerts {
  /** The same, and hears of each record; it never waits. */
  readonly recording: (record: (event: LedgerEvent) => void) => (event: LedgerEvent) => void;
  readonly budget: (event: BudgetEvent) => void;
  readonly routes: readonly AdminRoute[];
  readonly reloaded: () => void;
  /** One look, at once; false where another process is at it. */
  readonly tick: () => Promise<boolean>;
  /** Begins to look now and then. */
  readonly start: () => void;
  readonly close: () => Promise<void>;
}

/** How often a process sees whether anything is due, ms. */
const tickMs = 1000;
/** How long messages under way may take when the gateway stops, ms. */
const graceMs = 3000;

export interface AlertView extends Omit<AlertRule, 'when'> {
  readonly when: AlertRule['when'];
  readonly silencedUntil: string | null;
  readonly link: string;
  readonly states: readonly AlertState[];
}

export interface AlertsAnswer {
  readonly alerts: readonly AlertView[];
  readonly channels: readonly ChannelHealth[];
}

type OwnAlert = z.input<typeof alertOption>;

export function openAlerts({ config, stores, owner, engine, log, now = Date.now }: AlertParts): Alerts {
  const memory = createAlertMemory(stores.sessions, stores.limits, owner);
  const judge = createJudge(engine);
  const deliver = deliveryOf(config, log);
  const own = (): Promise<readonly OwnAlert[]> => memory.value('own', []);
  const rules = async (): Promise<readonly AlertRule[]> => allRules(config(), ownRules(await own()));
  const silences = (): Promise<Readonly<Record<string, number>>> => memory.value('silences', {});
  const quiet = onceIn(10 * 60_000, now);
  const alerter = createAlerter({
    rules,
    judge,
    memory,
    silences,
    now,
    newId: () => newId(now()),
    intervalMs: () => config().alerting.intervalMs,
    send: (message, to) => deliver.current().send(message, to),
    dashboard: () => addressOf(config()),
    failed: (rule, error) => quiet(rule, () => log.warn(`the alert ${rule} cannot be told: ${messageOf(error)}`)),
  });
  let lookedAt = Number.NEGATIVE_INFINITY;
  const tick = async (): Promise<boolean> => {
    const { enabled, intervalMs } = config().alerting;
    const isDue = now() - lookedAt >= intervalMs;
    if (!enabled || (!isDue && !alerter.hasWaiting())) return false;
    if (isDue) lookedAt = now();
    await lookAtPrices(rules, alerter, now());
    return alerter.tick();
  };
  const loop = createLoop(tick, (error) => quiet('', () => log.warn(`alerts are not looked at: ${messageOf(error)}`)));
  const happened = (what: Happened): void => {
    if (config().alerting.enabled) alerter.happened(what);
  };
  const watched = recordWatch(happened, now);
  return {
    recording: (record) => (event) => {
      record(event);
      watched(event);
    },
    budget: (event) => happened(budgetHappened(event)),
    routes: alertRoutes({ config, memory, rules, own, silences, delivery: deliver.current, now, changed: judge.forget }),
    reloaded: () => {
      judge.forget();
      deliver.renew();
    },
    tick,
    start: loop.start,
    close: async () => {
      await loop.stop();
      await deliver.current().close(graceMs);
    },
  };
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** A delivery of the channels as they are configured now. What the one before has waiting it still brings. */
function deliveryOf(config: () => Config, log: Log): { readonly current: () => Delivery; readonly renew: () => void } {
  const make = (): Delivery =>
    createDelivery({
      channels: channelsOf(config(), log, process.env),
      failed: (channel, message, reason) => log.warn(`an alert was not delivered to ${channel}: ${reason}`, { alert: message?.alert }),
    });
  let current = make();
  return {
    current: () => current,
    renew: () => {
      const former = current;
      current = make();
      void former.settled().then(() => former.close(0));
    },
  };
}

/** Price data is looked at only where a rule asks for it. */
async function lookAtPrices(rules: () => Promise<readonly AlertRule[]>, { happened }: Alerter, nowMs: number): Promise<void> {
  const ages = (await rules()).flatMap(({ when }) => (when.kind === 'event' && when.event === 'priceDataOld' ? [when.maxAgeDays] : []));
  if (ages.length > 0) happened(pricesHappened(createCatalog().asOf, Math.min(...ages), nowMs));
}

function createLoop(
  tick: () => Promise<unknown>,
  failed: (error: unknown) => void,
): { readonly start: () => void; readonly stop: () => Promise<void> } {
  const stop = new AbortController();
  let running: Promise<void> | undefined;
  const run = async (): Promise<void> => {
    while (!stop.signal.aborted) {
      await sleep(tickMs, undefined, { ref: false, signal: stop.signal }).catch(() => undefined);
      if (!stop.signal.aborted) await tick().catch(failed);
    }
  };
  return {
    start: () => {
      running ??= run();
    },
    stop: async () => {
      stop.abort();
      await running;
    },
  };
}

/** Does something at most once in a time, by key. */
function onceIn(everyMs: number, now: () => number): (key: string, work: () => void) => void {
  const done = new Map<string, number>();
  return (key, work) => {
    if (now() - (done.get(key) ?? -Infinity) < everyMs) return;
    done.set(key, now());
    work();
  };
}

function addressOf({ alerting: { url }, server: { host, port } }: Config): string {
  const shown = host === '0.0.0.0' || host === '::' ? '127.0.0.1' : host.includes(':') ? `[${host}]` : host;
  return (url ?? `http://${shown}:${port}`).replace(/\/+$/, '');
}

/** Alerts of the admin API as they were stored; one that this version does not read any more is left out. */
const ownRules = (own: readonly OwnAlert[]): readonly AlertRule[] =>
  own.flatMap((given) => {
    const { success, data } = alertOption.safeParse(given);
    return success ? [ruleOf(data, 'api')] : [];
  });

interface RouteParts {
  readonly config: () => Config;
  readonly memory: AlertMemory;
  readonly rules: () => Promise<readonly AlertRule[]>;
  readonly own: () => Promise<readonly OwnAlert[]>;
  readonly silences: () => Promise<Readonly<Record<string, number>>>;
  readonly delivery: () => Delivery;
  readonly now: () => number;
  readonly changed: () => void;
}

function alertRoutes(parts: RouteParts): readonly AdminRoute[] {
  const { memory } = parts;
  return [
    { method: 'GET', path: '/api/alerts', handle: () => listed(parts) },
    { method: 'GET', path: '/api/alerts/history', handle: async () => ({ messages: await memory.history() }) },
    { method: 'POST', path: '/api/alerts', status: 201, handle: ({ body }) => saved(parts, body) },
    { method: 'DELETE', path: '/api/alerts/{name}', handle: ({ params }) => removed(parts, params['name']!) },
    { method: 'POST', path: '/api/alerts/{name}/test', handle: ({ params }) => tested(parts, params['name']!) },
    { method: 'POST', path: '/api/alerts/{name}/silence', handle: ({ params, body }) => silenced(parts, params['name']!, body) },
  ];
}

async function listed({ config, memory, rules, silences, delivery, now }: RouteParts): Promise<AlertsAnswer> {
  const [all, { byRule }, until] = await Promise.all([rules(), memory.states(), silences()]);
  return {
    alerts: all.map((rule) => ({
      ...rule,
      silencedUntil: (until[rule.name] ?? 0) > now() ? new Date(until[rule.name]!).toISOString() : null,
      link: linkOf(rule.when, addressOf(config())),
      states: byRule[rule.name] ?? [],
    })),
    channels: delivery().health(),
  };
}

async function saved({ config, memory, own, delivery, changed }: RouteParts, body: unknown): Promise<AlertRule> {
  const { success, data, error } = alertOption.safeParse(body);
  if (!success) throw wrong(z.prettifyError(error).replaceAll('\n', ' '));
  if (config().alerts.some(({ name }) => name === data.name)) throw wrong(`the alert "${data.name}" stands in the configuration`, 'change it there'); // prettier-ignore
  const unknown = data.to.find((name) => !delivery().has(name));
  if (unknown !== undefined) throw wrong(`there is no channel "${unknown}"`, 'channels stand in the configuration, under `channels`');
  const others = (await own()).filter(({ name }) => name !== data.name);
  if (others.length >= maxAlerts) throw wrong(`there are ${maxAlerts} alerts already`);
  await memory.saveValue('own', [...others, body]);
  changed();
  return ruleOf(data, 'api');
}

const wrong = (message: string, fix?: string): GatewayError =>
  new GatewayError('invalid_request', message, fix === undefined ? {} : { fix });

async function found({ rules }: RouteParts, name: string): Promise<AlertRule> {
  const all = await rules();
  const rule = all.find((each) => each.name === name);
  if (rule) return rule;
  throw new GatewayError('not_found', `no alert "${name}"; there are: ${all.map((each) => each.name).join(', ') || 'none'}`);
}

async function removed(parts: RouteParts, name: string): Promise<undefined> {
  const { origin } = await found(parts, name);
  if (origin !== 'api') throw wrong(`the alert "${name}" was not made by the admin API`, origin === 'config' ? 'take it out of the configuration' : 'set alerting.builtIn to false'); // prettier-ignore
  await parts.memory.saveValue('own', (await parts.own()).filter((each) => each.name !== name)); // prettier-ignore
  parts.changed();
}

/** What each channel of the alert said to a message that says it is a test. */
async function tested(
  parts: RouteParts,
  name: string,
): Promise<{ readonly channels: readonly { readonly channel: string; readonly error: string | null }[] }> {
  const rule = await found(parts, name);
  const at = new Date(parts.now()).toISOString();
  const message: AlertMessage = {
    id: newId(parts.now()),
    kind: 'test',
    alert: rule.name,
    subject: 'all',
    severity: rule.severity,
    text: 'This is a test: nothing has happened.',
    value: null,
    expected: null,
    since: at,
    at,
    link: linkOf(rule.when, addressOf(parts.config())),
  };
  const send = async (channel: string) => ({
    channel,
    error: await parts.delivery().sendNow(message, channel).then(() => null, messageOf), // prettier-ignore
  });
  return { channels: await Promise.all(rule.to.map(send)) };
}

const silence = z.strictObject({ for: z.string().refine((text) => text === '0' || spanMs(text) !== undefined, 'for must be 0, or a time such as 4h') }); // prettier-ignore

/** `{"for": "4h"}`; `0` ends it. */
async function silenced(parts: RouteParts, name: string, body: unknown): Promise<{ readonly silencedUntil: string | null }> {
  await found(parts, name);
  const { success, data, error } = silence.safeParse(body);
  if (!success) throw wrong(z.prettifyError(error).replaceAll('\n', ' '));
  const until = parts.now() + (spanMs(data.for) ?? 0);
  const others = Object.entries(await parts.silences()).filter(([of, end]) => of !== name && end > parts.now());
  await parts.memory.saveValue('silences', Object.fromEntries([...others, ...(data.for === '0' ? [] : [[name, until]])]));
  return { silencedUntil: data.for === '0' ? null : new Date(until).toISOString() };
}
