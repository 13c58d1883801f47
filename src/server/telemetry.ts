import { Body } from '../core/body.ts';
import { GatewayError } from '../core/errors.ts';
import type { Labels } from '../core/record.ts';
import { decompressed, readBody } from './body.ts';
import type { Context, Exchange } from './context.ts';
import { sortHeaders } from './headers.ts';
import { keyLabels } from './key-labels.ts';

export interface TelemetryRequest {
  readonly contentType: string | undefined;
  /** Decompressed. */
  readonly body: Buffer;
  readonly key: string | undefined;
  readonly labelled: (labels: Labels) => Labels;
}

/** Who takes spans of calls that did not pass the gateway. */
export interface TelemetryDoor {
  readonly maxBodyBytes: number;
  /** @throws {GatewayError} */
  readonly traces: (request: TelemetryRequest) => Promise<{ readonly contentType: string; readonly body: Buffer }>;
}

/** An OTLP/HTTP request. Traces are taken; metrics and logs are answered as if they were, so that a client with one endpoint for all stays calm. */
export async function serveTelemetry(
  { options: { telemetry } }: Context,
  { request, response, client, target, key }: Exchange,
  signal: 'traces' | 'metrics' | 'logs',
): Promise<void> {
  if (!telemetry) throw new GatewayError('not_found', 'the option `telemetry.ingest.enabled` is off');
  const { maxBodyBytes } = telemetry;
  const headers = sortHeaders(request.rawHeaders);
  const { contentType, body } =
    signal === 'traces'
      ? await telemetry.traces({
          contentType: request.headers['content-type'],
          body: await bodyOf({ request, client }, headers, maxBodyBytes),
          key: key?.id,
          labelled: (labels) => {
            const named = target.app === undefined ? labels : { ...labels, app: target.app };
            return key ? keyLabels(named, key) : named;
          },
        })
      : await nothing({ request, client }, headers, maxBodyBytes);
  response.writeHead(200, { 'content-type': contentType, 'content-length': body.length }).end(body);
}

type Sorted = ReturnType<typeof sortHeaders>;

async function bodyOf(
  { request, client }: Pick<Exchange, 'request' | 'client'>,
  { contentLength, contentEncoding }: Sorted,
  maxBytes: number,
): Promise<Buffer> {
  try {
    const sent = await readBody(request, { maxBytes, contentLength, client });
    const plain = contentEncoding === undefined || contentEncoding === 'identity';
    const { whole } = plain ? sent : await decompressed(new Body([sent.whole]), contentEncoding, maxBytes);
    return Buffer.from(whole.buffer, whole.byteOffset, whole.byteLength);
  } catch (error) {
    if (!(error instanceof GatewayError) || error.code !== 'body_too_large') throw error;
    throw new GatewayError('body_too_large', `the body is larger than telemetry.ingest.maxBodyBytes (${maxBytes} bytes)`, { cause: error });
  }
}

/** Reads the request to its end and says that nothing was refused, in its own form: an empty message. */
async function nothing(exchange: Pick<Exchange, 'request' | 'client'>, headers: Sorted, maxBytes: number) {
  await bodyOf(exchange, headers, maxBytes);
  const isJson = exchange.request.headers['content-type']?.startsWith('application/json') ?? false;
  return isJson
    ? { contentType: 'application/json', body: Buffer.from('{}') }
    : { contentType: 'application/x-protobuf', body: Buffer.alloc(0) };
}
