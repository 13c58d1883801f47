import type { Config } from '../../config/schema.ts';
import { GatewayError } from '../../core/errors.ts';
import { wholeParameter } from '../../server/admin/query.ts';
import type { AdminRoute } from '../../server/admin/route.ts';
import { catalogOptionsOf } from '../catalog.ts';
import type { HeavyWork } from '../heavy/work.ts';
import { createAdviser } from './adviser.ts';

const epoch = 'epoch milliseconds';

/** `GET /api/recommendations?from=&to=`, epoch ms. */
export function recommendationRoutes(config: () => Config, work: HeavyWork): readonly AdminRoute[] {
  const adviser = createAdviser({
    dir: () => config().dataDir,
    catalog: () => catalogOptionsOf(config()),
    now: Date.now,
    work: (job) => work.run('recommend', job),
  });
  return [
    {
      method: 'GET',
      path: '/api/recommendations',
      handle: ({ query }) => {
        const span = { from: wholeParameter(query, 'from', epoch), to: wholeParameter(query, 'to', epoch) };
        if (span.from !== undefined && span.to !== undefined && span.from >= span.to)
          throw new GatewayError('invalid_request', 'from: must be before `to`', { param: 'from' });
        return adviser.ask(span);
      },
    },
  ];
}
