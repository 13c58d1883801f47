import { Pool } from 'undici';
import type { Provider } from './provider.ts';

/** How long an idle connection to a provider is kept, ms. */
const keepAliveMs = 60_000;

/** One pool of connections an origin and provider, kept over reloads of the configuration. */
export class Pools {
  readonly #byKey = new Map<string, Pool>();
  #byProvider = new WeakMap<Provider, Pool>();

  of(provider: Provider): Pool {
    const known = this.#byProvider.get(provider);
    if (known) return known;
    const { name, baseUrl, connections, timeouts } = provider;
    const key = `${name} ${baseUrl.origin} ${connections} ${timeouts.connectMs}`;
    const pool = this.#byKey.get(key) ?? createPool(provider);
    this.#byKey.set(key, pool);
    this.#byProvider.set(provider, pool);
    return pool;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#byKey.values()].map((pool) => pool.destroy()));
  }
}

/** The exchange watches the time itself, so undici's own timers are off. */
function createPool({ baseUrl, connections, timeouts }: Provider): Pool {
  return new Pool(baseUrl.origin, {
    connections,
    pipelining: 1,
    keepAliveTimeout: keepAliveMs,
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: { timeout: timeouts.connectMs },
  });
}
