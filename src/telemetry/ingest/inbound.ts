/** A span as it came in, as far as it is read. */
export interface InboundSpan {
  /** Lower-case hex, 32 and 16 digits. */
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string | undefined;
  readonly name: string;
  /** Epoch ms, with fractions. */
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: InboundAttributes;
  readonly isError: boolean;
  readonly resource: InboundAttributes;
}

export type InboundValue = string | number | boolean | readonly string[];
export type InboundAttributes = ReadonlyMap<string, InboundValue>;

/** What a request may hold. */
export interface InboundLimits {
  readonly maxSpans: number;
  /** Of one span or resource; further ones are not read. */
  readonly maxAttributes: number;
}

/** Ids of zeros, or of another length, are none. */
export const isTraceId = (id: string): boolean => /^(?!0+$)[0-9a-f]{32}$/.test(id);
export const isSpanId = (id: string): boolean => /^(?!0+$)[0-9a-f]{16}$/.test(id);
