import {
  Double,
  type Attributes,
  type HistogramPoint,
  type Metric,
  type Source,
  type Span,
  type SpanEvent,
  type Stretch,
  type Value,
} from './model.ts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** Field numbers are those of opentelemetry/proto (trace, metrics, common, resource, v1). */

/** `STATUS_CODE_ERROR` */
const errorStatus = 2;
/** W3C trace flags of an exported span: sampled. */
const sampledFlags = 0x01;
/** `AGGREGATION_TEMPORALITY_CUMULATIVE` */
const cumulative = 2;

/** One span as an entry of `ScopeSpans.spans`: entries are joined, so that a batch is made a few spans at a time. */
export function writeSpan(writer: ProtobufWriter, span: Span): void {
  const entry = writer.open(2);
  writer.hex(1, span.traceId);
  writer.hex(2, span.spanId);
  if (span.parentId !== undefined) writer.hex(4, span.parentId);
  writer.text(5, span.name);
  writer.varint(6, span.kind);
  writer.time(7, span.startMs);
  writer.time(8, span.endMs);
  writeAttributes(writer, 9, span.attributes);
  for (const event of span.events) writeEvent(writer, event);
  if (span.error !== undefined) {
    const status = writer.open(15);
    writer.text(2, span.error);
    writer.varint(3, errorStatus);
    writer.close(status);
  }
  writer.fixed32(16, sampledFlags);
  writer.close(entry);
}

function writeEvent(writer: ProtobufWriter, { name, atMs, attributes }: SpanEvent): void {
  const event = writer.open(11);
  writer.time(1, atMs);
  writer.text(2, name);
  writeAttributes(writer, 3, attributes);
  writer.close(event);
}

function writeAttributes(writer: ProtobufWriter, field: number, attributes: Attributes): void {
  for (const [key, value] of attributes) {
    if (typeof value === 'string') writer.textPair(field, keyBytes(key), value);
    else if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) writer.wholePair(field, keyBytes(key), value);
    else writeOther(writer, field, key, value);
  }
}

function writeOther(writer: ProtobufWriter, field: number, key: string, value: Value): void {
  const pair = writer.open(field);
  writer.text(1, key);
  const any = writer.open(2);
  writeValue(writer, value);
  writer.close(any);
  writer.close(pair);
}

/** Keys as they stand in each pair. They come from our own tables of names, and from the configuration: few. */
const knownKeys = new Map<string, Uint8Array>();
const maxKnownKeys = 1000;

function keyBytes(key: string): Uint8Array {
  const known = knownKeys.get(key);
  if (known) return known;
  const writer = new ProtobufWriter(64);
  writer.text(1, key);
  const bytes = new Uint8Array(writer.take());
  if (knownKeys.size < maxKnownKeys) knownKeys.set(key, bytes);
  return bytes;
}

function writeValue(writer: ProtobufWriter, value: Value): void {
  if (typeof value === 'string') writer.text(1, value);
  else if (typeof value === 'boolean') writer.varint(2, value ? 1 : 0);
  else if (value instanceof Double) writer.double(4, value.value);
  else if (typeof value === 'number') {
    if (Number.isSafeInteger(value) && value >= 0) writer.varint(3, value);
    else writer.double(4, value);
  } else
    writer.message(5, () => {
      for (const item of value) writer.message(1, () => writer.text(1, item));
    });
}

/** `ExportTraceServiceRequest` around entries made by `writeSpan`. */
export function traceRequest(source: Source, entries: readonly Uint8Array[]): Buffer {
  return request(source, (writer) => {
    for (const entry of entries) writer.raw(entry);
  });
}

/** `ExportMetricsServiceRequest`. */
export function metricsRequest(source: Source, metrics: readonly Metric[], stretch: Stretch): Buffer {
  return request(source, (writer) => {
    for (const metric of metrics) writer.message(2, () => writeMetric(writer, metric, stretch));
  });
}

/** Resource and scope stand in the same fields in both kinds of request. */
function request({ resource, scope }: Source, content: (writer: ProtobufWriter) => void): Buffer {
  const writer = new ProtobufWriter();
  writer.message(1, () => {
    writer.message(1, () => writeAttributes(writer, 1, resource));
    writer.message(2, () => {
      writer.message(1, () => {
        writer.text(1, scope.name);
        writer.text(2, scope.version);
      });
      content(writer);
    });
  });
  return writer.take();
}

function writeMetric(writer: ProtobufWriter, metric: Metric, stretch: Stretch): void {
  writer.text(1, metric.name);
  writer.text(2, metric.description);
  writer.text(3, metric.unit);
  if (metric.kind === 'sum')
    writer.message(7, () => {
      for (const { attributes, value } of metric.points)
        writer.message(1, () => {
          writeTimes(writer, stretch);
          writer.double(4, value);
          writeAttributes(writer, 7, attributes);
        });
      writer.varint(2, cumulative);
      writer.varint(3, 1);
    });
  else
    writer.message(9, () => {
      for (const point of metric.points) writer.message(1, () => writePoint(writer, point, stretch));
      writer.varint(2, cumulative);
    });
}

function writePoint(writer: ProtobufWriter, { attributes, count, sum, bounds, counts }: HistogramPoint, stretch: Stretch): void {
  writeTimes(writer, stretch);
  writer.fixed64(4, BigInt(count));
  writer.double(5, sum);
  writer.bytes(6, Buffer.from(new BigUint64Array(counts.map(BigInt)).buffer));
  writer.bytes(7, Buffer.from(new Float64Array(bounds).buffer));
  writeAttributes(writer, 9, attributes);
}

function writeTimes(writer: ProtobufWriter, { startMs, nowMs }: Stretch): void {
  writer.time(2, startMs);
  writer.time(3, nowMs);
}
