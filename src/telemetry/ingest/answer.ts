import { ProtobufWriter } from '../otlp/protobuf-writer.ts';

export interface IngestAnswer {
  readonly contentType: string;
  readonly body: Buffer;
}

/** `ExportTraceServiceResponse` in the form of the request. Spans that were refused are told as a partial success, and need not be sent again. */
export function answerOf(form: 'protobuf' | 'json', refused: number, reason: string): IngestAnswer {
  return form === 'json'
    ? { contentType: 'application/json', body: Buffer.from(JSON.stringify(jsonAnswer(refused, reason))) }
    : { contentType: 'application/x-protobuf', body: protobufAnswer(refused, reason) };
}

const jsonAnswer = (refused: number, reason: string): object =>
  refused === 0 ? {} : { partialSuccess: { rejectedSpans: String(refused), errorMessage: reason } };

function protobufAnswer(refused: number, reason: string): Buffer {
  const writer = new ProtobufWriter(256);
  if (refused > 0)
    writer.message(1, () => {
      writer.varint(1, refused);
      writer.text(2, reason);
    });
  return writer.take();
}
