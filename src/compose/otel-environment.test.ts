import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configSchema, type ConfigInput } from '../config/schema.ts';
import { otlpSettings } from './otel-environment.ts';

type Otlp = NonNullable<ConfigInput['telemetry']>['otlp'];
const settings = (otlp: Otlp, env: Readonly<Record<string, string>> = {}) =>
  otlpSettings(configSchema.parse({ telemetry: { otlp } }).telemetry, env);

describe('where telemetry goes', () => {
  test('nowhere, unless somebody says', () => assert.deepEqual(settings({}), {}));

  test('the endpoint of the configuration, by its own headers only', () => {
    const env = { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://env:4318', OTEL_EXPORTER_OTLP_HEADERS: 'authorization=secret' };
    const { traces, metrics, protocol, sampleRatio } = settings({ endpoint: 'http://own:4318/', headers: { k: 'v' } }, env).settings!;
    assert.deepEqual(traces, { url: 'http://own:4318/v1/traces', headers: { k: 'v' } });
    assert.equal(metrics!.url, 'http://own:4318/v1/metrics');
    assert.deepEqual([protocol, sampleRatio], ['http/protobuf', 1]);
  });

  test('the standard variables', () => {
    const { traces, metrics, protocol, sampleRatio, resource } = settings(
      {},
      {
        OTEL_EXPORTER_OTLP_ENDPOINT: 'http://env:4318/base',
        OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://traces:1/as-it-is',
        OTEL_EXPORTER_OTLP_HEADERS: 'a=1,b=two%20words, broken',
        OTEL_EXPORTER_OTLP_TRACES_HEADERS: 'a=3',
        OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
        OTEL_TRACES_SAMPLER: 'parentbased_traceidratio',
        OTEL_TRACES_SAMPLER_ARG: '0.25',
        OTEL_RESOURCE_ATTRIBUTES: 'deployment.environment=prod,service.name=other',
        OTEL_SERVICE_NAME: 'gateway',
      },
    ).settings!;
    assert.deepEqual(traces, { url: 'http://traces:1/as-it-is', headers: { a: '3', b: 'two words' } });
    assert.deepEqual(metrics, { url: 'http://env:4318/base/v1/metrics', headers: { a: '1', b: 'two words' } });
    assert.deepEqual([protocol, sampleRatio], ['http/json', 0.25]);
    assert.deepEqual(resource, { 'service.name': 'gateway', 'deployment.environment': 'prod' });
  });

  const offs: readonly (readonly [Otlp, Readonly<Record<string, string>>])[] = [
    [{ enabled: false, endpoint: 'http://own' }, {}],
    [{ endpoint: 'http://own' }, { OTEL_SDK_DISABLED: 'true' }],
    [{ endpoint: 'http://own', traces: false, metrics: false }, {}],
    [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'no url' }],
    [{}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://env', OTEL_TRACES_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none' }],
  ];
  for (const [otlp, env] of offs) test(`off by ${JSON.stringify([otlp, env])}`, () => assert.deepEqual(settings(otlp, env), {}));

  test('a protocol we do not speak is told', () => {
    const { problem } = settings({}, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://env:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc' });
    assert.match(problem!, /grpc/);
  });
});
