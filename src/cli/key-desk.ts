import { createCatalog } from '../catalog/catalog.ts';
import { loadConfig } from '../config/load.ts';
import type { KeyStore, VirtualKey } from '../core/stores.ts';
import { keyActs, type Issued } from '../keys/acts.ts';
import { readChanges, readDraft, readRotation } from '../keys/draft.ts';
import { viewOf, type KeyView } from '../keys/view.ts';
import { createStores } from '../stores/open.ts';
import { openSqliteKeys } from '../stores/sqlite/keys.ts';
import { askAdmin } from './admin-client.ts';
import type { Arguments } from './arguments.ts';
import { failure } from './errors.ts';
import type { Terminal } from './terminal.ts';

export interface IssuedView {
  readonly key: KeyView;
  /** Shown once: nobody can tell it again. */
  readonly secret: string;
}

/** Where keys are made and changed: a running gateway, or the store itself. What is given is checked there. */
export interface KeyDesk {
  list(): Promise<readonly KeyView[]>;
  create(draft: object): Promise<IssuedView>;
  rotate(key: string, overlapMs: number | undefined): Promise<IssuedView>;
  revoke(key: string): Promise<KeyView>;
  update(key: string, changes: object): Promise<KeyView>;
  close(): Promise<void>;
}

/** With `--url` the gateway there; else the store that is configured, which a running gateway looks at every second. */
export async function openKeyDesk(given: Arguments, terminal: Terminal): Promise<KeyDesk> {
  if (given.text('url') !== undefined) return deskAt(given, terminal);
  const { store, close } = await openKeyStore(given, terminal);
  return deskIn(store, close);
}

function deskAt(given: Arguments, terminal: Terminal): KeyDesk {
  const ask = async <T>(method: string, path: string, body?: object): Promise<T> =>
    (await askAdmin(given, terminal, `/api/keys${path}`, body, method)) as T;
  const at = (key: string): string => `/${encodeURIComponent(key)}`;
  return {
    list: async () => (await ask<{ readonly keys: readonly KeyView[] }>('GET', '')).keys,
    create: (draft) => ask('POST', '', draft),
    rotate: (key, overlapMs) => ask('POST', `${at(key)}/rotate`, { overlapMs }),
    revoke: async (key) => (await ask<{ readonly key: KeyView }>('POST', `${at(key)}/revoke`)).key,
    update: async (key, changes) => (await ask<{ readonly key: KeyView }>('PATCH', at(key), changes)).key,
    close: async () => {},
  };
}

function deskIn(store: KeyStore, close: () => Promise<void>): KeyDesk {
  const acts = keyActs({ store, now: Date.now });
  const shown = (key: VirtualKey): KeyView => viewOf(key, Date.now());
  const issued = ({ key, secret }: Issued): IssuedView => ({ key: shown(key), secret });
  return {
    list: async () => (await acts.list()).map(shown),
    create: async (draft) => issued(await acts.create(readDraft(draft))),
    rotate: async (key, overlapMs) => issued(await acts.rotate(key, readRotation({ overlapMs }).overlapMs)),
    revoke: async (key) => shown(await acts.revoke(key)),
    update: async (key, changes) => shown(await acts.update(key, readChanges(changes))),
    close,
  };
}

async function openKeyStore(
  given: Arguments,
  { env, cwd }: Terminal,
): Promise<{ readonly store: KeyStore; readonly close: () => Promise<void> }> {
  const dataDir = given.text('data');
  const catalog = createCatalog();
  const { config } = await loadConfig({
    path: given.text('config'),
    env,
    cwd,
    data: dataDir === undefined ? {} : { dataDir },
    pricesAt: (baseUrl) => catalog.providerAt(baseUrl),
  });
  if (config.state.engine === 'memory') throw failure('with state.engine "memory" keys live in the gateway only; say where it is: --url');
  if (config.state.engine === 'sqlite') {
    const store = openSqliteKeys(config.dataDir);
    return { store, close: async () => store.close() };
  }
  const stores = await createStores(config.state, config.dataDir);
  return { store: stores.keys, close: () => stores.close() };
}
