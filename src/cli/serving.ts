import { discoverProviders } from '../config/discover.ts';
import type { Environment } from '../config/interpolate.ts';
import type { LoadedConfig } from '../config/load.ts';
import type { Probe } from '../config/probe.ts';
import { newProvider } from '../config/provider.ts';
import type { Config, ProviderConfig } from '../config/schema.ts';
import { createEmulator, type Emulator } from '../emulator/emulator.ts';

/** Where the providers of a configuration come from. */
export type ProviderSource = 'file' | 'found' | 'emulator';

export interface ServingConfig {
  readonly config: Config;
  readonly source: ProviderSource;
}

export interface ServingOptions {
  readonly env: Environment;
  readonly probe: Probe;
  readonly pricesAt: (baseUrl: string) => string | undefined;
  /** The emulator serves, whatever else there is. */
  readonly emulatorOnly: boolean;
}

/** Completes configurations with the providers to serve with; keeps the emulator between reloads. */
export interface Providers {
  /** @throws ConfigError when a base URL in the environment cannot be used */
  complete(loaded: Pick<LoadedConfig, 'config' | 'providersListed'>): Promise<ServingConfig>;
  close(): Promise<void>;
}

export function providersFor({ env, probe, pricesAt, emulatorOnly }: ServingOptions): Providers {
  let emulator: { readonly running: Emulator; readonly url: string } | undefined;
  const emulated = async (config: Config): Promise<ServingConfig> => {
    emulator ??= await startEmulator(config.emulator.port);
    return { config: { ...config, providers: emulatorProviders(emulator.url) }, source: 'emulator' };
  };
  return {
    async complete({ config, providersListed }) {
      if (emulatorOnly) return emulated(config);
      if (providersListed) return { config, source: 'file' };
      const found = await discoverProviders({ env, probe, server: config.server, pricesAt });
      if (Object.keys(found).length === 0) return emulated(config);
      return { config: { ...config, providers: found }, source: 'found' };
    },
    close: async () => emulator?.running.close(),
  };
}

async function startEmulator(port: number): Promise<{ readonly running: Emulator; readonly url: string }> {
  const running = createEmulator();
  const { url } = await running.listen({ host: '127.0.0.1', port });
  return { running, url };
}

/** One provider an API, priced as the vendor of the API is, so that costs are list prices. */
export function emulatorProviders(url: string): Readonly<Record<string, ProviderConfig>> {
  const provider = (protocol: ProviderConfig['protocol'], baseUrl: string): ProviderConfig =>
    newProvider(`emulator-${protocol}`, { protocol, baseUrl }, { apiKey: 'emulator', pricesAt: () => protocol });
  const providers = [provider('openai', `${url}/v1`), provider('anthropic', url), provider('google', url)];
  return Object.fromEntries(providers.map((each) => [each.name, each]));
}
