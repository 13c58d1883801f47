import type { CallRecord } from '../../core/record.ts';
import { callSpans, ingestedFlag, traceOf } from '../call-spans.ts';
import type { Semconv } from '../names.ts';
import { isSampled } from '../sampling.ts';
import * as json from './json.ts';
import type { Metric, Source, Span, Stretch } from './model.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import * as protobuf from './protobuf.ts';
import { sendPayload, type Payload, type SenderOptions, type Sent } from './sender.ts';

export const protocols = ['http/protobuf', 'http/json'] as const;
export type Protocol = (typeof protocols)[number];

export interface ExporterOptions {
  readonly protocol: Protocol;
  readonly semconv: Semconv;
  /** Share of the calls without a trace of their client's whose spans are sent; of the others the client's own choice holds. */
  readonly sampleRatio: number;
  readonly source: Source;
  /** `undefined`: no spans. */
  readonly traces: SenderOptions | undefined;
  /** `undefined`: no metrics. */
  readonly metrics: (SenderOptions & { readonly everyMs: number; readonly read: () => readonly Metric[] }) | undefined;
  /** Calls that wait to be sent; more are dropped, and counted. */
  readonly maxQueued: number;
  /** Calls in one request at most. */
  readonly maxBatch: number;
  /** How long a call waits for others. */
  readonly flushMs: number;
  /** How long closing waits for the receiver. */
  readonly closeMs: number;
  /** Tells a person. */
  readonly warn: (message: string) => void;
}

export interface Exporter {
  /** Never throws, never waits. */
  readonly add: (record: CallRecord) => void;
  /** Spans; `queued`: calls that wait. */
  readonly counts: () => Readonly<Record<'exported' | 'dropped' | 'rejected' | 'queued', number>>;
  /** Sends what waits, within `closeMs`. */
  readonly close: () => Promise<void>;
}

/** How long a closing exporter still tries again: an answer under way may take the whole of `closeMs`. */
const closingRetryMs = 500;

export function createExporter(options: ExporterOptions): Exporter {
  return new OtlpExporter(options);
}

/** Spans of some calls, written. */
interface Batch {
  readonly payload: Payload;
  readonly calls: number;
  readonly spans: number;
}

/**
 * Writes the spans of a call at once, as bytes, and sends them later: records kept as objects until then would be copied by the garbage
 * collector again and again, which costs more than writing them.
 */
class OtlpExporter implements Exporter {
  readonly #options: ExporterOptions;
  readonly #startMs = Date.now();
  readonly #stop = new AbortController();
  readonly #counts = { exported: 0, dropped: 0, rejected: 0 };
  readonly #metricsTimer: NodeJS.Timeout | undefined;
  readonly #pages: Pages;
  /** Full batches that wait for the one under way. */
  readonly #queue: Batch[] = [];
  #queuedCalls = 0;
  #timer: NodeJS.Timeout | undefined;
  #sending: Promise<void> | undefined;
  #isClosed = false;

  constructor(options: ExporterOptions) {
    this.#options = options;
    this.#pages = options.protocol === 'http/json' ? new JsonPages(options.source) : new ProtobufPages(options.source);
    const { metrics } = options;
    this.#metricsTimer = metrics && setInterval(() => void this.#sendMetrics(), metrics.everyMs).unref();
  }

