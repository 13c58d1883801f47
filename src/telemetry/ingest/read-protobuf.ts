import { isSpanId, type InboundAttributes, type InboundLimits, type InboundSpan, type InboundValue } from './inbound.ts';
import { ProtobufReader } from './protobuf-reader.ts';

/** The spans of an `ExportTraceServiceRequest`, one at a time, so that others may run between them. @throws {ProtobufError} */
export function* readProtobuf(body: Buffer, limits: InboundLimits, isWanted: (key: string) => boolean): Generator<InboundSpan> {
  const request = new ProtobufReader(body);
  while (request.next()) if (request.field === 1) yield* resourceSpans(request.message(), { limits, isWanted });
}

interface Reading {
  readonly limits: InboundLimits;
  /** Attributes nobody asks for are passed over: prompts among them are not even decoded. */
  readonly isWanted: (key: string) => boolean;
}

function* resourceSpans(reader: ProtobufReader, reading: Reading): Generator<InboundSpan> {
  const resource = new Map<string, InboundValue>();
  const scopes: ProtobufReader[] = [];
  while (reader.next()) {
    if (reader.field === 1) readResource(reader.message(), resource, reading);
    else if (reader.field === 2) scopes.push(reader.message());
  }
  for (const scope of scopes) while (scope.next()) if (scope.field === 2) yield spanOf(scope.message(), resource, reading);
}

function readResource(reader: ProtobufReader, resource: Map<string, InboundValue>, reading: Reading): void {
  while (reader.next()) if (reader.field === 1) readAttribute(reader.message(), resource, reading);
}

function spanOf(reader: ProtobufReader, resource: InboundAttributes, reading: Reading): InboundSpan {
  const span = { traceId: '', spanId: '', parentId: undefined as string | undefined, name: '', startMs: 0, endMs: 0, isError: false };
  const attributes = new Map<string, InboundValue>();
  while (reader.next()) {
    switch (reader.field) {
      case 1:
        span.traceId = reader.hex();
        break;
      case 2:
        span.spanId = reader.hex();
        break;
      case 4:
        span.parentId = parentOf(reader.hex());
        break;
      case 5:
        span.name = reader.text();
        break;
      case 7:
        span.startMs = Number(reader.fixed64() / 1000n) / 1000;
        break;
      case 8:
        span.endMs = Number(reader.fixed64() / 1000n) / 1000;
        break;
      case 9:
        readAttribute(reader.message(), attributes, reading);
        break;
      case 15:
        span.isError = isErrorStatus(reader.message());
        break;
    }
  }
  return { ...span, attributes, resource };
}

export const parentOf = (id: string): string | undefined => (isSpanId(id) ? id : undefined);

function isErrorStatus(reader: ProtobufReader): boolean {
  let code = 0;
  while (reader.next()) if (reader.field === 3) code = reader.number();
  return code === 2;
}

function readAttribute(reader: ProtobufReader, into: Map<string, InboundValue>, { limits, isWanted }: Reading): void {
  let key = '';
  while (reader.next()) {
    if (reader.field === 1) {
      key = reader.text();
      if (!isWanted(key)) return;
    } else if (reader.field === 2) {
      const value = valueOf(reader.message());
      if (value !== undefined && into.size < limits.maxAttributes) into.set(key, value);
    }
  }
}

/** Strings, numbers, truth values and lists of strings; nothing we read comes in another form. */
function valueOf(reader: ProtobufReader): InboundValue | undefined {
  let value: InboundValue | undefined;
  while (reader.next()) {
    if (reader.field === 1) value = reader.text();
    else if (reader.field === 2) value = reader.number() !== 0;
    else if (reader.field === 3) value = reader.signed();
    else if (reader.field === 4) value = reader.double();
    else if (reader.field === 5) value = listOf(reader.message());
  }
  return value;
}

function listOf(reader: ProtobufReader): readonly string[] {
  const items: string[] = [];
  while (reader.next()) {
    if (reader.field !== 1) continue;
    const item = reader.message();
    while (item.next()) if (item.field === 1 && items.length < maxItems) items.push(item.text());
  }
  return items;
}

/** Entries of a list that are read. */
export const maxItems = 64;
