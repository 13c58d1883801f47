import * as z from 'zod';
import { semconvs } from '../../telemetry/names.ts';
import { seriesLabels } from '../../telemetry/metrics/call-figures.ts';
import { protocols } from '../../telemetry/otlp/exporter.ts';
import { choice, flag, group, kib, mib, minute, option, second, whole } from './option.ts';

const url = z.url({ protocol: /^https?$/, error: 'must be a URL that begins with http:// or https://' });
const pairs = (description: string) => z.record(z.string().min(1).max(256), option(z.string().max(8192), description));

const prometheus = group(
  '`GET /metrics`, for Prometheus. It asks for the admin token where there is one, and is for this machine only where there is none.',
  {
    enabled: flag('Whether it is there.', true),
    labels: option(
      z.array(z.enum(seriesLabels)).max(8),
      'What calls are told apart by. Users, sessions and tasks are not among them: they are too many for Prometheus, and the ledger tells of them.',
    ).default(['provider', 'model', 'app']),
    maxValues: whole('Values of one label; all others together are `other`.', { unit: 'values', min: 1, max: 10_000, default: 100 }),
    maxSeries: whole('Combinations of labels; all others together are one.', { unit: 'series', min: 1, max: 100_000, default: 1000 }),
  },
);

const otlp = group(
  'Spans and metrics of calls, sent to an OpenTelemetry receiver by OTLP/HTTP. On when there is an endpoint, here or in the environment (`OTEL_EXPORTER_OTLP_ENDPOINT` and its kin).',
  {
    enabled: flag('False: nothing is sent, whatever the environment says.', true),
    endpoint: option(url, 'Base URL of the receiver, such as http://127.0.0.1:4318; `/v1/traces` and `/v1/metrics` are added.').optional(),
    headers: option(pairs('Value of the header.'), 'Headers of each request, such as a credential of the receiver.', {
      secret: true,
    }).default({}),
    protocol: option(z.enum(protocols), 'Left out: `OTEL_EXPORTER_OTLP_PROTOCOL`, or `http/protobuf`.').optional(),
    semconv: choice(
      'Names of the GenAI conventions: `previous` is version 1.41, which most tools read; `current` is their own repository.',
      semconvs,
      'both',
    ),
    sampleRatio: option(
      z.number().min(0).max(1),
      'Share of the calls whose spans are sent. Where the client brings a trace, its own choice holds. Left out: `OTEL_TRACES_SAMPLER_ARG`, or 1.',
    ).optional(),
    resource: option(pairs('Value of the attribute.'), 'Attributes of the resource, over those of `OTEL_RESOURCE_ATTRIBUTES`.').default({}),
    traces: flag('Whether spans are sent.', true),
    metrics: flag('Whether metrics are sent.', true),
    propagate: choice(
      "Where trace headers go on to: `all` providers, `own` only (those that are self-hosted), or `none`. The gateway's span becomes the parent.",
      ['all', 'own', 'none'],
      'all',
    ),
    metricIntervalMs: whole('How often metrics are sent.', { unit: 'ms', min: second, max: 60 * minute, default: minute }),
    maxQueued: whole('Calls that wait to be sent; more are dropped and counted.', { unit: 'calls', min: 1, max: 1e6, default: 8192 }),
    maxBatch: whole('Calls in one request.', { unit: 'calls', min: 1, max: 10_000, default: 512 }),
    flushMs: whole('How long a call waits for others.', { unit: 'ms', min: 1, max: minute, default: 5 * second }),
    timeoutMs: whole('How long an answer of the receiver may take.', { unit: 'ms', min: 1, max: minute, default: 10 * second }),
    maxAttempts: whole('How often one request is sent when the receiver does not answer, or says to try again.', {
      min: 1,
      max: 20,
      default: 5,
    }),
  },
);

const ingest = group('`POST /v1/traces`: spans of calls that do not pass the gateway, by OTLP/HTTP, into the same ledger.', {
  enabled: flag('Whether they are taken.', true),
  maxBodyBytes: whole('Largest body, as sent and as decompressed.', { unit: 'bytes', min: kib, max: 64 * mib, default: 4 * mib }),
  maxSpans: whole('Spans of one request; further ones are refused, and the answer says so.', {
    unit: 'spans',
    min: 1,
    max: 1e6,
    default: 10_000,
  }),
  maxAttributes: whole('Attributes read of one span.', { unit: 'attributes', min: 1, max: 1000, default: 128 }),
  maxLookUp: whole('Records of the ledger that one request may have searched for calls that passed the gateway.', {
    unit: 'records',
    max: 1e6,
    default: 10_000,
  }),
});

export const telemetryOptions = group('What other tools see of calls, and what calls they tell of.', { prometheus, otlp, ingest });
