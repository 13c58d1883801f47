import type { AddressInfo } from 'node:net';
import type { Config, ProviderConfig } from './config/schema.ts';
import { needRestart } from './config/restart.ts';
import { upstreamOf } from './config/upstream.ts';
import { GatewayError } from './core/errors.ts';
import { newId } from './core/id.ts';
import { createLater } from './core/later.ts';
import type { Log } from './core/log.ts';
import type { Stores } from './core/stores.ts';
import { openAlerts } from './compose/alerts.ts';
import { batchesOf } from './compose/batches.ts';
import { keptFromPassthrough, openAllowances } from './compose/allowance.ts';
import { adminRoutes } from './compose/admin-routes.ts';
import { doorsOf } from './compose/admin.ts';
import { modelsFor, openKeys, permittedRaw } from './compose/keys.ts';
import { catalogOf } from './compose/catalog.ts';
import { handlerOf } from './compose/handler.ts';
import type { Parts } from './compose/parts.ts';
import { followOptions, openReader } from './compose/query-engine.ts';
import { reconcilerOf, type Reconciler } from './compose/reconcile.ts';
import type { Seat } from './compose/seat.ts';
import { listedModels } from './compose/listed-models.ts';
import { openRules, type RuleBooks } from './compose/rules.ts';
import { guardedRaw, sensitivityMemoryOf } from './compose/sensitivity.ts';
import { openSavingWatch } from './compose/savings.ts';
import { openTelemetry } from './compose/telemetry.ts';
import type { KeyDirectory } from './keys/directory.ts';
import { openLedger, type Ledger } from './ledger/ledger.ts';
import type { LedgerReader } from './ledger/query/reader.ts';
import { createResponseState } from './protocols/translate/openai-responses/state.ts';
import { createBatchMemory } from './providers/batches/memory.ts';
import { createDispatch, type Dispatch } from './providers/dispatch.ts';
import type { Provider, Target } from './providers/provider.ts';
import type { Serving } from './server/context.ts';
import { createGateway, type Gateway } from './server/gateway.ts';
import { forwardsReplyHeader } from './server/headers.ts';
import type { Fallback } from './stages/fallback/create.ts';
import { createStores } from './stores/open.ts';
import { createTokenCounter } from './text/counter.ts';
import { weighCall } from './text/parts.ts';

