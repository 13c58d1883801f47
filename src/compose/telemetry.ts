import { priceAttempt } from '../catalog/attempt.ts';
import type { Config } from '../config/schema.ts';
import { GatewayError } from '../core/errors.ts';
import type { Call } from '../core/call.ts';
import type { Later } from '../core/later.ts';
import type { Log } from '../core/log.ts';
import type { Scope, Stage } from '../core/pipeline.ts';
import type { LedgerEvent } from '../core/record.ts';
import { clipped } from '../core/tame.ts';
import type { Ledger } from '../ledger/ledger.ts';
import type { LedgerReader } from '../ledger/query/reader.ts';
import { openaiDialect } from '../protocols/dialect.ts';
import { exclusive } from '../protocols/exclusive.ts';
import { AdminText, type AdminRequest, type AdminRoute } from '../server/admin/route.ts';
import type { TelemetryDoor } from '../server/telemetry.ts';
import { propagateTrace, traceContext, type Propagated } from '../stages/trace/index.ts';
import { GatewayCalls } from '../telemetry/ingest/gateway-calls.ts';
import { createIngest, type Ingest } from '../telemetry/ingest/ingest.ts';
import type { SpanBooks } from '../telemetry/ingest/record.ts';
import { CallFigures } from '../telemetry/metrics/call-figures.ts';
import { contentTypes, exposition, formatFor } from '../telemetry/metrics/exposition.ts';
import { familiesOf, type BudgetLeft, type Vitals } from '../telemetry/metrics/families.ts';
import { genaiLabels, genaiMetrics } from '../telemetry/metrics/genai-metrics.ts';
import { watchLoopDelay, type LoopDelay } from '../telemetry/metrics/loop-delay.ts';
import { createExporter, type Exporter } from '../telemetry/otlp/exporter.ts';
import { isSampled } from '../telemetry/sampling.ts';
import { ownTraceId, parseTraceparent, spanIdOf } from '../telemetry/trace-context.ts';
import type { BudgetAdmin } from './budget-admin.ts';
import { byConfig } from './by-config.ts';
import { catalogOf } from './catalog.ts';
import { otlpSettings, type OtlpSettings } from './otel-environment.ts';
import type { Routing } from './routing.ts';

export interface TelemetryParts {
  /** As it is now. */
  readonly config: () => Config;
  readonly version: string;
  readonly log: Log;
  /** This life of the process, by id. */
  readonly owner: string;
  /** One of several processes that serve. */
  readonly isWorker: boolean;
  readonly ledger: Pick<Ledger, 'health'>;
  readonly reader: LedgerReader;
  readonly later: Pick<Later, 'settled'>;
}

export interface Telemetry {
  /** The same, and what is counted and exported of it. Never throws, never waits. */
  readonly recording: (record: (event: LedgerEvent) => void) => (event: LedgerEvent) => void;
  /** Notes the client's trace; the outermost but `account`. */
  readonly noting: readonly Stage[];
  /** Passes the trace on, or does not; innermost. */
  readonly propagating: (config: Config, routing: Pick<Routing, 'find'>) => readonly Stage[];
  readonly routes: (around: Around) => readonly AdminRoute[];
  readonly door: TelemetryDoor | undefined;
  readonly close: () => Promise<void>;
}

/** What `/metrics` tells beside calls. */
export interface Around {
  readonly inFlight: () => number;
  readonly budgets: Pick<BudgetAdmin, 'list'>;
}

/** Telemetry as it is configured at the start: what is counted, exported and taken in. A change needs a restart. */
export function openTelemetry(parts: TelemetryParts): Telemetry {
  const { telemetry } = parts.config();
  const scrape = telemetry.prometheus.enabled ? { figures: new CallFigures(telemetry.prometheus), delay: watchLoopDelay() } : undefined;
  const out = exportOf(parts);
  const calls = telemetry.ingest.enabled ? new GatewayCalls() : undefined;
  const taking = calls && ingestOf(parts, calls);
  const spans = (): Vitals['spans'] => ({ ...out?.exporter.counts(), ...taking?.ingest.counts() });
  return {
    recording: (record) => {
      const recorded = (event: LedgerEvent): void => {
        record(event);
        if (event.type !== 'call') return;
        scrape?.figures.add(event);
        out?.figures?.add(event);
        out?.exporter.add(event);
        calls?.ended(event);
      };
      taking?.into(recorded);
      return recorded;
    },
    noting: out || calls ? [traceContext(noterOf(calls))] : [],
    propagating: (config, routing) => propagation(config, routing, out?.settings),
    routes: (around) => (scrape ? [metricsRoute({ ...parts, ...around, ...scrape, spans })] : []),
    door: taking?.door,
    close: async () => {
      scrape?.delay.stop();
      await out?.exporter.close();
    },
  };
}

/** Spans and metrics, where somebody is to get them. */
function exportOf({ config, version, log, owner }: TelemetryParts) {
  const { telemetry } = config();
  const { otlp, prometheus } = telemetry;
  const { settings, problem } = otlpSettings(telemetry, process.env);
  if (problem !== undefined) log.warn(`telemetry: nothing is exported: ${problem}`);
  if (!settings) return undefined;
  const figures = settings.metrics && new CallFigures({ ...prometheus, labels: genaiLabels });
  const resource = { 'service.version': version, 'service.instance.id': owner, ...settings.resource };
  const { timeoutMs, maxAttempts, maxQueued, maxBatch, flushMs, semconv, metricIntervalMs } = otlp;
  const sending = { timeoutMs, maxAttempts, backoffMs: 1000 };
  const exporter: Exporter = createExporter({
    protocol: settings.protocol,
    semconv,
    sampleRatio: settings.sampleRatio,
    source: { resource: Object.entries(resource), scope: { name: 'modicum', version } },
    traces: settings.traces && { ...settings.traces, ...sending },
    metrics: settings.metrics &&
      figures && { ...settings.metrics, ...sending, everyMs: metricIntervalMs, read: () => genaiMetrics(figures, semconv) },
    maxQueued,
    maxBatch,
    flushMs,
    closeMs: 5000,
    warn: (message) => log.warn(message),
  });
  return { exporter, figures, settings };
}

