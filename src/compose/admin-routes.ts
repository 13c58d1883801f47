import type { Config } from '../config/schema.ts';
import type { Stores } from '../core/stores.ts';
import type { AdminRoute } from '../server/admin/route.ts';
import { budgetAdmin, budgetRoutes } from './budget-admin.ts';
import { createHeavyWork } from './heavy/work.ts';
import { insightRoutes } from './insight.ts';
import type { Parts } from './parts.ts';
import { ruleRoutes } from './rule-admin.ts';
import { recommendationRoutes } from './recommend/routes.ts';
import { savingRoutes } from './savings.ts';

/** What the parts of the app add to the admin API, `/metrics` among it. */
export function adminRoutes(config: () => Config, parts: Parts, stores: Stores, inFlight: () => number): readonly AdminRoute[] {
  const budgets = budgetAdmin(config, parts.rules.budgets, parts.allowances, stores.budgets);
  const work = createHeavyWork();
  return [
    ...budgetRoutes(budgets),
    ...ruleRoutes(config, parts.rules),
    ...savingRoutes(config, parts.savingWatch, work),
    ...insightRoutes(parts),
    ...recommendationRoutes(config, work),
    ...parts.alerts.routes,
    ...parts.telemetry.routes({ inFlight, budgets }),
  ];
}
