import type { InboundAttributes, InboundLimits, InboundSpan, InboundValue } from './inbound.ts';
import { maxItems, parentOf } from './read-protobuf.ts';

type Fields = Readonly<Record<string, unknown>>;

/** The spans of an `ExportTraceServiceRequest` in OTLP/JSON. What has another form than it should counts as absent. @throws {SyntaxError} */
export function* readJson(body: Buffer, limits: InboundLimits, isWanted: (key: string) => boolean): Generator<InboundSpan> {
  const read = (value: unknown): InboundAttributes => attributesOf(value, limits, isWanted);
  const request = fields(JSON.parse(body.toString('utf8')));
  for (const group of list(request['resourceSpans'])) {
    const resource = read(fields(group['resource'])['attributes']);
    for (const scope of list(group['scopeSpans'])) for (const span of list(scope['spans'])) yield spanOf(span, resource, read);
  }
}

const spanOf = (span: Fields, resource: InboundAttributes, read: (value: unknown) => InboundAttributes): InboundSpan => ({
  traceId: text(span['traceId']).toLowerCase(),
  spanId: text(span['spanId']).toLowerCase(),
  parentId: parentOf(text(span['parentSpanId']).toLowerCase()),
  name: text(span['name']),
  startMs: msOf(span['startTimeUnixNano']),
  endMs: msOf(span['endTimeUnixNano']),
  attributes: read(span['attributes']),
  isError: [2, 'STATUS_CODE_ERROR'].includes(fields(span['status'])['code'] as number | string),
  resource,
});

function attributesOf(value: unknown, { maxAttributes }: InboundLimits, isWanted: (key: string) => boolean): InboundAttributes {
  const attributes = new Map<string, InboundValue>();
  for (const pair of list(value)) {
    const key = text(pair['key']);
    if (!isWanted(key) || attributes.size >= maxAttributes) continue;
    const read = valueOf(fields(pair['value']));
    if (read !== undefined) attributes.set(key, read);
  }
  return attributes;
}

function valueOf(value: Fields): InboundValue | undefined {
  const { stringValue, boolValue, intValue, doubleValue, arrayValue } = value;
  if (typeof stringValue === 'string') return stringValue;
  if (typeof boolValue === 'boolean') return boolValue;
  if (intValue !== undefined) return finite(Number(intValue));
  if (doubleValue !== undefined) return finite(Number(doubleValue));
  if (arrayValue === undefined) return undefined;
  const items = list(fields(arrayValue)['values']).slice(0, maxItems);
  return items.flatMap((item) => (typeof item['stringValue'] === 'string' ? [item['stringValue']] : []));
}

const finite = (value: number): number | undefined => (Number.isFinite(value) ? value : undefined);
const text = (value: unknown): string => (typeof value === 'string' ? value : '');
const fields = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {});
const list = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fields) : []);

/** Nanoseconds as a string or a number; epoch ms. */
function msOf(value: unknown): number {
  if (typeof value === 'string' && /^\d{1,20}$/.test(value)) return Number(BigInt(value) / 1000n) / 1000;
  return typeof value === 'number' && value >= 0 ? value / 1e6 : 0;
}
