import { randomBytes } from 'node:crypto';
import { GatewayError } from '../core/errors.ts';
import { KeyNameTakenError } from '../core/store-errors.ts';
import type { KeyStore, VirtualKey } from '../core/stores.ts';
import type { KeyChanges, KeyDraft } from './draft.ts';
import { hashOf, hintOf, newSecret } from './secret.ts';

/** A key with the secret that is shown once. */
export interface Issued {
  readonly key: VirtualKey;
  readonly secret: string;
}

/** What is done to keys. Keys are named by id or by name. Each throws a `GatewayError`: `not_found`, `invalid_request`. */
export interface KeyActs {
  list(): Promise<readonly VirtualKey[]>;
  create(draft: KeyDraft): Promise<Issued>;
  /** A new secret; the former one goes on for `overlapMs`. */
  rotate(key: string, overlapMs: number): Promise<Issued>;
  /** For good. A key that is revoked already stays as it is. */
  revoke(key: string): Promise<VirtualKey>;
  update(key: string, changes: KeyChanges): Promise<VirtualKey>;
}

interface ActsOptions {
  readonly store: KeyStore;
  /** Epoch ms. */
  readonly now: () => number;
  /** Called after each change. */
  readonly changed?: () => Promise<void>;
}

export function keyActs({ store, now, changed }: ActsOptions): KeyActs {
  const inTurn = oneByOne();
  const put = async (key: VirtualKey): Promise<VirtualKey> => {
    try {
      await store.put(key);
    } catch (error) {
      throw error instanceof KeyNameTakenError ? nameTaken(key.name, error) : error;
    }
    await changed?.();
    return key;
  };
  const edit = (asked: string, change: (key: VirtualKey) => VirtualKey): Promise<VirtualKey> =>
    inTurn(async () => {
      const key = named(await store.all(), asked);
      const next = change(key);
      return next === key ? key : put(next);
    });
  return {
    list: () => store.all(),
    create: (draft) =>
      inTurn(async () => {
        const secret = newSecret();
        const { expiresAt, ...rest } = draft;
        const made = { id: newKeyId(), hash: hashOf(secret), hint: hintOf(secret), createdAt: now() };
        return { key: await put({ ...made, scopes: {}, labels: {}, ...rest, ...(expiresAt !== undefined && { expiresAt }) }), secret };
      }),
    async rotate(asked, overlapMs) {
      const secret = newSecret();
      const key = await edit(asked, (key) => rotated(key, secret, now(), overlapMs));
      return { key, secret };
    },
    revoke: (asked) => edit(asked, (key) => (key.revokedAt === undefined ? { ...key, revokedAt: now() } : key)),
    update: (asked, changes) => edit(asked, (key) => updated(key, changes)),
  };
}

const newKeyId = (): string => `key_${randomBytes(9).toString('base64url')}`;

function named(keys: readonly VirtualKey[], asked: string): VirtualKey {
  const found = keys.find(({ id }) => id === asked) ?? keys.find(({ name }) => name === asked);
  if (!found) throw new GatewayError('not_found', `no key "${asked}"; \`modicum keys list\` shows them`, { param: 'key' });
  return found;
}

/** A key that opens nothing any more is not brought back by a new secret. */
function rotated(key: VirtualKey, secret: string, now: number, overlapMs: number): VirtualKey {
  if (key.revokedAt !== undefined)
    throw new GatewayError('invalid_request', `the key "${key.name}" is revoked; create another one`, { param: 'key' });
  const { former: _, ...rest } = key;
  const renewed = { ...rest, hash: hashOf(secret), hint: hintOf(secret) };
  return overlapMs === 0 ? renewed : { ...renewed, former: { hash: key.hash, until: now + overlapMs } };
}

/** What is `null` is taken away; lists and limits are replaced, labels too. */
function updated(key: VirtualKey, changes: KeyChanges): VirtualKey {
  const merged = { ...key, ...changes };
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null && value !== undefined)) as unknown as VirtualKey;
}

const nameTaken = (name: string, cause: Error): GatewayError =>
  new GatewayError('invalid_request', `another key has the name "${name}"`, { param: 'name', cause });

/** Changes of one process follow each other: each reads what the one before wrote. */
function oneByOne(): <T>(act: () => Promise<T>) => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return (act) => {
    const done = last.then(act);
    last = done.catch(() => {});
    return done;
  };
}
