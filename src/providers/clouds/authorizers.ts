import type { Provider } from '../provider.ts';
import type { Authorize, CloudAccess } from './access.ts';
import { awsAuthorizer } from './aws.ts';
import { googleAuthorizer } from './google.ts';

const kinds: { readonly [K in CloudAccess['kind']]: (access: Extract<CloudAccess, { readonly kind: K }>) => Authorize } = {
  'aws-sigv4': awsAuthorizer,
  'google-oauth': ({ keyFile }) => googleAuthorizer(keyFile),
};

/** One for each provider, made when first asked for: it remembers tokens. */
export class Authorizers {
  readonly #known = new WeakMap<CloudAccess, Authorize>();

  /** `undefined`: the provider is asked with its key, or with the client's own. */
  of({ access }: Provider): Authorize | undefined {
    if (!access) return undefined;
    const known = this.#known.get(access) ?? (kinds[access.kind] as (access: CloudAccess) => Authorize)(access);
    this.#known.set(access, known);
    return known;
  }
}
