import { Double, type Attributes, type Metric, type Source, type Span, type Stretch, type Value } from './model.ts';

/** OTLP/JSON: ids in hex, 64-bit numbers as strings, enums as numbers. */

const nanos = (ms: number): string => `${Math.round(ms * 1000)}000`;

/** One span, to be joined by commas: a batch is made a few spans at a time. */
export const spanJson = (span: Span): string =>
  JSON.stringify({
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentId !== undefined && { parentSpanId: span.parentId }),
    flags: 1,
    name: span.name,
    kind: span.kind,
    startTimeUnixNano: nanos(span.startMs),
    endTimeUnixNano: nanos(span.endMs),
    attributes: attributesOf(span.attributes),
    events: span.events.map(({ name, atMs, attributes }) => ({ timeUnixNano: nanos(atMs), name, attributes: attributesOf(attributes) })),
    status: span.error === undefined ? {} : { code: 2, message: span.error },
  });

/** `ExportTraceServiceRequest` around spans made by `spanJson`. */
export const traceRequest = (source: Source, spans: readonly string[]): string =>
  `{"resourceSpans":[{"resource":${resourceJson(source)},"scopeSpans":[{"scope":${JSON.stringify(source.scope)},"spans":[${spans.join(',')}]}]}]}`;

/** `ExportMetricsServiceRequest`. */
export const metricsRequest = (source: Source, metrics: readonly Metric[], stretch: Stretch): string =>
  `{"resourceMetrics":[{"resource":${resourceJson(source)},"scopeMetrics":[{"scope":${JSON.stringify(source.scope)},"metrics":${JSON.stringify(
    metrics.map((metric) => metricOf(metric, stretch)),
  )}}]}]}`;

const resourceJson = ({ resource }: Source): string => JSON.stringify({ attributes: attributesOf(resource) });

const attributesOf = (attributes: Attributes): readonly object[] => attributes.map(([key, value]) => ({ key, value: valueOf(value) }));

function valueOf(value: Value): object {
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (value instanceof Double) return { doubleValue: value.value };
  if (typeof value === 'number') return Number.isSafeInteger(value) ? { intValue: String(value) } : { doubleValue: value };
  return { arrayValue: { values: value.map((item) => ({ stringValue: item })) } };
}

function metricOf(metric: Metric, { startMs, nowMs }: Stretch): object {
  const { name, unit, description } = metric;
  const times = { startTimeUnixNano: nanos(startMs), timeUnixNano: nanos(nowMs) };
  if (metric.kind === 'sum') {
    const dataPoints = metric.points.map(({ attributes, value }) => ({ ...times, attributes: attributesOf(attributes), asDouble: value }));
    return { name, unit, description, sum: { dataPoints, aggregationTemporality: 2, isMonotonic: true } };
  }
  const dataPoints = metric.points.map(({ attributes, count, sum, bounds, counts }) => ({
    ...times,
    attributes: attributesOf(attributes),
    count: String(count),
    sum,
    explicitBounds: bounds,
    bucketCounts: counts.map(String),
  }));
  return { name, unit, description, histogram: { dataPoints, aggregationTemporality: 2 } };
}
