import type { ParsedProvider } from './schema.ts';
import { awsRegionOf } from './upstream.ts';

type CloudFault = readonly [key: string, problem: string, fix: string];

const keySources = ['apiKey', 'apiKeys', 'apiKeyFile', 'apiKeyCommand'] as const;

/** What is wrong between a provider's options of clouds: each would have its calls refused, or leave without the credentials that were meant. */
export function cloudFaults(provider: ParsedProvider): readonly CloudFault[] {
  const { auth, paths, protocol, awsKeys, googleKeyFile } = provider;
  const isSigned = auth === 'aws-sigv4' || auth === 'google-oauth';
  const key = keySources.find((source) => provider[source] !== undefined);
  const faults: CloudFault[] = [];
  if (isSigned && key) faults.push([key, `is not used with auth ${auth}`, 'take it out, or set auth to bearer']);
  if (auth === 'aws-sigv4' && awsRegionOf(provider) === undefined)
    faults.push(['region', 'is needed to sign, and the host of baseUrl names none', 'set it, such as us-east-1']);
  if (awsKeys && auth !== 'aws-sigv4') faults.push(['awsKeys', 'are used with auth aws-sigv4 only', 'set auth, or take them out']);
  if (googleKeyFile !== undefined && auth !== 'google-oauth')
    faults.push(['googleKeyFile', 'is used with auth google-oauth only', 'set auth, or take it out']);
  if (paths === 'vertex' && protocol !== 'google' && protocol !== 'anthropic')
    faults.push(['paths', 'vertex needs the protocol google or anthropic', 'set one of them']);
  if (paths === 'vertex' && !/\/projects\/[^/]+\/locations\/[^/]+\/?$/.test(new URL(provider.baseUrl).pathname))
    faults.push(['baseUrl', 'does not end with /v1/projects/PROJECT/locations/LOCATION', 'add project and location']);
  if (paths === 'bedrock-invoke' && protocol !== 'anthropic')
    faults.push(['paths', 'bedrock-invoke needs the protocol anthropic', 'set it, or use the protocol bedrock for other models']);
  if (protocol === 'bedrock' && provider.auth === undefined && !key)
    faults.push(['auth', 'is needed: clients have no credentials of Amazon', 'set it to aws-sigv4, or give an apiKey']);
  return faults;
}
