import { priceOverrides } from '../../config/price-overrides.ts';
import type { Config } from '../../config/schema.ts';
import { GatewayError } from '../../core/errors.ts';
import type { AdminRoute } from '../../server/admin/route.ts';
import { aliasesOf } from '../dashboard.ts';
import type { HeavyWork } from '../heavy/work.ts';
import { createAdviser } from './adviser.ts';

/** `GET /api/recommendations?from=&to=`, epoch ms. */
export function recommendationRoutes(config: () => Config, work: HeavyWork): readonly AdminRoute[] {
  const adviser = createAdviser({
    dir: () => config().dataDir,
    catalog: () => ({ overrides: priceOverrides(config()), aliases: aliasesOf(config()) }),
    now: Date.now,
    work: (job) => work.run('recommend', job),
  });
  return [
    {
      method: 'GET',
      path: '/api/recommendations',
      handle: ({ query }) => {
        const span = { from: wholeIn(query, 'from'), to: wholeIn(query, 'to') };
        if (span.from !== undefined && span.to !== undefined && span.from >= span.to)
          throw new GatewayError('invalid_request', 'from: must be before `to`', { param: 'from' });
        return adviser.ask(span);
      },
    },
  ];
}

function wholeIn(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new GatewayError('invalid_request', `${name}: must be epoch milliseconds`, { param: name });
  return Number(text);
}
