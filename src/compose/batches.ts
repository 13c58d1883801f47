import { priceAttempt } from '../catalog/attempt.ts';
import { verified } from '../catalog/capabilities.ts';
import type { Catalog } from '../catalog/catalog.ts';
import { createPlans } from '../config/plans.ts';
import type { Config } from '../config/schema.ts';
import { GatewayError } from '../core/errors.ts';
import { createBatches, type Batches, type BatchesOptions } from '../providers/batches/serve.ts';
import type { Serving } from '../server/context.ts';
import type { Parts } from './parts.ts';

/** Batches: sent as they come, their results metered by the catalog's rates for batches. */
export function batchesOf(
  config: Config,
  catalog: Catalog,
  { ledger, batchMemory, log, sessions, replies }: Parts,
  send: Serving['raw'],
): Batches {
  const plans = createPlans(config, catalog);
  const placeOf: BatchesOptions['placeOf'] = (family, model) => {
    const { plan, reason } = { reason: undefined, ...plans.planOf(model, family, true) };
    if (!plan) throw new GatewayError('model_not_found', reason ?? `no place for "${model}"`, { param: 'model' });
    return plan.targets[0]!;
  };
  return createBatches({
    providers: Object.values(config.providers).map(({ name, protocol, dialect, apis }) => ({ name, family: protocol, dialect, apis })),
    send,
    placeOf,
    price: ({ servedBy, model, usage, served, at }) =>
      priceAttempt(catalog, {
        provider: servedBy.name,
        hosting: servedBy.hosting,
        requestModel: servedBy.model,
        model,
        usage,
        served,
        at,
      }),
    record: ledger.append,
    isCongested: ledger.isCongested,
    memory: batchMemory,
    abilitiesOf: ({ provider, model }) => verified(catalog.capabilities(provider, model)),
    kept: { sessions, replies, maxFileBytes: Math.floor(config.state.maxReplyBytes / 2) },
    logError: (message, error) => log.error(message, { error: String(error) }),
  });
}
