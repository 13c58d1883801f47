import type { Config } from '../config/schema.ts';
import type { Protocol } from '../telemetry/otlp/exporter.ts';
import { protocols } from '../telemetry/otlp/exporter.ts';

type Environment = Readonly<Record<string, string | undefined>>;

/** Where telemetry goes, by the configuration over the standard variables of OpenTelemetry. */
export interface OtlpSettings {
  readonly protocol: Protocol;
  readonly traces: Endpoint | undefined;
  readonly metrics: Endpoint | undefined;
  readonly sampleRatio: number;
  readonly resource: Readonly<Record<string, string>>;
}
export interface Endpoint {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** `undefined`: nothing is exported. `problem`: why it is not, though somebody wants it. */
export function otlpSettings(
  { otlp }: Pick<Config['telemetry'], 'otlp'>,
  env: Environment,
): { readonly settings?: OtlpSettings; readonly problem?: string } {
  if (!otlp.enabled || env['OTEL_SDK_DISABLED'] === 'true') return {};
  const protocol = otlp.protocol ?? env['OTEL_EXPORTER_OTLP_PROTOCOL'] ?? 'http/protobuf';
  const traces = otlp.traces && env['OTEL_TRACES_EXPORTER'] !== 'none' ? endpointOf(otlp, env, 'traces') : undefined;
  const metrics = otlp.metrics && env['OTEL_METRICS_EXPORTER'] !== 'none' ? endpointOf(otlp, env, 'metrics') : undefined;
  if (!traces && !metrics) return {};
  if (!isProtocol(protocol))
    return { problem: `OTEL_EXPORTER_OTLP_PROTOCOL is ${protocol}; this gateway exports by ${protocols.join(' and ')}` };
  const sampleRatio = otlp.sampleRatio ?? ratioOf(env);
  return { settings: { protocol, traces, metrics, sampleRatio, resource: resourceOf(otlp.resource, env) } };
}

const isProtocol = (name: string): name is Protocol => (protocols as readonly string[]).includes(name);

function endpointOf(
  { endpoint, headers }: Config['telemetry']['otlp'],
  env: Environment,
  signal: 'traces' | 'metrics',
): Endpoint | undefined {
  const name = signal.toUpperCase();
  const base = endpoint ?? env['OTEL_EXPORTER_OTLP_ENDPOINT'];
  const own = endpoint === undefined ? env[`OTEL_EXPORTER_OTLP_${name}_ENDPOINT`] : undefined;
  const url = own ?? (base === undefined || base === '' ? undefined : `${base.replace(/\/+$/, '')}/v1/${signal}`);
  if (url === undefined || url === '' || !URL.canParse(url)) return undefined;
  const told = { ...pairsOf(env['OTEL_EXPORTER_OTLP_HEADERS']), ...pairsOf(env[`OTEL_EXPORTER_OTLP_${name}_HEADERS`]) };
  // A credential of the environment is for the endpoint of the environment.
  return { url, headers: endpoint === undefined ? { ...told, ...headers } : headers };
}

/** `key=value,key=value`, percent-encoded. */
function pairsOf(text: string | undefined): Record<string, string> {
  const pairs = (text ?? '').split(',').flatMap((pair) => {
    const at = pair.indexOf('=');
    return at < 1 ? [] : [[pair.slice(0, at).trim(), decoded(pair.slice(at + 1).trim())] as const];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function ratioOf(env: Environment): number {
  const sampler = env['OTEL_TRACES_SAMPLER'] ?? '';
  if (sampler.endsWith('always_off')) return 0;
  const ratio = Number(env['OTEL_TRACES_SAMPLER_ARG'] ?? 1);
  return sampler.endsWith('traceidratio') && ratio >= 0 && ratio <= 1 ? ratio : 1;
}

function resourceOf(own: Readonly<Record<string, string>>, env: Environment): Readonly<Record<string, string>> {
  const name = env['OTEL_SERVICE_NAME'];
  return { 'service.name': 'modicum', ...pairsOf(env['OTEL_RESOURCE_ATTRIBUTES']), ...(name && { 'service.name': name }), ...own };
}
