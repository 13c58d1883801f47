import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SpanStatusCode, type Attributes as OtelAttributes } from '@opentelemetry/api';
import {
  JsonMetricsSerializer,
  JsonTraceSerializer,
  ProtobufMetricsSerializer,
  ProtobufTraceSerializer,
} from '@opentelemetry/otlp-transformer';
import { AggregationTemporality, DataPointType, InstrumentType, type ResourceMetrics } from '@opentelemetry/sdk-metrics';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import * as json from './json.ts';
import { Double, spanKinds, type Attributes, type Metric, type Source, type Span } from './model.ts';
import { ProtobufWriter } from './protobuf-writer.ts';
import * as protobuf from './protobuf.ts';

/** What the official serializers make of the same things is what ours must make. */

const source: Source = { resource: [['service.name', 'modicum']], scope: { name: 'modicum', version: '1.2.3' } };
const attributes: Attributes = [
  ['gen_ai.request.model', 'gpt-5-mini'],
  ['gen_ai.usage.input_tokens', 123_456],
  ['big', 2 ** 45 + 3],
  ['ratio', new Double(0.25)],
  ['gen_ai.request.stream', true],
  ['gen_ai.response.finish_reasons', ['stop', 'länge']],
  ['text', '日本語 and a long tail '.repeat(20)],
];
const span: Span = {
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: '00f067aa0ba902b7',
  parentId: '00f067aa0ba902b8',
  name: 'chat gpt-5-mini',
  kind: spanKinds.client,
  startMs: 1_790_000_000_000.25,
  endMs: 1_790_000_001_234.5,
  attributes,
  events: [{ name: 'modicum.saving', atMs: 1_790_000_001_000, attributes: [['modicum.saving.stage', 'x']] }],
  error: 'provider_timeout',
};
const plain = (pairs: Attributes): OtelAttributes =>
  Object.fromEntries(pairs.map(([key, value]) => [key, (value instanceof Double ? value.value : value) as string]));
const hr = (ms: number): [number, number] => [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];
const context = (spanId: string) => ({ traceId: span.traceId, spanId, traceFlags: 1 });
const resource = { attributes: plain(source.resource), merge: () => resource, getRawAttributes: () => [] };
const readable = {
  name: span.name,
  kind: 2, // CLIENT in the API's own count
  spanContext: () => context(span.spanId),
  parentSpanContext: context(span.parentId!),
  startTime: hr(span.startMs),
  endTime: hr(span.endMs),
  status: { code: SpanStatusCode.ERROR, message: span.error! },
  attributes: plain(attributes),
  links: [],
  events: span.events.map((event) => ({ name: event.name, time: hr(event.atMs), attributes: plain(event.attributes) })),
  duration: [0, 0],
  ended: true,
  resource,
  instrumentationScope: source.scope,
  droppedAttributesCount: 0,
  droppedEventsCount: 0,
  droppedLinksCount: 0,
} as unknown as ReadableSpan;

const metrics: readonly Metric[] = [
  {
    kind: 'histogram',
    name: 'gen_ai.client.token.usage',
    unit: '{token}',
    description: 'Tokens.',
    points: [{ attributes: [['gen_ai.token.type', 'input']], count: 3, sum: 42.5, bounds: [1, 4, 16], counts: [0, 1, 1, 1] }],
  },
  {
    kind: 'sum',
    name: 'gen_ai.client.inference.usage.input_tokens',
    unit: '{token}',
    description: 'In.',
    points: [{ attributes: [], value: 7 }],
  },
];
const stretch = { startMs: 1_790_000_000_000, nowMs: 1_790_000_060_000 };
const official: ResourceMetrics = {
  resource,
  scopeMetrics: [
    {
      scope: source.scope,
      metrics: metrics.map((metric) => {
        const descriptor = { name: metric.name, unit: metric.unit, description: metric.description, valueType: 1, advice: {} };
        const times = { startTime: hr(stretch.startMs), endTime: hr(stretch.nowMs) };
        const common = { aggregationTemporality: AggregationTemporality.CUMULATIVE };
        if (metric.kind === 'sum')
          return {
            ...common,
            descriptor: { ...descriptor, type: InstrumentType.COUNTER },
            isMonotonic: true,
            dataPointType: DataPointType.SUM,
            dataPoints: metric.points.map((point) => ({ ...times, attributes: plain(point.attributes), value: point.value })),
          };
        return {
          ...common,
          descriptor: { ...descriptor, type: InstrumentType.HISTOGRAM },
          dataPointType: DataPointType.HISTOGRAM,
          dataPoints: metric.points.map(({ attributes: own, bounds, counts, sum, count }) => ({
            ...times,
            attributes: plain(own),
            value: { buckets: { boundaries: [...bounds], counts: [...counts] }, sum, count },
          })),
        };
      }) as unknown as ResourceMetrics['scopeMetrics'][number]['metrics'],
    },
  ],
};

