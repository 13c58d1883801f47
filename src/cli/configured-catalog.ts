import { createCatalog, type Catalog } from '../catalog/catalog.ts';
import { aliasesOf, catalogOptionsOf } from '../compose/catalog.ts';
import { ConfigError } from '../config/config-error.ts';
import { loadConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { vendors } from '../config/vendors.ts';
import type { Arguments } from './arguments.ts';
import type { Terminal } from './terminal.ts';

/** The catalog with the user's own prices. @throws {ConfigError} */
export async function configuredCatalog(given: Arguments, { env, cwd }: Pick<Terminal, 'env' | 'cwd'>): Promise<Catalog> {
  const base = createCatalog();
  const pricesAt = (baseUrl: string): string | undefined => base.providerAt(baseUrl);
  const { config } = await loadConfig({ path: given.text('config'), env, cwd, pricesAt, withoutSecrets: true });
  return createCatalog({ ...catalogOptionsOf(config), aliases: providerAliases(config) });
}

/** The same; a configuration that nobody named and that cannot be read is told, and list prices are shown. */
export async function catalogForReading(given: Arguments, terminal: Terminal): Promise<Catalog> {
  try {
    return await configuredCatalog(given, terminal);
  } catch (error) {
    if (!(error instanceof ConfigError) || given.text('config') !== undefined) throw error;
    terminal.err(`The prices of the configuration are left out, because it cannot be used:\n${error.message}\n`);
    return createCatalog();
  }
}

/** Names of providers, as the ledger has them, to ids of the catalog: the configured ones, those discovery makes, and the emulator's. */
function providerAliases(config: Config): Readonly<Record<string, string>> {
  const known = vendors.map(({ name, prices }) => [name, prices] as const);
  const emulated = (['openai', 'anthropic', 'google'] as const).map((vendor) => [`emulator-${vendor}`, vendor] as const);
  return { ...Object.fromEntries([...known, ...emulated]), ...aliasesOf(config) };
}
