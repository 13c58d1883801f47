import type { Provider } from './provider.ts';

interface Ring {
  readonly providers: readonly Provider[];
  at: number;
}

/**
 * Which of a provider's keys is in use: the same one until the provider refuses it with 429, since prompt caches are kept by account; then
 * the next.
 */
export class KeyRings {
  readonly #rings = new WeakMap<Provider, Ring>();

  /** The provider with the key to use now; one with a single key comes back as it is. */
  current(provider: Provider): Provider {
    if (!provider.apiKeys) return provider;
    const ring = this.#ringOf(provider, provider.apiKeys);
    return ring.providers[ring.at]!;
  }

  /** The key of `keyed`, which `current(provider)` gave, has met its limit. Calls that had it at the same time move on once. */
  refused(provider: Provider, keyed: Provider): void {
    if (!provider.apiKeys) return;
    const ring = this.#ringOf(provider, provider.apiKeys);
    if (ring.providers[ring.at] === keyed) ring.at = (ring.at + 1) % ring.providers.length;
  }

  #ringOf(provider: Provider, apiKeys: readonly string[]): Ring {
    const known = this.#rings.get(provider);
    if (known) return known;
    const ring: Ring = { providers: apiKeys.map((apiKey) => ({ ...provider, apiKey })), at: 0 };
    this.#rings.set(provider, ring);
    return ring;
  }
}
