import { dialectOf } from '../catalog/dialects.ts';
import type { Family, Hosting } from '../core/api.ts';
import { isPrivate } from './addresses.ts';
import { trimmed } from './base-url.ts';
import { providerOptions } from './schema/provider.ts';
import type { ChatApi, ParsedProvider, ProviderConfig } from './schema.ts';
import { vendorAt, vendorNamed } from './vendors.ts';

/** What a caller knows beside the options. */
export interface Known {
  /** As read from wherever it is. */
  readonly apiKey?: string | undefined;
  /** Provider id of the price catalog, by base URL. */
  readonly pricesAt?: ((baseUrl: string) => string | undefined) | undefined;
}

/** Fills in what depends on the base URL, and what is known of the vendor. */
export function completeProvider(
  name: string,
  provider: ParsedProvider,
  { apiKey = provider.apiKey ?? provider.apiKeys?.[0], pricesAt }: Known = {},
): ProviderConfig {
  const { apiKeyFile: _, apiKeyCommand: __, ...rest } = provider;
  const { baseUrl } = provider;
  // The host knows better: a provider called `openai` may be another vendor's.
  const vendor = vendorAt(baseUrl);
  const prices = provider.prices ?? vendor?.prices ?? pricesAt?.(baseUrl) ?? vendorNamed(name)?.prices;
  return {
    ...rest,
    name,
    apiKey,
    baseUrl: trimmed(baseUrl),
    hosting: provider.hosting ?? (isCloud(provider) ? 'cloud' : hostingOf(baseUrl)),
    prices,
    apis: provider.apis ?? vendor?.apis ?? chatApis[provider.protocol],
    dialect: { ...dialectOf(prices ?? ''), ...defined(provider.dialect) },
  };
}

/** OpenAI's chat goes first: all who copy OpenAI serve it. */
const chatApis: Readonly<Record<Family, readonly ChatApi[]>> = {
  openai: ['openai.chat', 'openai.responses'],
  anthropic: ['anthropic.messages'],
  google: ['google.generate_content'],
  bedrock: ['bedrock.converse'],
};

const hostingOf = (baseUrl: string): Hosting => (isPrivate(new URL(baseUrl).hostname) ? 'self-hosted' : 'api');

/** Whoever speaks a cloud's paths or is asked with its credentials is that cloud, or stands before it: never a machine of one's own. */
const isCloud = ({ paths, auth, protocol }: ParsedProvider): boolean =>
  paths !== undefined || protocol === 'bedrock' || auth === 'aws-sigv4' || auth === 'google-oauth';

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> };

const defined = <T extends object>(object: T): Defined<T> =>
  Object.fromEntries(Object.entries(object).filter(([, value]) => value !== undefined)) as Defined<T>;

/** A provider that no file describes: every option has its default. */
export const newProvider = (
  name: string,
  options: Pick<ProviderConfig, 'protocol' | 'baseUrl'> & { readonly models?: readonly string[] },
  known?: Known,
): ProviderConfig => completeProvider(name, providerOptions.parse(options), known);
