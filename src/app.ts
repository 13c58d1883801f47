import type { AddressInfo } from 'node:net';
import { priceAttempt } from './catalog/attempt.ts';
import { verified } from './catalog/capabilities.ts';
import { createCatalog, type Catalog } from './catalog/catalog.ts';
import { capabilityOverrides } from './config/capability-overrides.ts';
import { priceOverrides } from './config/price-overrides.ts';
import { createPlans } from './config/plans.ts';
import type { Target as ConfiguredTarget } from './config/resolve.ts';
import type { Config, ProviderConfig } from './config/schema.ts';
import { upstreamOf } from './config/upstream.ts';
import { apis } from './core/api.ts';
import type { Call } from './core/call.ts';
import type { Deployment, Plan } from './core/deployment.ts';
import { GatewayError } from './core/errors.ts';
import { createLater, type Later } from './core/later.ts';
import type { Log } from './core/log.ts';
import { pipeline, type Scope, type Stage } from './core/pipeline.ts';
import { headerOf } from './core/reply.ts';
import { openLedger, type Ledger } from './ledger/ledger.ts';
import { replyMeter } from './protocols/meter.ts';
import { requestText } from './protocols/request-text.ts';
import { stripUsageChunk } from './protocols/strip-usage.ts';
import { createResponseState, type ResponseState } from './protocols/translate/openai-responses/state.ts';
import { isTranslated } from './protocols/translate/translators.ts';
import { createDispatch, type Dispatch } from './providers/dispatch.ts';
import type { Provider, Target } from './providers/provider.ts';
import { translate } from './providers/translate/stage.ts';
import type { Serving } from './server/context.ts';
import { createGateway, type Gateway } from './server/gateway.ts';
import { forwardsReplyHeader } from './server/headers.ts';
import type { ListedModel } from './server/models.ts';
import { account } from './stages/account/index.ts';
import { createFallback, type Fallback } from './stages/fallback/create.ts';
import { meter } from './stages/meter/index.ts';
import { streamUsage } from './stages/stream-usage/index.ts';
import { createTokenCounter, type TokenCounter } from './text/counter.ts';
import { splitTotal, weighPrompt } from './text/parts.ts';

export interface App {
  /** `http://127.0.0.1:4000` */
  readonly url: string;
  /** Swaps the configuration for new requests. What only a restart changes is returned, as notes to show. */
  reload(config: Config): readonly string[];
  status(): Readonly<Record<string, unknown>>;
  close(): Promise<void>;
}

export interface AppOptions {
  readonly config: Config;
  readonly version: string;
  readonly log: Log;
}

