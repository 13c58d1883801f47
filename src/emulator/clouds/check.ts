import type { IncomingMessage } from 'node:http';
import type { HeaderOf } from '../generation.ts';
import { VendorError } from '../wire/errors.ts';
import type { CloudRoute } from './route.ts';
import { checkSignature } from './sigv4.ts';

/** Who may call the emulated clouds. */
export interface CloudCredentials {
  /** Secrets of AWS by access key id. */
  readonly awsSecrets: Readonly<Record<string, string>>;
  /** API keys of Bedrock. */
  readonly awsTokens: readonly string[];
  /** OAuth tokens of Google Cloud. */
  readonly googleTokens: readonly string[];
}

/** For whoever starts an emulator without naming its own; nothing real has these. */
export const emulatorCredentials: CloudCredentials = {
  awsSecrets: { AKIAEMULATOR: 'secret-of-the-emulator' },
  awsTokens: ['bedrock-api-key-emulator'],
  googleTokens: ['ya29.emulator'],
};

/** @throws {VendorError} 401 or 403, as the cloud would refuse the request */
export function checkCredentials(
  { cloud }: CloudRoute,
  request: IncomingMessage,
  body: Buffer,
  known: CloudCredentials,
  now: number,
): void {
  const header: HeaderOf = (name) => request.headers[name]?.toString();
  const bearer = /^Bearer (.+)$/.exec(header('authorization') ?? '')?.[1];
  if (cloud === 'vertex') {
    if (bearer === undefined || !known.googleTokens.includes(bearer))
      throw new VendorError(401, 'Request had invalid authentication credentials. Expected OAuth 2 access token.');
  } else if (bearer === undefined)
    checkSignature({ method: request.method ?? '', url: request.url ?? '', header, body }, known.awsSecrets, now);
  else if (!known.awsTokens.includes(bearer)) throw new VendorError(403, 'Authentication failed: the API key is not valid.');
}
