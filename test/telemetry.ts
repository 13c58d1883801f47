import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { type TestContext } from 'node:test';
import { context, ROOT_CONTEXT, SpanKind, trace, type Attributes, type Context, type Span } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, InMemorySpanExporter, SimpleSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import type { ConfigInput } from '../src/config/schema.ts';
import type { CallRecord } from '../src/core/record.ts';
import type { InboundSpan } from '../src/telemetry/ingest/inbound.ts';
import { readJson } from '../src/telemetry/ingest/read-json.ts';
import { readProtobuf } from '../src/telemetry/ingest/read-protobuf.ts';

/** An application instrumented with the official SDK, which sends its spans to `url`, or keeps them. */
export function application(t: TestContext, url?: string) {
  const kept = new InMemorySpanExporter();
  const provider = new TracerProvider({
    spanProcessors: [
      ...(url === undefined ? [] : [new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url: `${url}/v1/traces` }) })]),
      new SimpleSpanProcessor({ exporter: kept }),
    ],
  });
  t.after(() => provider.shutdown());
  const tracer = provider.getTracer('app', '1.0.0');
  return {
    kept,
    flush: () => provider.forceFlush(),
    span: (
      name: string,
      attributes: Attributes = {},
      parent: Context = ROOT_CONTEXT,
    ): { readonly span: Span; readonly inside: Context } => {
      const span = tracer.startSpan(name, { kind: SpanKind.CLIENT, attributes }, parent);
      return { span, inside: trace.setSpan(context.active(), span) };
    },
  };
}

/** The header by which a trace goes on, as W3C has it. */
export function carried(inside: Context): { readonly traceparent: string } {
  const { traceId, spanId } = trace.getSpanContext(inside)!;
  return { traceparent: `00-${traceId}-${spanId}-01` };
}

export const chat = (model = 'gpt-5-mini'): Attributes => ({
  'gen_ai.operation.name': 'chat',
  'gen_ai.provider.name': 'openai',
  'gen_ai.request.model': model,
});

export async function ask(
  url: string,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ readonly id: string; readonly requestId: string }> {
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'gpt-5-mini', messages: [{ role: 'user', content: 'Tell me about the sea.' }] }),
  });
  assert.equal(response.status, 200);
  const { id } = (await response.json()) as { readonly id: string };
  return { id, requestId: response.headers.get('x-modicum-request-id')! };
}

export const only = (flag: string) => (records: readonly CallRecord[]) => records.filter(({ flags }) => flags.includes(flag));
export const ingested = only('otlp');

/** A receiver of OTLP, by its own server: what reached it. */
export async function startReceiver(t: TestContext) {
  const requests: { readonly path: string; readonly type: string; readonly body: Buffer; readonly secret: string | undefined }[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const type = request.headers['content-type'] ?? '';
      requests.push({
        path: request.url!,
        type,
        body: Buffer.concat(chunks),
        secret: request.headers['x-receiver-key'] as string | undefined,
      });
      response.writeHead(200, { 'content-type': type }).end(type === 'application/json' ? '{}' : '');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => new Promise((resolve) => server.close(resolve)));
  const limits = { maxSpans: 1000, maxAttributes: 128 };
  const spans = (): readonly InboundSpan[] =>
    requests
      .filter(({ path }) => path === '/v1/traces')
      .flatMap(({ type, body }) => [...(type === 'application/json' ? readJson : readProtobuf)(body, limits, () => true)]);
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, requests, spans };
}

export const exporting = (url: string, otlp: NonNullable<ConfigInput['telemetry']>['otlp'] = {}): Partial<ConfigInput> => ({
  telemetry: { otlp: { endpoint: url, flushMs: 10, metricIntervalMs: 60_000, ...otlp } },
});