function noterOf(calls: GatewayCalls | undefined): (traceparent: string, scope: Scope, call: Call) => void {
  return (traceparent, scope, call) => {
    const trace = calls && parseTraceparent(traceparent);
    if (trace) calls.begun(trace, scope.startedAt, modelOf(call));
  };
}

/** A model that cannot be read is why a call will be refused, by those who need it. */
function modelOf(call: Call): string {
  try {
    return clipped(call.model);
  } catch {
    return '';
  }
}

function propagation({ telemetry }: Config, { find }: Pick<Routing, 'find'>, settings: OtlpSettings | undefined): readonly Stage[] {
  const { propagate } = telemetry.otlp;
  if (propagate === 'all' && !settings?.traces) return [];
  return [
    propagateTrace((call, scope) => {
      const isOwn = (): boolean => find(call, scope).provider.hosting === 'self-hosted';
      if (propagate === 'none' || (propagate === 'own' && !isOwn())) return 'none';
      return settings?.traces ? traceFor(scope, isOwn, settings.sampleRatio) : 'as sent';
    }),
  ];
}

/** A vendor gets no header that the client did not send; a server of one's own joins the trace of every call. */
function traceFor({ annotations, requestId }: Scope, isOwn: () => boolean, sampleRatio: number): Propagated {
  const parent = parseTraceparent(annotations.trace);
  if (!parent && !isOwn()) return 'as sent';
  const flags = isSampled(requestId, parent, sampleRatio) ? '01' : '00';
  return { traceparent: `00-${parent?.traceId ?? ownTraceId(requestId)}-${spanIdOf(requestId)}-${flags}` };
}

interface Scraped extends TelemetryParts, Around {
  readonly figures: CallFigures;
  readonly delay: LoopDelay;
  readonly spans: () => Vitals['spans'];
}

function metricsRoute({ figures, delay, spans, inFlight, budgets, ledger, version, owner, isWorker }: Scraped): AdminRoute {
  // Each process counts by itself; under one name their counters would seem to jump.
  const common = isWorker ? ([['process', owner]] as const) : [];
  return {
    method: 'GET',
    path: '/metrics',
    handle: async ({ accept }: AdminRequest) => {
      const vitals: Vitals = { inFlight: inFlight(), ledger: ledger.health(), budgets: await left(budgets), spans: spans(), version };
      const format = formatFor(accept);
      return new AdminText(contentTypes[format], exposition(familiesOf(figures, delay, vitals, common), format));
    },
  };
}

/** Counters of budgets told in one scrape. */
const maxBudgets = 1000;

/** Without the store that holds them, the rest is still told. */
async function left(budgets: Around['budgets']): Promise<readonly BudgetLeft[]> {
  const found = await budgets.list().catch(() => undefined);
  const known = found?.budgets.flatMap(({ name, subject, unit, left: rest }) =>
    rest === null ? [] : [{ budget: name, subject, unit, left: unit === 'usd' ? rest / 1e9 : rest }],
  );
  return known?.slice(0, maxBudgets) ?? [];
}

interface Taking {
  readonly ingest: Ingest;
  readonly door: TelemetryDoor;
  /** Where records go. */
  readonly into: (record: (event: LedgerEvent) => void) => void;
}

function ingestOf({ config, reader, later, isWorker }: TelemetryParts, calls: GatewayCalls): Taking {
  const { maxSpans, maxAttributes, maxBodyBytes, maxLookUp } = config().telemetry.ingest;
  const catalog = byConfig(catalogOf);
  let record: (event: LedgerEvent) => void = () => {};
  const ingest = createIngest({
    limits: { maxSpans, maxAttributes },
    calls,
    isShared: isWorker,
    lookUp: (from, to) => lookedUp(reader, { from, to, limit: maxLookUp }),
    settled: later.settled,
    books: { split, price: (asked) => priceAttempt(catalog(config()), { ...asked, hosting: 'api' }) },
    record: (made) => record(made),
  });
  const door: TelemetryDoor = {
    maxBodyBytes,
    traces: ({ contentType, body, key, labelled }) => ingest.traces({ contentType, body, books: { key, labelled } }),
  };
  return { ingest, door, into: (target) => (record = target) };
}

/** Nobody estimates what a span leaves out. */
const split: SpanBooks['split'] = (totals, flags) => {
  const buckets = exclusive(totals, openaiDialect, flags);
  if (flags.delete('input_estimated') || flags.delete('output_estimated')) flags.add('usage_missing');
  flags.delete('output_estimated');
  return buckets;
};

/** A span that may be a call of ours is taken later rather than counted twice: its sender tries again. */
async function lookedUp(reader: LedgerReader, asked: { readonly from: number; readonly to: number; readonly limit: number }) {
  try {
    return await reader.read('known', asked);
  } catch (cause) {
    throw new GatewayError('overloaded', 'the ledger does not tell now which calls passed this gateway', {
      cause,
      headers: ['retry-after', '5'],
    });
  }
}
