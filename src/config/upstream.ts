import type { Provider } from '../providers/provider.ts';
import type { ProviderConfig } from './schema.ts';

/** A provider as dispatch wants it. */
export const upstreamOf = (provider: ProviderConfig): Provider => {
  const { name, protocol, baseUrl, hosting, apiKey, apiKeys, headers, timeouts, connections } = provider;
  const { auth, paths, apiVersion } = provider;
  const { maxConcurrent, maxQueued, queueTimeoutMs } = provider;
  return {
    name,
    family: protocol,
    baseUrl: new URL(baseUrl),
    hosting,
    apiKey,
    ...(apiKeys && apiKeys.length > 1 && { apiKeys }),
    ...(auth && { auth }),
    ...(paths && { paths }),
    ...(apiVersion !== undefined && { apiVersion }),
    headers: Object.entries(headers).flat(),
    timeouts,
    connections,
    ...(maxConcurrent > 0 && { limit: { maxConcurrent, maxQueued, queueTimeoutMs } }),
  };
};
