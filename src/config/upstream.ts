import type { Provider } from '../providers/provider.ts';
import type { ProviderConfig } from './schema.ts';

/** A provider as dispatch wants it. */
export const upstreamOf = ({ name, protocol, baseUrl, hosting, apiKey, headers, timeouts, connections }: ProviderConfig): Provider => ({
  name,
  family: protocol,
  baseUrl: new URL(baseUrl),
  hosting,
  apiKey,
  headers: Object.entries(headers).flat(),
  timeouts,
  connections,
});
