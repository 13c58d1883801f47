import { setTimeout as sleep } from 'node:timers/promises';
import { GatewayError } from '../../core/errors.ts';
import type { CallRecord } from '../../core/record.ts';
import { isWanted } from './aliases.ts';
import type { GatewayCalls, KnownCall } from './gateway-calls.ts';
import { isSpanId, isTraceId, type InboundLimits, type InboundSpan } from './inbound.ts';
import { CountOnce } from './once.ts';
import { readJson } from './read-json.ts';
import { readProtobuf } from './read-protobuf.ts';
import { recordOfSpan, type SpanBooks } from './record.ts';
import { answerOf, type IngestAnswer } from './answer.ts';

export interface IngestOptions {
  readonly limits: InboundLimits;
  readonly calls: GatewayCalls;
  /** Records of the ledger between two times, epoch ms; at most a set number of them. */
  readonly lookUp: (fromMs: number, toMs: number) => Promise<readonly KnownCall[]>;
  /** True where other processes serve too, whose calls only the ledger knows. */
  readonly isShared: boolean;
  /** Resolves when no record of a call that has ended is still being made. */
  readonly settled: () => Promise<void>;
  readonly books: Pick<SpanBooks, 'split' | 'price'>;
  readonly record: (record: CallRecord) => void;
}

export interface IngestRequest {
  readonly contentType: string | undefined;
  /** Decompressed. */
  readonly body: Buffer;
  readonly books: Pick<SpanBooks, 'labelled' | 'key'>;
}

export interface Ingest {
  /** Takes an `ExportTraceServiceRequest`. @throws {GatewayError} `invalid_request` */
  readonly traces: (request: IngestRequest) => Promise<IngestAnswer>;
  readonly counts: () => Readonly<Record<'received' | 'recorded' | 'duplicate' | 'refused', number>>;
}

/** Spans read in one turn of the event loop, and records made. */
const turnSpans = 200;
/** How long a request waits for records of calls that have just ended. */
const settleMs = 250;
/** How much earlier than its span a call may have reached the gateway, by clocks that differ. */
const slackMs = 60_000;

export function createIngest(options: IngestOptions): Ingest {
  const once = new CountOnce(options.calls);
  const counts = { received: 0, recorded: 0, duplicate: 0, refused: 0 };
  return {
    counts: () => ({ ...counts }),
    traces: async ({ contentType, body, books }) => {
      const form = formOf(contentType);
      const { spans, refused, reason } = await spansOf(form, body, options.limits);
      await Promise.race([options.settled(), sleep(settleMs, undefined, { ref: false })]);
      await reachBack(spans, options);
      const { counted, duplicates } = once.sort(spans);
      const all = { ...options.books, ...books };
      for (const [at, { span, operation }] of counted.entries()) {
        options.record(recordOfSpan(span, operation, all));
        if (at % turnSpans === turnSpans - 1) await new Promise(setImmediate);
      }
      counts.received += spans.length;
      counts.recorded += counted.length;
      counts.duplicate += duplicates;
      counts.refused += refused;
      return answerOf(form, refused, reason);
    },
  };
}

type Form = 'protobuf' | 'json';

function formOf(contentType = ''): Form {
  const type = contentType.split(';')[0]!.trim().toLowerCase();
  if (type === 'application/x-protobuf' || type === 'application/protobuf') return 'protobuf';
  if (type === 'application/json') return 'json';
  throw new GatewayError('invalid_request', 'OTLP comes as application/x-protobuf or application/json', { param: 'content-type' });
}

interface Spans {
  readonly spans: readonly InboundSpan[];
  readonly refused: number;
  readonly reason: string;
}

async function spansOf(form: Form, body: Buffer, limits: InboundLimits): Promise<Spans> {
  const spans: InboundSpan[] = [];
  let invalid = 0;
  let beyond = 0;
  try {
    let read = 0;
    for (const span of (form === 'json' ? readJson : readProtobuf)(body, limits, isWanted)) {
      if (spans.length >= limits.maxSpans) beyond += 1;
      else if (isTraceId(span.traceId) && isSpanId(span.spanId)) spans.push(span);
      else invalid += 1;
      if (++read % turnSpans === 0) await new Promise(setImmediate);
    }
  } catch (cause) {
    throw new GatewayError('invalid_request', `the body is no ExportTraceServiceRequest in ${form}`, { cause, param: 'body' });
  }
  const reasons = [
    ...(invalid > 0 ? [`${invalid} spans without valid ids`] : []),
    ...(beyond > 0 ? [`${beyond} spans beyond telemetry.ingest.maxSpans (${limits.maxSpans})`] : []),
  ];
  return { spans, refused: invalid + beyond, reason: reasons.join(', ') };
}

/** Asks the ledger for calls of a time that the memory does not reach back to. */
async function reachBack(spans: readonly InboundSpan[], { calls, lookUp, isShared }: IngestOptions): Promise<void> {
  const firstMs = spans.reduce((first, { startMs }) => Math.min(first, startMs), Infinity) - slackMs;
  const toMs = isShared ? Date.now() : calls.sinceMs;
  if (firstMs >= toMs) return;
  for (const call of await lookUp(firstMs, toMs)) calls.recalled(call);
  if (!isShared) calls.reachesBack(firstMs);
}