/** The composition root: configuration -> stores -> stages -> server. @throws when the port is taken or the data directory is in use. */
export async function startApp({ config, version, log }: AppOptions): Promise<App> {
  const ledger = await openLedger(ledgerOptions(config, log));
  const counter = createTokenCounter({ maxQueue: config.meter.maxEstimates, deadlineMs: config.meter.estimateTimeoutMs });
  const dispatch = createDispatch({ forwardsReplyHeader });
  const later = createLater((error) => log.error('a record could not be made', { error: stackOf(error) }));
  const { maxKept, maxBytes, keepMs } = config.responses;
  const responses = createResponseState({ maxEntries: maxKept, maxBytes, ttlMs: keepMs, now: () => performance.now() });
  const parts: Parts = { ledger, counter, dispatch, later, responses, log };
  let { serving, fallback } = servingOf(config, parts);
  const status = (): Readonly<Record<string, unknown>> => ({
    ...statusOf(version, gateway, ledger),
    deployments: fallback.states(),
    providers: dispatch.gates(),
  });
  const gateway = createGateway({
    serving: () => serving,
    record: ledger.append,
    isCongested: ledger.isCongested,
    notReady: () => (ledger.health().ok ? undefined : (ledger.health().lastError ?? 'the ledger does not keep up')),
    status,
    adminToken: config.server.adminToken,
    logError: (message, error) => log.error(message, { error: stackOf(error) }),
  });
  const close = async (): Promise<void> => {
    await gateway.close();
    await dispatch.close();
    await later.settled(); // calls that were cut are recorded too, and their estimates need the counter
    await counter.close();
    await ledger.close();
  };
  try {
    const url = await listen(gateway, config.server);
    return {
      url,
      reload: (next) => {
        ({ serving, fallback } = servingOf(next, parts));
        return needRestart(config, next);
      },
      status,
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Parts {
  readonly ledger: Ledger;
  readonly counter: TokenCounter;
  readonly dispatch: Dispatch;
  readonly later: Later;
  readonly responses: ResponseState;
  readonly log: Log;
}

const stackOf = (error: unknown): string => String(error instanceof Error ? (error.stack ?? error) : error);
const day = 24 * 3600 * 1000;

function ledgerOptions({ dataDir, ledger }: Config, log: Log): Parameters<typeof openLedger>[0] {
  const { commitIntervalMs, sync, segmentBytes, maxQueuedBytes, retentionDays, bodies } = ledger;
  return {
    dir: dataDir,
    commitIntervalMs,
    sync: sync ? 'commit' : 'off',
    segmentBytes,
    maxQueuedBytes,
    ...(retentionDays !== undefined && { rowRetentionMs: retentionDays * day }),
    bodies: { maxAgeMs: bodies.maxAgeDays * day, maxBytes: bodies.maxBytes },
    alert: (message) => log.warn(message),
  };
}

interface Configured {
  readonly serving: Serving;
  readonly fallback: Fallback;
}

/** Everything that follows from a configuration, made anew on reload, breakers too; connections, ledger and counters go on. */
function servingOf(config: Config, parts: Parts): Configured {
  const aliases = Object.fromEntries(
    Object.values(config.providers).flatMap(({ name, prices }) => (prices === undefined ? [] : [[name, prices]])),
  );
  const catalog = createCatalog({ overrides: priceOverrides(config), aliases, capabilities: capabilityOverrides(config) });
  const upstreamFor = upstreamFinder();
  const upstreams = new Map(Object.values(config.providers).map((provider) => [provider.name, upstreamFor(provider)]));
  const routing = routingOf(config, catalog);
  const resolve = (call: Call, scope: Scope): Target => {
    const { provider, model } = routing.find(call, scope);
    return { provider: upstreamFor(provider), model };
  };
  const fallback = createFallback(config.resilience, {
    planOf: routing.planOf,
    breakerChanged: ({ deployment, from, to }) => parts.log[to === 'open' ? 'warn' : 'info'](`breaker of ${deployment}: ${from} -> ${to}`),
  });
  const serving: Serving = {
    handler: pipeline(stagesOf(config, catalog, { ...routing, fallback }, parts), parts.dispatch.handler(resolve)),
    raw: rawSender(upstreams, parts.dispatch),
    weigh: (call) => weighPrompt(call.api, { body: call.received.outline.view, outline: call.received.outline }),
    models: () => listedModels(config, catalog),
    onClientAbort: (app) =>
      (app !== undefined && Object.hasOwn(config.apps, app) ? config.apps[app]?.onClientAbort : undefined) ?? config.onClientAbort,
    drain: config.drain,
    limits: config.server.limits,
  };
  return { serving, fallback };
}

interface Routing {
  /** @throws {GatewayError} `model_not_found` */
  readonly planOf: (call: Call) => Plan;
  /** Where an attempt goes, by name and in full. */
  readonly deploymentOf: (call: Call, scope: Scope) => Deployment;
  readonly find: (call: Call, scope: Scope) => ConfiguredTarget;
}

function routingOf(config: Config, catalog: Catalog): Routing {
  const plans = createPlans(config, catalog);
  const planOf = (call: Call): Plan => {
    const planning = plans.planOf(call.model, apis[call.api].family, isTranslated(call.api));
    if (!planning.plan) throw new GatewayError('model_not_found', planning.reason, { param: 'model' });
    return planning.plan;
  };
  const deploymentOf = (call: Call, scope: Scope): Deployment => scope.deployment ?? planOf(call).targets[0]!;
  return { planOf, deploymentOf, find: lastKept((call, scope) => plans.targetOf(deploymentOf(call, scope))) };
}

/** The same, but the last answer is kept: the stages ask one after the other for the same call. */
function lastKept<T>(find: (call: Call, scope: Scope) => T): (call: Call, scope: Scope) => T {
  let call: Call | undefined;
  let deployment: Deployment | undefined;
  let answer: T;
  return (askedCall, scope) => {
    if (askedCall === call && scope.deployment === deployment) return answer;
    answer = find(askedCall, scope);
    call = askedCall;
    deployment = scope.deployment;
    return answer;
  };
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

/** The order of the stages, outermost first. */
function stagesOf(
  config: Config,
  catalog: Catalog,
  { find, deploymentOf, fallback }: Routing & { readonly fallback: Fallback },
  { ledger, counter, later, responses }: Parts,
): readonly Stage[] {
  const keepBodies = config.ledger.bodies.store === 'on';
  const { maxReplyBytes, maxEventBytes, maxTextBytes } = config.meter;
  const limits = { bodyBytes: maxReplyBytes, compressedBytes: maxReplyBytes, eventBytes: maxEventBytes, textBytes: maxTextBytes };
  return [
    account({
      parts: splitTotal,
      later: later.run,
      ...(keepBodies && { keepBody: ledger.putBody, maxKeptReplyBytes: maxReplyBytes }),
    }),
    fallback.stage,
    translate({
      speechOf: (call, scope) => find(call, scope).provider,
      deploymentOf,
      abilitiesOf: ({ provider, model }) => verified(catalog.capabilities(provider, model)),
      state: responses,
      maxReplyBytes,
      maxEventBytes,
    }),
    streamUsage({ mustAsk: (call, scope) => find(call, scope).provider.dialect.streamUsage === 'ask', strip: stripUsageChunk }),
    meter({
      meterOf: (call, { servedBy, head: { status, headers } }) =>
        replyMeter({
          api: call.api,
          dialect: config.providers[servedBy.name]!.dialect,
          status,
          contentType: headerOf(headers, 'content-type'),
          contentEncoding: headerOf(headers, 'content-encoding'),
          limits,
        }),
      price: ({ servedBy, model, usage, served, at, call }) =>
        priceAttempt(catalog, {
          provider: servedBy.name,
          hosting: servedBy.hosting,
          requestModel: servedBy.model,
          model,
          usage,
          served,
          at,
          requestTier: requestTier(call),
        }),
      estimate: async (call, replyText, missing) => ({
        ...(missing.input && { input: await counter.count(requestText(call.api, call.received.body.whole)) }),
        ...(missing.output && { output: await counter.count(replyText) }),
      }),
      isFree: ({ api }) => apis[api].operation === 'count_tokens',
    }),
  ];
}

function requestTier(call: Call): string | undefined {
  const tier = call.value('service_tier')?.toString('latin1');
  return tier?.startsWith('"') ? tier.slice(1, -1) : undefined;
}

function rawSender(upstreams: ReadonlyMap<string, Provider>, dispatch: Dispatch): Serving['raw'] {
  return async (name, request, scope) => {
    const provider = upstreams.get(name);
    if (!provider)
      throw new GatewayError('not_found', `no provider "${name}" is configured; there are: ${[...upstreams.keys()].join(', ') || 'none'}`);
    return dispatch.raw(provider, request, scope);
  };
}

function listedModels(config: Config, catalog: Catalog): readonly ListedModel[] {
  const own = Object.entries(config.models).map(([id, { provider }]) => ({ id, provider }));
  const served = Object.values(config.providers).flatMap(({ name, models, prices }) =>
    (models ?? (prices === undefined ? [] : catalog.models(prices).map(({ id }) => id))).map((id) => ({ id, provider: name })),
  );
  return [...new Map([...served, ...own].map((model) => [model.id, model])).values()];
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
    inFlight: gateway.inFlight(),
    uptimeSeconds: Math.round(process.uptime()),
    rssBytes: process.memoryUsage.rss(),
    ledger: ledger.health(),
  };
}

/** What a running server cannot change. */
function needRestart(before: Config, after: Config): readonly string[] {
  const changed = [
    ['server.host', before.server.host !== after.server.host],
    ['server.port', before.server.port !== after.server.port],
    ['server.adminToken', before.server.adminToken !== after.server.adminToken],
    ['dataDir', before.dataDir !== after.dataDir],
    ['responses', JSON.stringify(before.responses) !== JSON.stringify(after.responses)],
    ['ledger', JSON.stringify(before.ledger) !== JSON.stringify(after.ledger)],
  ] as const;
  return changed.filter(([, differs]) => differs).map(([option]) => `${option} changes with the next restart`);
}
