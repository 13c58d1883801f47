import { apis } from '../core/api.ts';
import { isLoopback, isPrivate, pointsAt } from './addresses.ts';
import { baseUrlFault, trimmed } from './base-url.ts';
import type { OptionPath } from './config-error.ts';
import { alertFaults } from './alert-checks.ts';
import { cloudFaults } from './cloud-checks.ts';
import { insightFaults } from './insight-checks.ts';
import { modelFaults } from './model-checks.ts';
import type { ParsedConfig, ParsedProvider } from './schema.ts';
import { limitWarnings, routeFaults } from './route-checks.ts';
import { sensitivityFaults } from './sensitivity-checks.ts';
import { stateFaults } from './state-checks.ts';

/** Something wrong between options that are each right by themselves. */
export interface Fault {
  readonly path: OptionPath;
  readonly problem: string;
  readonly fix: string;
}

/** What the gateway must not run with. */
export const faultsOf = (config: ParsedConfig): readonly Fault[] => [
  ...openToAll(config),
  ...providersOf(config).flatMap(([name, provider]) => providerFaults(name, provider, config)),
  ...Object.keys(config.models).flatMap((name) => modelFaults(name, config)),
  ...sensitivityFaults(config),
  ...stateFaults(config),
  ...insightFaults(config),
  ...routeFaults(config),
  ...alertFaults(config),
];

/** What it runs with, though it is hardly meant. */
export const warningsOf = (config: ParsedConfig): readonly Fault[] => [
  ...providersOf(config).flatMap(([name, provider]) => providerWarnings(name, provider)),
  ...limitWarnings(config),
];

const providersOf = ({ providers = {} }: ParsedConfig): [string, ParsedProvider][] => Object.entries(providers);

function openToAll({ server: { host, adminToken, allowUnauthenticated }, keys }: ParsedConfig): readonly Fault[] {
  if (isLoopback(host) || adminToken !== undefined || allowUnauthenticated || keys.required) return [];
  return [
    {
      path: ['server', 'host'],
      problem: `${JSON.stringify(host)} is not a loopback address, so others could spend on the configured keys`,
      fix: 'set server.adminToken and give out keys (`modicum keys create`), listen on 127.0.0.1, or set server.allowUnauthenticated to true',
    },
  ];
}

const keySources = ['apiKey', 'apiKeyFile', 'apiKeyCommand', 'apiKeys'] as const;

function providerFaults(name: string, provider: ParsedProvider, { server }: ParsedConfig): readonly Fault[] {
  const at = (key: string, problem: string, fix: string): Fault => ({ path: ['providers', name, key], problem, fix });
  const faults: Fault[] = [];
  const url = baseUrlFault(provider.protocol, provider.baseUrl);
  if (url) faults.push(at('baseUrl', url.problem, url.fix));
  if (pointsAt(provider.baseUrl, server)) faults.push(at('baseUrl', 'points at this gateway itself', "give the vendor's own URL"));
  const [, second] = keySources.filter((key) => provider[key] !== undefined);
  if (second) faults.push(at(second, 'is a second key', `keep one of ${keySources.join(', ')}`));
  const foreign = provider.apis?.find((api) => apis[api].family !== provider.protocol);
  if (foreign)
    faults.push(at('apis', `${foreign} is no API of the protocol ${provider.protocol}`, 'take it out, or give it a provider of its own'));
  if (provider.paths === 'azure-deployments' && (provider.protocol !== 'openai' || provider.apiVersion === undefined))
    faults.push(at('paths', 'azure-deployments needs the protocol openai and an apiVersion', 'set both, or take it out'));
  faults.push(...cloudFaults(provider).map(([key, problem, fix]) => at(key, problem, fix)));
  for (const header of Object.keys(provider.headers))
    if (ownedHeaders.has(header.toLowerCase()))
      faults.push(at('headers', `${header} is set by the gateway for each request`, 'take it out'));
  return faults;
}

const ownedHeaders = new Set([
  'connection',
  'content-length',
  'expect',
  'host',
  'keep-alive',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

function providerWarnings(name: string, { protocol, baseUrl, apiKey }: ParsedProvider): readonly Fault[] {
  const { protocol: scheme, hostname, pathname } = new URL(baseUrl);
  const path = ['providers', name, 'baseUrl'];
  const warnings: Fault[] = [];
  if (scheme === 'http:' && !isPrivate(hostname))
    warnings.push({ path, problem: `sends ${apiKey === undefined ? 'prompts' : 'prompts and the key'} unencrypted`, fix: 'use https://' });
  if (protocol === 'openai' && trimmed(pathname) === '')
    warnings.push({ path, problem: 'has no path', fix: 'most servers of this protocol want /v1 at the end' });
  return warnings;
}