export interface App {
  /** `http://127.0.0.1:4000` */
  readonly url: string;
  /** Swaps the configuration for new requests. What only a restart changes is returned, as notes to show. */
  reload(config: Config): readonly string[];
  status(): Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

/** An app that serves, as the process that started it sees it. */
export interface ServingApp extends App {
  /** Reads the keys anew, after somebody changed them. */
  keysChanged(): Promise<void>;
  /** The same for budgets and limits made by command. */
  rulesChanged(): Promise<void>;
  /** Gives back what is leased and not needed. */
  flush(): Promise<void>;
}

export interface AppOptions {
  readonly config: Config;
  readonly version: string;
  readonly log: Log;
  /** For one of several processes that serve. */
  readonly seat?: Seat;
}

/** The composition root: configuration -> stores -> stages -> server. @throws when the port is taken or the data directory is in use. */
export async function startApp({ config, version, log, seat }: AppOptions): Promise<ServingApp> {
  const ledger = await openLedger({ ...ledgerOptions(config, log), ...seat?.ledger });
  const { stores, keys, rules, reader } = await openState(config, log, seat?.stores).catch(async (error: unknown) => {
    await ledger.close();
    throw error;
  });
  let configured = config;
  const keyOf = (id: string) => keys.byId(id);
  const owner = seat?.owner ?? newId(Date.now());
  const alerts = openAlerts({ config: () => configured, stores, owner, engine: reader, log });
  const own = ownParts(config, log);
  const telemetry = openTelemetry({ config: () => configured, version, owner, isWorker: seat !== undefined, ledger, reader, ...own });
  const record = telemetry.recording(alerts.recording(ledger.append));
  const allowances = openAllowances({ config, stores, owner, log, keyOf, notify: alerts.budget });
  const reconciler = seat ? undefined : reconcilerOf({ config, lender: stores.budgets, isAlive: (one) => one === owner, log });
  const savingWatch = await openSavingWatch({ config: () => configured, sessions: stores.sessions, record, log });
  const { replies, sessions } = stores;
  const parts: Parts = { ...own, savingWatch, ledger, allowances, rules, keys, replies, sessions, reader, alerts, telemetry };
  let { serving, fallback } = servingOf(config, parts);
  const status = (): Readonly<Record<string, unknown>> => ({
    ...statusOf(version, gateway, ledger),
    state: { engine: config.state.engine, fault: stores.health() },
    deployments: fallback.states(),
    providers: parts.dispatch.gates(),
  });
  const gateway = createGateway({
    serving: () => serving,
    record,
    isCongested: ledger.isCongested,
    notReady: () => (ledger.health().ok ? undefined : (ledger.health().lastError ?? 'the ledger does not keep up')),
    ...doorsOf({
      config: () => configured,
      stores,
      keys,
      allowances,
      status,
      routes: adminRoutes(
        () => configured,
        parts,
        stores,
        () => gateway.inFlight(),
      ),
    }),
    telemetry: telemetry.door,
    logError: (message, error) => log.error(message, { error: stackOf(error) }),
  });
  const close = (): Promise<void> => closed(parts, gateway, stores, reconciler);
  try {
    const url = await listen(gateway, config.server);
    alerts.start();
    return {
      url,
      reload: (next) => {
        ({ serving, fallback } = servingOf(next, parts));
        configured = next;
        alerts.reloaded();
        return needRestart(config, next);
      },
      status,
      keysChanged: () => keys.refresh(),
      rulesChanged: () => rules.refresh(),
      flush: allowances.flush,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

type OwnPart = 'counter' | 'dispatch' | 'later' | 'responses' | 'sensitivity' | 'batchMemory' | 'log' | 'now';

/** What needs nothing but the configuration. */
function ownParts(config: Config, log: Log): Pick<Parts, OwnPart> {
  const { maxKept, maxBytes, keepMs } = config.responses;
  return {
    counter: createTokenCounter({ maxQueue: config.meter.maxEstimates, deadlineMs: config.meter.estimateTimeoutMs }),
    dispatch: createDispatch({ forwardsReplyHeader }),
    later: createLater((error) => log.error('a record could not be made', { error: stackOf(error) })),
    responses: createResponseState({ maxEntries: maxKept, maxBytes, ttlMs: keepMs, now: () => performance.now() }),
    sensitivity: sensitivityMemoryOf(config),
    batchMemory: createBatchMemory(),
    log,
    now: Date.now,
  };
}

/** In the order in which nothing is lost. */
async function closed(parts: Parts, gateway: Gateway, stores: Stores, reconciler: Reconciler | undefined): Promise<void> {
  const { dispatch, later, allowances, keys, counter, ledger } = parts;
  await reconciler?.close();
  await parts.reader.close(); // who follows calls would keep the server waiting
  await gateway.close();
  await dispatch.close();
  await later.settled(); // calls that were cut are recorded too, and their estimates need the counter
  await allowances.close(); // what they settled
  await parts.alerts.close();
  await parts.telemetry.close(); // behind the last record
  keys.close();
  parts.rules.close();
  await stores.close();
  await counter.close();
  await ledger.close();
}

interface State {
  readonly stores: Stores;
  readonly keys: KeyDirectory;
  readonly rules: RuleBooks;
  readonly reader: LedgerReader;
}

/** What outlives a restart, the keys and rules out of it, and what reads it. */
async function openState(config: Config, log: Log, given?: Stores): Promise<State> {
  const stores = given ?? (await createStores(config.state, config.dataDir));
  try {
    const rules = await openRules(stores.settings, config, log);
    return { stores, rules, keys: await openKeys(stores.keys, config, log), reader: await openReader(config) };
  } catch (error) {
    await stores.close();
    throw error;
  }
}

const stackOf = (error: unknown): string => String(error instanceof Error ? (error.stack ?? error) : error);
const day = 24 * 3600 * 1000;

export function ledgerOptions(config: Config, log: Log): Parameters<typeof openLedger>[0] {
  const { dataDir, ledger } = config;
  const { commitIntervalMs, sync, segmentBytes, maxQueuedBytes, retentionDays, bodies } = ledger;
  return {
    dir: dataDir,
    commitIntervalMs,
    sync: sync ? 'commit' : 'off',
    segmentBytes,
    maxQueuedBytes,
    ...(retentionDays !== undefined && { rowRetentionMs: retentionDays * day }),
    bodies: { maxAgeMs: bodies.maxAgeDays * day, maxBytes: bodies.maxBytes },
    ...followOptions(config),
    alert: (message) => log.warn(message),
  };
}

interface Configured {
  readonly serving: Serving;
  readonly fallback: Fallback;
}

/** Everything that follows from a configuration, made anew on reload, breakers too; connections, ledger and counters go on. */
function servingOf(config: Config, parts: Parts): Configured {
  const catalog = catalogOf(config);
  const upstreamFor = upstreamFinder();
  const upstreams = new Map(Object.values(config.providers).map((provider) => [provider.name, upstreamFor(provider)]));
  const keyOf = (id: string) => parts.keys.byId(id);
  const { handler, fallback } = handlerOf(config, catalog, parts, ({ find }) =>
    parts.dispatch.handler((call, scope): Target => {
      const { provider, model } = find(call, scope);
      return { provider: upstreamFor(provider), model };
    }),
  );
  const raw = permittedRaw(
    config,
    keyOf,
    keptFromPassthrough(config, parts.rules, guardedRaw(config, rawSender(upstreams, parts.dispatch))),
  );
  const serving: Serving = {
    handler,
    raw,
    batches: batchesOf(config, catalog, parts, raw),
    weigh: weighCall,
    models: (scopes) => modelsFor(scopes, listedModels(config, catalog), config),
    onClientAbort: (app) =>
      (app !== undefined && Object.hasOwn(config.apps, app) ? config.apps[app]?.onClientAbort : undefined) ?? config.onClientAbort,
    drain: config.drain,
    limits: config.server.limits,
  };
  return { serving, fallback };
}

/** One upstream for each provider of the configuration, and for each that differs from one by its key. */
function upstreamFinder(): (provider: ProviderConfig) => Provider {
  const known = new WeakMap<ProviderConfig, Provider>();
  return (provider) => {
    const found = known.get(provider) ?? upstreamOf(provider);
    known.set(provider, found);
    return found;
  };
}

function rawSender(upstreams: ReadonlyMap<string, Provider>, dispatch: Dispatch): Serving['raw'] {
  return async (name, request, scope) => {
    const provider = upstreams.get(name);
    if (!provider)
      throw new GatewayError('not_found', `no provider "${name}" is configured; there are: ${[...upstreams.keys()].join(', ') || 'none'}`);
    return dispatch.raw(provider, request, scope);
  };
}

async function listen({ server }: Gateway, { host, port }: Config['server']): Promise<string> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  const bound = (server.address() as AddressInfo).port;
  return `http://${host.includes(':') ? `[${host}]` : host}:${bound}`;
}

function statusOf(version: string, gateway: Gateway, ledger: Ledger): Readonly<Record<string, unknown>> {
  return {
    version,
    pid: process.pid,
    inFlight: gateway.inFlight(),
    uptimeSeconds: Math.round(process.uptime()),
    rssBytes: process.memoryUsage.rss(),
    ledger: ledger.health(),
  };
}
