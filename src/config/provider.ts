import type { Hosting } from '../core/api.ts';
import { isPrivate } from './addresses.ts';
import { trimmed } from './base-url.ts';
import { providerOptions } from './schema/provider.ts';
import type { ParsedProvider, ProviderConfig } from './schema.ts';
import { vendorAt, vendorNamed } from './vendors.ts';

/** Fills in what depends on the base URL, and what is known of the vendor; `apiKey`: as read from wherever it is. */
export function completeProvider(name: string, provider: ParsedProvider, apiKey = provider.apiKey): ProviderConfig {
  const { apiKeyFile: _, apiKeyCommand: __, ...rest } = provider;
  // The host knows better: a provider called `openai` may be another vendor's.
  const vendor = vendorAt(provider.baseUrl) ?? (isPrivate(new URL(provider.baseUrl).hostname) ? undefined : vendorNamed(name));
  return {
    ...rest,
    name,
    apiKey,
    baseUrl: trimmed(provider.baseUrl),
    hosting: provider.hosting ?? hostingOf(provider.baseUrl),
    prices: provider.prices ?? vendor?.prices ?? vendorNamed(name)?.prices,
    dialect: { ...vendor?.dialect, ...defined(provider.dialect) },
  };
}

const hostingOf = (baseUrl: string): Hosting => (isPrivate(new URL(baseUrl).hostname) ? 'self-hosted' : 'api');

const defined = <T extends object>(object: T): Partial<T> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Partial<T>;

/** A provider that no file describes: every option has its default. */
export const newProvider = (
  name: string,
  options: Pick<ProviderConfig, 'protocol' | 'baseUrl'> & { readonly apiKey?: string | undefined; readonly models?: readonly string[] },
): ProviderConfig => {
  const { apiKey, models, ...rest } = options;
  return completeProvider(name, providerOptions.parse({ ...rest, ...(models && { models }) }), apiKey);
};
