import { createHash, createHmac, type Hash, type Hmac } from 'node:crypto';
import type { Authorize, AwsKeys, Unsigned } from './access.ts';
import { inTime, optional } from './credentials.ts';

/** SHA-256 of Node in the form that AWS's signer takes: a digest of large prompts in plain JavaScript would hold up the loop. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: unknown) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', Buffer.from(secret as Uint8Array));
  }

  update(chunk: unknown): void {
    this.#hash.update(typeof chunk === 'string' ? chunk : Buffer.from(chunk as Uint8Array));
  }

  digest(): Promise<Uint8Array> {
    return Promise.resolve(this.#hash.digest());
  }

  /** Part of the form; the signer does not use it. */
  reset(): void {
    throw new Error('a digest is made once');
  }
}

interface Options {
  readonly region: string;
  readonly keys?: AwsKeys | undefined;
  readonly service?: string;
  readonly now?: () => Date;
}

type Signer = InstanceType<typeof import('@smithy/signature-v4').SignatureV4>;

/** Signs for Bedrock. */
export function awsAuthorizer({ region, keys, service = 'bedrock', now = () => new Date() }: Options): Authorize {
  let signer: Promise<Signer> | undefined;
  const make = async (): Promise<Signer> => {
    const { SignatureV4 } = await optional('@smithy/signature-v4', () => import('@smithy/signature-v4'));
    return new SignatureV4({
      service,
      region,
      applyChecksum: false,
      credentials: keys ? identityOf(keys) : await defaultChain(),
      sha256: Sha256,
    });
  };
  return async (request) => {
    const ready = await (signer ??= make().catch((error: unknown) => {
      signer = undefined; // the next call looks again
      throw error;
    }));
    return inTime('AWS', () => signed(ready, request, now()));
  };
}

const identityOf = ({ accessKeyId, secretAccessKey, sessionToken }: AwsKeys) => ({
  accessKeyId,
  secretAccessKey,
  ...(sessionToken !== undefined && { sessionToken }),
});

/** As AWS's SDKs look for keys: environment, profiles, SSO, containers, the instance. It remembers them until they end. */
async function defaultChain() {
  const name = '@aws-sdk/credential-provider-node';
  const { defaultProvider } = await optional(name, () => import('@aws-sdk/credential-provider-node'));
  return defaultProvider();
}

async function signed(signer: Signer, { method, origin, path, body }: Unsigned, signingDate: Date): Promise<readonly string[]> {
  const question = path.indexOf('?');
  const request = await signer.sign(
    {
      method,
      protocol: origin.protocol,
      hostname: origin.hostname,
      // As it will be sent: the signer encodes it once more, as AWS does.
      path: question === -1 ? path : path.slice(0, question),
      query: question === -1 ? {} : Object.fromEntries(new URLSearchParams(path.slice(question))),
      headers: { host: origin.host },
      body,
    },
    { signingDate },
  );
  return Object.entries(request.headers).flatMap(([name, value]) => (name === 'host' ? [] : [name, value]));
}
