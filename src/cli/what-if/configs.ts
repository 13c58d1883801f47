import { createCatalog } from '../../catalog/catalog.ts';
import { ConfigError } from '../../config/config-error.ts';
import { loadConfig, readConfig, type LoadOptions, type PartialConfig } from '../../config/load.ts';
import { newProvider } from '../../config/provider.ts';
import type { Config, ProviderConfig } from '../../config/schema.ts';
import { stripped } from '../../config/stripped.ts';
import { validate } from '../../config/validate.ts';
import { vendors } from '../../config/vendors.ts';
import type { Terminal } from '../terminal.ts';

export interface Configs {
  /** As it is now. */
  readonly before: Config;
  /** The same with what the policy says laid over it. */
  readonly policy: Config;
}

/** The present configuration and the one under a policy, without any secret. @throws {ConfigError} with everything found wrong */
export async function whatIfConfigs(
  { configPath, policyPath }: { readonly configPath: string | undefined; readonly policyPath: string },
  { env, cwd }: Pick<Terminal, 'env' | 'cwd'>,
): Promise<Configs> {
  const catalog = createCatalog();
  const pricesAt = (baseUrl: string): string | undefined => catalog.providerAt(baseUrl);
  const options: LoadOptions = { path: configPath, env, cwd, pricesAt, withoutSecrets: true };
  const data = await policyOf(policyPath, { env, cwd });
  const [before, after] = await Promise.all([loadConfig(options), loadConfig({ ...options, data })]);
  const known = before.providersListed ? {} : knownProviders();
  const withKnown = (config: Config): Config => ({ ...config, providers: { ...known, ...config.providers } });
  return { before: withKnown(before.config), policy: withKnown(after.config) };
}

/** A part of a configuration. What a provider is may stand in the other file, so that is checked when both are together. */
async function policyOf(path: string, { env, cwd }: Pick<Terminal, 'env' | 'cwd'>): Promise<PartialConfig> {
  const { source } = await readConfig({ path, cwd });
  const { value } = source;
  if (value === null || typeof value !== 'object' || Array.isArray(value))
    throw new ConfigError([{ file: source.file, path: [], problem: 'is no group of options' }]);
  const { providers, ...rest } = stripped(value) as { readonly providers?: unknown };
  const { written } = validate({ ...source, value: rest }, env);
  return {
    ...(written.value as PartialConfig),
    ...(providers !== undefined && { providers: providers as NonNullable<PartialConfig['providers']> }),
  };
}

/** Where no file lists providers: the vendors that recorded calls may have gone to. */
const knownProviders = (): Readonly<Record<string, ProviderConfig>> =>
  Object.fromEntries(
    vendors
      .filter(({ baseUrlVariable }) => baseUrlVariable !== undefined)
      .map(({ name, protocol, baseUrl }) => [name, newProvider(name, { protocol, baseUrl })]),
  );
