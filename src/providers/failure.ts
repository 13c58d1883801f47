import { GatewayError } from '../core/errors.ts';

const unreachable: ReadonlySet<string> = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/** What went wrong upstream, in our own words; the library's message stays in the cause, for it may name addresses. */
export function asGatewayError(cause: Error): GatewayError {
  if (cause instanceof GatewayError) return cause;
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  if (unreachable.has(code)) return new GatewayError('provider_unreachable', `no connection to the provider (${code})`, { cause });
  return new GatewayError('provider_error', `the provider broke the connection off${code === '' ? '' : ` (${code})`}`, { cause });
}
