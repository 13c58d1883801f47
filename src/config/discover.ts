import { pointsAt } from './addresses.ts';
import { baseUrlFault } from './base-url.ts';
import { ConfigError, type ConfigIssue } from './config-error.ts';
import type { Environment } from './interpolate.ts';
import type { Probe } from './probe.ts';
import { newProvider, type Known } from './provider.ts';
import type { ProviderConfig } from './schema.ts';
import { vendors, type Vendor } from './vendors.ts';

/** A server of OpenAI's protocol and the port it listens on unless told otherwise. */
export const localServers = [
  { name: 'ollama', port: 11_434 },
  { name: 'vllm', port: 8000 },
  { name: 'llama-cpp', port: 8080 },
  { name: 'lm-studio', port: 1234 },
] as const;

export interface DiscoverOptions {
  readonly env: Environment;
  readonly probe: Probe;
  /** Where this gateway listens: a base URL that leads back to it is not followed. */
  readonly server: { readonly host: string; readonly port: number };
  readonly pricesAt?: Known['pricesAt'];
}

/**
 * The providers to be had without configuration, by name: vendors whose key stands in the environment, and servers found on this machine.
 * When there is any, OpenAI, Anthropic and Google are among them, with the client's own credentials where there is no key.
 * When there is none, the set is empty.
 * @throws {ConfigError} when a variable holds a base URL that cannot be used: the key must not go elsewhere than it says
 */
export async function discoverProviders(options: DiscoverOptions): Promise<Readonly<Record<string, ProviderConfig>>> {
  const keyed = vendors.filter((vendor) => keyIn(options.env, vendor) !== undefined);
  const local = await Promise.all(localServers.map((server) => localProvider(server, options)));
  const found = local.filter((provider) => provider !== undefined);
  if (keyed.length === 0 && found.length === 0) return {};
  const known = vendors.filter((vendor) => vendor.baseUrlVariable !== undefined || keyed.includes(vendor));
  return Object.fromEntries(
    [...known.map((vendor) => vendorProvider(vendor, options)), ...found].map((provider) => [provider.name, provider]),
  );
}

const keyIn = (env: Environment, { keyVariables }: Vendor): string | undefined =>
  keyVariables.map((name) => env[name]?.trim()).find(Boolean);

function vendorProvider(vendor: Vendor, { env, server, pricesAt }: DiscoverOptions): ProviderConfig {
  const { name, protocol } = vendor;
  const baseUrl = baseUrlIn(env, vendor, server) ?? vendor.baseUrl;
  return newProvider(name, { protocol, baseUrl }, { apiKey: keyIn(env, vendor), pricesAt });
}

function baseUrlIn(env: Environment, { protocol, baseUrlVariable }: Vendor, server: DiscoverOptions['server']): string | undefined {
  const written = baseUrlVariable && env[baseUrlVariable]?.trim();
  if (!written) return undefined;
  const url = URL.canParse(written) ? new URL(written) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw unusable(baseUrlVariable, 'is not a URL that begins with http:// or https://');
  if (pointsAt(written, server)) return undefined; // set for clients, so that they come here
  const fault = baseUrlFault(protocol, written);
  if (fault) throw unusable(baseUrlVariable, fault.problem, fault.fix);
  return written;
}

const unusable = (variable: string, problem: string, fix?: string): ConfigError => {
  const issue: ConfigIssue = { path: [], problem: `the environment variable ${variable} ${problem}`, fix };
  return new ConfigError([issue]);
};

async function localProvider(
  { name, port }: (typeof localServers)[number],
  { probe, server }: DiscoverOptions,
): Promise<ProviderConfig | undefined> {
  if (port === server.port) return undefined;
  const baseUrl = `http://127.0.0.1:${port}/v1`;
  const models = await probe(`${baseUrl}/models`);
  return models && newProvider(name, { protocol: 'openai', baseUrl, models: withShortNames(models) });
}

/** Ollama lists `llama3:latest` and also answers to `llama3`. */
const withShortNames = (models: readonly string[]): readonly string[] => [
  ...new Set([...models, ...models.filter((model) => model.endsWith(':latest')).map((model) => model.slice(0, -':latest'.length))]),
];