  readonly add = (record: CallRecord): void => {
    const { traces, maxQueued, maxBatch, flushMs, sampleRatio, semconv } = this.#options;
    if (!traces || this.#isClosed || record.flags.includes(ingestedFlag)) return;
    const parent = traceOf(record);
    if (!isSampled(record.id, parent, sampleRatio)) return;
    if (this.#queuedCalls + this.#pages.calls >= maxQueued) {
      this.#counts.dropped += 1 + record.attempts.length;
      return;
    }
    this.#pages.add(callSpans(record, semconv, parent));
    if (this.#pages.calls >= maxBatch) this.#turn();
    else this.#timer ??= setTimeout(() => this.#turn(), flushMs).unref();
  };

  readonly counts = () => ({ ...this.#counts, queued: this.#queuedCalls + this.#pages.calls });

  readonly close = async (): Promise<void> => {
    this.#isClosed = true;
    clearInterval(this.#metricsTimer);
    this.#turn();
    const all = Promise.all([this.#drained(), this.#sendMetrics()]);
    const patience = setTimeout(() => this.#stop.abort(), Math.min(this.#options.closeMs, closingRetryMs));
    let deadline: NodeJS.Timeout | undefined;
    await Promise.race([all, new Promise((resolve) => (deadline = setTimeout(resolve, this.#options.closeMs)))]);
    clearTimeout(patience);
    clearTimeout(deadline);
    this.#stop.abort();
    for (const { spans } of this.#queue.splice(0)) this.#counts.dropped += spans;
    this.#queuedCalls = 0;
  };

  async #drained(): Promise<void> {
    while (this.#sending) await this.#sending;
  }

  /** What was written so far becomes a batch. */
  #turn(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#pages.calls > 0) {
      const batch = this.#pages.take();
      this.#queuedCalls += batch.calls;
      this.#queue.push(batch);
    }
    this.#send();
  }

  /** One batch after the other: a slow receiver lets the queue grow to its limit, and no further. */
  #send(): void {
    const batch = this.#sending ? undefined : this.#queue.shift();
    if (!batch) return;
    this.#queuedCalls -= batch.calls;
    this.#sending = sendPayload(batch.payload, this.#options.traces!, this.#stop.signal)
      .then((sent) => this.#note(sent, batch.spans, 'spans'))
      .finally(() => {
        this.#sending = undefined;
        this.#send();
      });
  }

  async #sendMetrics(): Promise<void> {
    const { metrics, protocol, source } = this.#options;
    if (!metrics) return;
    const read = metrics.read().filter(({ points }) => points.length > 0);
    if (read.length === 0) return;
    const stretch: Stretch = { startMs: this.#startMs, nowMs: Date.now() };
    const payload =
      protocol === 'http/json'
        ? jsonPayload(json.metricsRequest(source, read, stretch))
        : protobufPayload(protobuf.metricsRequest(source, read, stretch));
    this.#note(await sendPayload(payload, metrics, this.#stop.signal), 0, 'metrics');
  }

  #note(sent: Sent, spans: number, what: string): void {
    if (sent.end === 'sent') {
      this.#counts.exported += spans - sent.rejected;
      this.#counts.rejected += sent.rejected;
    } else {
      this.#counts.dropped += spans;
      this.#options.warn(`telemetry: ${what} could not be sent: ${sent.reason}`);
    }
  }
}

const jsonPayload = (body: string): Payload => ({ contentType: 'application/json', body });
const protobufPayload = (body: Uint8Array): Payload => ({ contentType: 'application/x-protobuf', body });

/** Spans being written, call by call. */
interface Pages {
  readonly calls: number;
  add(spans: readonly Span[]): void;
  /** What was written; it begins anew. */
  take(): Batch;
}

class ProtobufPages implements Pages {
  readonly #source: Source;
  readonly #writer = new ProtobufWriter(256 * 1024);
  #spans = 0;
  calls = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  add(spans: readonly Span[]): void {
    for (const span of spans) protobuf.writeSpan(this.#writer, span);
    this.#spans += spans.length;
    this.calls += 1;
  }

  take(): Batch {
    const { calls } = this;
    const spans = this.#spans;
    this.calls = this.#spans = 0;
    return { calls, spans, payload: protobufPayload(protobuf.traceRequest(this.#source, [this.#writer.take()])) };
  }
}

class JsonPages implements Pages {
  readonly #source: Source;
  #texts: string[] = [];
  calls = 0;

  constructor(source: Source) {
    this.#source = source;
  }

  add(spans: readonly Span[]): void {
    for (const span of spans) this.#texts.push(json.spanJson(span));
    this.calls += 1;
  }

  take(): Batch {
    const { calls } = this;
    const texts = this.#texts;
    this.calls = 0;
    this.#texts = [];
    return { calls, spans: texts.length, payload: jsonPayload(json.traceRequest(this.#source, texts)) };
  }
}
