import type { KeyStore, VirtualKey } from '../core/stores.ts';
import { hashOf, isSecret } from './secret.ts';

/** Why a secret opens nothing. */
export type KeyFault = 'malformed' | 'unknown' | 'expired' | 'revoked' | 'rotated';

export type Found = { readonly key: VirtualKey; readonly fault?: undefined } | { readonly fault: KeyFault; readonly key?: VirtualKey };

export interface DirectoryOptions {
  readonly store: KeyStore;
  /** Epoch ms. */
  readonly now: () => number;
  /** Between two looks at the store's version. */
  readonly refreshMs?: number;
  /** How long the copy is trusted while the store does not answer. */
  readonly maxStaleMs?: number;
  /** Told when the store goes away (an error) and comes back (`undefined`). */
  readonly away?: (error: Error | undefined) => void;
}

/** All keys in memory, by hash, kept up to date with the store: a look-up never waits. */
export interface KeyDirectory {
  find(secret: string): Found;
  byId(id: string): VirtualKey | undefined;
  /** Keys that exist, revoked ones too: the last one revoked does not open the gateway. */
  readonly size: number;
  /** The store has not answered for longer than the copy may be trusted. */
  readonly isStale: boolean;
  /** Reads the store at once, after a change of our own. */
  refresh(): Promise<void>;
  close(): void;
}

/** Secrets remembered with their entry, so that a call costs no hash. */
export const maxRememberedSecrets = 1024;

interface Entry {
  readonly key: VirtualKey;
  /** Of a former secret: until when it goes on. */
  readonly until: number | undefined;
}

/** @throws when the store cannot be read: without its keys nobody can be let in. */
export async function openKeyDirectory(options: DirectoryOptions): Promise<KeyDirectory> {
  const directory = new Directory(options);
  await directory.refresh();
  directory.start();
  return directory;
}

class Directory implements KeyDirectory {
  readonly #options: Required<Omit<DirectoryOptions, 'away'>> & Pick<DirectoryOptions, 'away'>;
  #version: number | undefined;
  #byId: ReadonlyMap<string, VirtualKey> = new Map();
  #byHash: ReadonlyMap<string, Entry> = new Map();
  readonly #remembered = new Map<string, Entry>();
  #timer: NodeJS.Timeout | undefined;
  #answeredAt = 0;
  #isAway = false;
  #reading: Promise<void> | undefined;

  constructor({ refreshMs = 1000, maxStaleMs = 60_000, ...options }: DirectoryOptions) {
    this.#options = { refreshMs, maxStaleMs, ...options };
  }

  get size(): number {
    return this.#byId.size;
  }

  get isStale(): boolean {
    return this.#isAway && this.#options.now() - this.#answeredAt > this.#options.maxStaleMs;
  }

  find(secret: string): Found {
    const entry = this.#remembered.get(secret) ?? this.#remember(secret);
    if (!entry) return { fault: isSecret(secret) ? 'unknown' : 'malformed' };
    const { key, until } = entry;
    const fault = faultOf(key, until, this.#options.now());
    return fault === undefined ? { key } : { fault, key };
  }

  byId(id: string): VirtualKey | undefined {
    return this.#byId.get(id);
  }

  async refresh(): Promise<void> {
    await this.#reading?.catch(() => {}); // a look that began before the change may not see it
    await this.#read();
  }

  start(): void {
    const look = (): void => {
      if (!this.#reading) void this.#read().then(() => this.#told(undefined), this.#told);
    };
    this.#timer = setInterval(look, this.#options.refreshMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  readonly #told = (thrown: unknown): void => {
    const error = thrown === undefined || thrown instanceof Error ? thrown : new Error('the store failed', { cause: thrown });
    if (this.#isAway === (error !== undefined)) return;
    this.#isAway = error !== undefined;
    this.#options.away?.(error);
  };

  #read(): Promise<void> {
    const reading = this.#take().finally(() => {
      if (this.#reading === reading) this.#reading = undefined;
    });
    return (this.#reading = reading);
  }

  async #take(): Promise<void> {
    const { store, now } = this.#options;
    const askedAt = now();
    const version = await store.version();
    if (version !== this.#version) {
      this.#keep(await store.all());
      this.#version = version; // read before the keys: a change in between is seen again at the next look
    }
    this.#answeredAt = askedAt;
  }

  #keep(keys: readonly VirtualKey[]): void {
    this.#byId = new Map(keys.map((key) => [key.id, key]));
    const byHash = new Map<string, Entry>();
    for (const key of keys) {
      byHash.set(key.hash, { key, until: undefined });
      if (key.former) byHash.set(key.former.hash, { key, until: key.former.until });
    }
    this.#byHash = byHash;
    this.#remembered.clear();
  }

  /** Only secrets that exist: others could push them out. */
  #remember(secret: string): Entry | undefined {
    const entry = isSecret(secret) ? this.#byHash.get(hashOf(secret)) : undefined;
    if (!entry) return undefined;
    if (this.#remembered.size >= maxRememberedSecrets) this.#remembered.delete(this.#remembered.keys().next().value!);
    this.#remembered.set(secret, entry);
    return entry;
  }
}

function faultOf({ expiresAt, revokedAt }: VirtualKey, until: number | undefined, now: number): KeyFault | undefined {
  if (revokedAt !== undefined) return 'revoked';
  if (until !== undefined && now >= until) return 'rotated';
  return expiresAt !== undefined && now >= expiresAt ? 'expired' : undefined;
}