interface Shape {
  readonly [field: number]: Shape | (() => Shape);
}
const any: Shape = { 5: { 1: () => any } };
const pair: Shape = { 2: any };
const envelope = (entry: Shape): Shape => ({ 1: { 1: { 1: pair }, 2: { 1: {}, 2: entry } } });
const traceShape = envelope({ 9: pair, 11: { 3: pair }, 15: {} });
const metricShape = envelope({ 7: { 1: { 7: pair } }, 9: { 1: { 9: pair } } });

/** Fields of a message in order of their numbers, default values left out; messages inside as the shape says. */
function tree(bytes: Uint8Array, shape: Shape): unknown {
  const view = Buffer.from(bytes);
  const fields: [number, unknown][] = [];
  let at = 0;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; ; factor *= 128) {
      assert.ok(at < view.length, 'cut off');
      const byte = view[at++]!;
      value += (byte & 0x7f) * factor;
      if (byte < 128) return value;
    }
  };
  const fixed = (size: number): string => view.subarray(at, (at += size)).toString('hex');
  while (at < view.length) {
    const tag = varint();
    const field = tag >>> 3;
    const inner = shape[field];
    let value: unknown;
    if ((tag & 7) === 0) value = varint();
    else if ((tag & 7) === 1) value = fixed(8);
    else if ((tag & 7) === 5) value = fixed(4);
    else {
      const length = varint();
      const part = view.subarray(at, (at += length));
      value = inner ? tree(part, typeof inner === 'function' ? inner() : inner) : part.toString('hex');
    }
    if (value !== 0 && value !== '') fields.push([field, value]);
  }
  return fields.sort(([left], [right]) => left - right);
}

const parsed = (bytes: Uint8Array | undefined): unknown => JSON.parse(Buffer.from(bytes!).toString('utf8'));
/** Counters of what was dropped are 0 with us, and flags say more there. */
const stripped = (value: unknown): unknown =>
  JSON.parse(
    JSON.stringify(value, (key, inner: unknown) =>
      /^dropped|^flags$|^traceState$|^min$|^max$/.test(key) || (key === 'links' && (inner as unknown[]).length === 0) ? undefined : inner,
    ),
  );

describe('the same as the official serializers', () => {
  test('spans as protobuf', () => {
    const writer = new ProtobufWriter(8); // grows
    protobuf.writeSpan(writer, span);
    const ours = tree(protobuf.traceRequest(source, [writer.take()]), traceShape);
    const theirs = tree(ProtobufTraceSerializer.serializeRequest([readable])!, traceShape);
    assert.deepEqual(withoutFlags(ours), withoutFlags(theirs));
  });

  test('spans as JSON', () => {
    const ours = stripped(JSON.parse(json.traceRequest(source, [json.spanJson(span)])));
    assert.deepEqual(numbered(ours), numbered(stripped(parsed(JsonTraceSerializer.serializeRequest([readable])))));
  });

  test('metrics as protobuf', () => {
    const ours = tree(protobuf.metricsRequest(source, metrics, stretch), metricShape);
    assert.deepEqual(ours, tree(ProtobufMetricsSerializer.serializeRequest(official)!, metricShape));
  });

  test('metrics as JSON', () => {
    const ours = stripped(JSON.parse(json.metricsRequest(source, metrics, stretch)));
    assert.deepEqual(numbered(ours), numbered(stripped(parsed(JsonMetricsSerializer.serializeRequest(official)))));
  });
});

/** Field 16 of a span: sampled, here; there also whether the parent is known to be remote. */
const withoutFlags = (whole: unknown): unknown =>
  JSON.parse(JSON.stringify(whole), (_key, value: unknown) =>
    Array.isArray(value) ? value.filter((entry) => !(Array.isArray(entry) && entry[0] === 16)) : value,
  );
/** 64-bit numbers may stand as text or as numbers. */
const numbered = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value), (_key, inner: unknown) => (typeof inner === 'string' && /^\d+$/.test(inner) ? Number(inner) : inner));
