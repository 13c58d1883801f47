import { GatewayError } from '../core/errors.ts';
import type { Scope } from '../core/pipeline.ts';
import { credentialsFor, type Provider } from './provider.ts';

/**
 * The credential headers to send, raw. A client with a virtual key is served on the provider's own; where there is none, on what the client
 * brought beside its key. @throws {GatewayError} `forbidden` when there is neither, and the provider is not one's own server
 */
export function credentialsOf(provider: Provider, scope: Pick<Scope, 'key' | 'credentials' | 'target'>): readonly string[] {
  const { apiKey, access, hosting, name } = provider;
  const isBare = apiKey === undefined && !access && scope.key !== undefined && scope.credentials.length === 0;
  if (isBare && hosting !== 'self-hosted' && !keyInQuery.test(scope.target))
    throw new GatewayError(
      'forbidden',
      `the provider "${name}" has no key: its administrator sets providers.${name}.apiKey, or the client sends a credential of the vendor and its key of this gateway as x-modicum-key`,
    );
  return credentialsFor(provider, scope.credentials);
}

const keyInQuery = /[?&]key=/;
