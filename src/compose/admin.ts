import { keyActs, type Issued } from '../keys/acts.ts';
import type { KeyDirectory } from '../keys/directory.ts';
import { readChanges, readDraft, readRotation } from '../keys/draft.ts';
import { viewOf, type KeyView } from '../keys/view.ts';
import type { Config } from '../config/schema.ts';
import type { Stores, VirtualKey } from '../core/stores.ts';
import { addressFinder } from '../server/address.ts';
import { createAccess, type Access } from '../server/access.ts';
import type { AdminRoute } from '../server/admin/route.ts';
import { createAdmin, type Admin } from '../server/admin/serve.ts';
import type { Dashboard } from '../server/dashboard/serve.ts';
import { byConfig } from './by-config.ts';
import { builtDashboard, dashboardRoutes } from './dashboard.ts';
import type { Allowances } from './allowance.ts';
import { needsKeys } from './keys.ts';
import { sharedAttempts } from './login-attempts.ts';

interface DoorParts {
  /** As it is now: a reload changes who may call, not where the gateway listens. */
  readonly config: () => Config;
  readonly stores: Pick<Stores, 'keys' | 'sessions'>;
  readonly keys: KeyDirectory;
  readonly allowances: Pick<Allowances, 'limits'>;
  readonly status: () => Readonly<Record<string, unknown>>;
  /** Of the other parts. */
  readonly routes: readonly AdminRoute[];
}

/** Who gets in, to models and to the admin API. */
export function doorsOf({ config, stores, keys, allowances, status, routes }: DoorParts): {
  readonly access: Access;
  readonly admin: Admin;
  readonly dashboard: Dashboard;
} {
  const { host, adminToken: token, trustedProxies } = config().server;
  const addressOf = addressFinder(trustedProxies);
  const required = byConfig(needsKeys); // asked with every call
  const statusRoute: AdminRoute = { method: 'GET', path: '/api/status', handle: status };
  return {
    access: createAccess({ directory: keys, isRequired: () => required(config()), addressOf }),
    admin: createAdmin({
      token,
      host,
      sessions: stores.sessions,
      attempts: sharedAttempts(allowances.limits),
      now: Date.now,
      addressOf,
      routes: [statusRoute, ...keyRoutes(stores, keys), ...dashboardRoutes(config), ...routes],
    }),
    dashboard: builtDashboard(),
  };
}

/** Keys by the admin API. `{key}` is an id or a name. A change holds for the very next request. */
function keyRoutes({ keys: store }: Pick<Stores, 'keys'>, directory: KeyDirectory): readonly AdminRoute[] {
  const acts = keyActs({ store, now: Date.now, changed: () => directory.refresh() });
  return [
    { method: 'GET', path: '/api/keys', handle: async () => ({ keys: (await acts.list()).map(shown) }) },
    { method: 'POST', path: '/api/keys', status: 201, handle: async ({ body }) => issued(await acts.create(readDraft(body))) },
    {
      method: 'POST',
      path: '/api/keys/{key}/rotate',
      handle: async ({ body, params }) => issued(await acts.rotate(params['key']!, readRotation(body).overlapMs)),
    },
    { method: 'POST', path: '/api/keys/{key}/revoke', handle: async ({ params }) => ({ key: shown(await acts.revoke(params['key']!)) }) },
    {
      method: 'PATCH',
      path: '/api/keys/{key}',
      handle: async ({ body, params }) => ({ key: shown(await acts.update(params['key']!, readChanges(body))) }),
    },
  ];
}

const shown = (key: VirtualKey): KeyView => viewOf(key, Date.now());
const issued = ({ key, secret }: Issued): object => ({ key: shown(key), secret });
