import type { IncomingMessage } from 'node:http';
import { GatewayError } from '../core/errors.ts';
import type { VirtualKey } from '../core/stores.ts';
import type { KeyDirectory, KeyFault } from '../keys/directory.ts';
import { refusingScope } from '../keys/scopes.ts';
import { isForeignPage } from './admin/origin.ts';
import { callerHeaders, secretIn, withoutSecret, type CallerHeaders } from './secrets.ts';
import type { Target } from './routes.ts';

export interface Admitted {
  /** `undefined`: no keys are in use. */
  readonly key: VirtualKey | undefined;
  /** Without a secret in its query. */
  readonly target: Target;
}

/** Lets a request in before its body is read. `refused` hears of a key that is ours and opens nothing. @throws {GatewayError} `unauthorized`, `forbidden`, `state_unavailable` */
export type Access = (request: IncomingMessage, target: Target, refused: (key: VirtualKey) => void) => Admitted;

export interface AccessOptions {
  readonly directory: Pick<KeyDirectory, 'find' | 'size' | 'isStale'>;
  /** Whether a call needs a key though there is none yet: where others than this machine may call. */
  readonly isRequired: () => boolean;
  readonly addressOf: (request: IncomingMessage) => string;
}

/** Who may call: whoever has a key, or everybody while there are no keys and none is required. */
export function createAccess({ directory, isRequired, addressOf }: AccessOptions): Access {
  return (request, target, refused) => {
    const headers = callerHeaders(request.rawHeaders);
    const secret = secretIn(headers, target.query);
    if (secret === undefined) {
      if (directory.size > 0 || isRequired()) throw noKey(directory.size);
      refuseForeign(headers);
      return { key: undefined, target };
    }
    if (directory.isStale) throw new GatewayError('state_unavailable', 'the store of keys does not answer, and its copy is too old');
    const found = directory.find(secret);
    if (found.fault && found.key) refused(found.key);
    if (found.fault) throw notOpening(found.fault, found.key);
    const { key } = found;
    if (key.scopes.networks && refusingScope(key.scopes, { address: addressOf(request) })) {
      refused(key);
      throw new GatewayError('forbidden', `the key "${key.name}" is not for use from this network`);
    }
    const query = withoutSecret(target.query);
    return { key, target: query === target.query ? target : { ...target, query } };
  };
}

/** A page of the web must not spend by way of the browser on this machine. */
function refuseForeign(headers: CallerHeaders): void {
  if (isForeignPage(headers))
    throw new GatewayError('forbidden', 'pages of other sites may not call a gateway without keys; with a key they may, through a server');
}

const challenge = { headers: ['www-authenticate', 'Bearer'] };

const noKey = (keys: number): GatewayError =>
  new GatewayError(
    'unauthorized',
    `a key of this gateway is needed, "mod-...", as Authorization: Bearer, x-api-key, api-key, x-goog-api-key or x-modicum-key${
      keys === 0 ? '; there is none yet: `modicum keys create NAME` makes one' : ''
    }`,
    challenge,
  );

const faults: Readonly<Record<KeyFault, (name: string) => string>> = {
  malformed: () => 'the key is mistyped or cut off: its checksum is wrong',
  unknown: () => 'no such key',
  expired: (name) => `the key "${name}" has expired`,
  revoked: (name) => `the key "${name}" was revoked`,
  rotated: (name) => `the key "${name}" was rotated, and this is its former secret`,
};

const notOpening = (fault: KeyFault, key: VirtualKey | undefined): GatewayError =>
  new GatewayError('unauthorized', faults[fault](key?.name ?? ''), challenge);
