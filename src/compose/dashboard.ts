import { join } from 'node:path';
import type { Catalog } from '../catalog/catalog.ts';
import { listRates, type RateRow } from '../catalog/explain.ts';
import { whatIf, type WhatIf } from '../catalog/what-if.ts';
import { withoutSecrets } from '../config/print.ts';
import type { Config } from '../config/schema.ts';
import { GatewayError } from '../core/errors.ts';
import type { CallRecord } from '../core/record.ts';
import { findCall } from '../ledger/calls.ts';
import type { AdminRoute } from '../server/admin/route.ts';
import { createDashboard, type Dashboard } from '../server/dashboard/serve.ts';
import { promptOf, type PromptView } from '../server/dashboard/prompt.ts';
import { byConfig } from './by-config.ts';
import { catalogOf } from './catalog.ts';

/** The dashboard of a built package, and that of a checkout, which runs from its source. */
export const builtDashboard = (): Dashboard =>
  createDashboard([join(import.meta.dirname, '../web'), join(import.meta.dirname, '../../dist/web')]);

export interface WhatIfAnswer {
  /** Nano-USD, as recorded; `null`: unknown. */
  readonly cost: number | null;
  readonly alternatives: readonly WhatIf[];
}

export interface PricedModel {
  readonly provider: string;
  readonly id: string;
  readonly contextTokens?: number;
  readonly rates: readonly RateRow[];
}

export interface PricesAnswer {
  /** ISO date of the price data. */
  readonly asOf: string;
  readonly version: string;
  readonly models: readonly PricedModel[];
}

/** What the dashboard shows beside queries: the configuration, prices, and one call looked at closely. */
export function dashboardRoutes(config: () => Config): readonly AdminRoute[] {
  const catalog = byConfig(catalogOf);
  return [
    { method: 'GET', path: '/api/config', handle: () => withoutSecrets(config()) },
    { method: 'GET', path: '/api/prices', handle: ({ query }) => prices(catalog(config()), query, config()) },
    {
      method: 'GET',
      path: '/api/whatif/{id}',
      handle: ({ params }) => alternatives(catalog(config()), recordOf(config(), params['id']!), config()),
    },
    { method: 'GET', path: '/api/prompt/{id}', handle: ({ params }) => prompt(config(), params['id']!) },
  ];
}

/** The catalog's names of the providers that are configured. */
const vendorsOf = ({ providers }: Config): readonly string[] => [
  ...new Set(Object.values(providers).map(({ name, prices }) => prices ?? name)),
];

/** `provider`: only its models. `limit=0`: only how old the prices are. */
function prices(catalog: Catalog, query: URLSearchParams, config: Config): PricesAnswer {
  const provider = query.get('provider');
  const vendors = provider === null ? vendorsOf(config) : [provider];
  const listed = query.get('limit') === '0' ? [] : vendors.flatMap((vendor) => catalog.models(vendor));
  const models = listed
    .filter(({ deprecated }) => !deprecated)
    .map(({ provider: vendor, id, contextTokens, card }): PricedModel => ({
      provider: vendor,
      id,
      ...(contextTokens !== undefined && { contextTokens }),
      rates: listRates(card),
    }));
  return { asOf: catalog.asOf, version: catalog.version, models };
}

function recordOf({ dataDir }: Config, id: string): CallRecord {
  const found = findCall(dataDir, known(id));
  if (!found) throw noCall(id);
  return found.record;
}

const uuid = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

function known(id: string): string {
  if (!uuid.test(id)) throw noCall(id);
  return id;
}

const noCall = (id: string): GatewayError => new GatewayError('not_found', `no call ${id} in the ledger`, { param: 'id' });

function alternatives(catalog: Catalog, record: CallRecord, config: Config): WhatIfAnswer {
  const { provider, model, at } = record;
  const buckets = record.attempts.at(-1)?.usage?.buckets ?? record.buckets;
  return { cost: record.cost.total, alternatives: whatIf(catalog, { provider, model, buckets, at }, vendorsOf(config)) };
}

const prompt = (config: Config, id: string): PromptView => promptOf(config.dataDir, recordOf(config, id));
