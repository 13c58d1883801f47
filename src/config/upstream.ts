import type { CloudAccess } from '../providers/clouds/access.ts';
import { isKeyAuth, type Provider } from '../providers/provider.ts';
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
    ...(auth && isKeyAuth(auth) && { auth }),
    ...accessOf(provider),
    ...(paths && { paths }),
    ...(apiVersion !== undefined && { apiVersion }),
    headers: Object.entries(headers).flat(),
    timeouts,
    connections,
    ...(maxConcurrent > 0 && { limit: { maxConcurrent, maxQueued, queueTimeoutMs } }),
  };
};

function accessOf(provider: ProviderConfig): { readonly access?: CloudAccess } {
  const { auth, awsKeys, googleKeyFile } = provider;
  if (auth === 'aws-sigv4') return { access: { kind: auth, region: awsRegionOf(provider) ?? '', ...(awsKeys && { keys: awsKeys }) } };
  if (auth === 'google-oauth') return { access: { kind: auth, ...(googleKeyFile !== undefined && { keyFile: googleKeyFile }) } };
  return {};
}

/** `region`, or the one in the host: `bedrock-runtime.eu-central-1.amazonaws.com`. */
export const awsRegionOf = ({ region, baseUrl }: Pick<ProviderConfig, 'region' | 'baseUrl'>): string | undefined =>
  region ?? /^[a-z-]+\.([a-z]{2}(?:-[a-z]+)+-\d+)\.(?:amazonaws|api\.aws)/.exec(new URL(baseUrl).hostname)?.[1];
