/** What is exported, before it is written as protobuf or JSON. Ids are lower-case hex; times are epoch ms. */
export interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Attributes;
  readonly events: readonly SpanEvent[];
  /** `undefined`: unset. */
  readonly error: string | undefined;
}

export interface SpanEvent {
  readonly name: string;
  readonly atMs: number;
  readonly attributes: Attributes;
}

/** `opentelemetry.proto.trace.v1.Span.SpanKind` */
export const spanKinds = { server: 2, client: 3 } as const;
export type SpanKind = (typeof spanKinds)[keyof typeof spanKinds];

/** A whole number is exported as an integer; one with a fraction wrapped in `Double`, or any that must be one. */
export type Value = string | number | boolean | readonly string[] | Double;
export type Attributes = readonly (readonly [key: string, value: Value])[];

/** A number exported as a double, whatever it is. */
export class Double {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export type Metric = SumMetric | HistogramMetric;

interface MetricHead {
  readonly name: string;
  readonly unit: string;
  readonly description: string;
}
export interface SumMetric extends MetricHead {
  readonly kind: 'sum';
  readonly points: readonly { readonly attributes: Attributes; readonly value: number }[];
}
export interface HistogramMetric extends MetricHead {
  readonly kind: 'histogram';
  readonly points: readonly HistogramPoint[];
}
export interface HistogramPoint {
  readonly attributes: Attributes;
  readonly count: number;
  readonly sum: number;
  /** Upper bounds; `counts` has one more entry. */
  readonly bounds: readonly number[];
  readonly counts: readonly number[];
}

/** Who exports. */
export interface Source {
  readonly resource: Attributes;
  /** Name and version of the instrumentation scope. */
  readonly scope: { readonly name: string; readonly version: string };
}
/** Since when metrics are counted, and now. */
export interface Stretch {
  readonly startMs: number;
  readonly nowMs: number;
}
