import type { HeaderOf } from './generation.ts';

const signer = /^AWS4-HMAC-SHA256 Credential=([^/]+)\//;

/** Whoever pays; prompt caches are apart by it. Of a signed request that is the key's id: the signature is another one each second. */
export function credentialOf(header: HeaderOf, query: URLSearchParams): string {
  const authorization = header('authorization');
  if (authorization !== undefined) return signer.exec(authorization)?.[1] ?? authorization;
  return header('x-api-key') ?? header('x-goog-api-key') ?? query.get('key') ?? header('api-key') ?? '';
}
