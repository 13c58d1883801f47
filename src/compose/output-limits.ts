import { verified } from '../catalog/capabilities.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/schema.ts';
import type { OutputLimits } from '../core/output-limits.ts';
import type { Stage } from '../core/pipeline.ts';
import type { ModeOf } from '../core/shaping.ts';
import { effortBudgets, effortOf } from '../protocols/translate/effort.ts';
import { outputLimits } from '../stages/output-limits/index.ts';
import { replyMeters } from './reply-meter.ts';
import type { Routing } from './routing.ts';

/** Limits of output, by the options `apps.<name>.outputLimits` and `routes[].limits`. */
export function outputLimitsOf(config: Config, catalog: Catalog, { deploymentOf }: Pick<Routing, 'deploymentOf'>, modeOf: ModeOf): Stage {
  const { maxReplyBytes } = config.meter;
  const { isIdle, limitsFor } = limitsFinder(config);
  return outputLimits({
    isIdle,
    limitsOf: (_, { labels: { app }, annotations: { route } }) => limitsFor(app, route),
    abilitiesOf: (call, scope) => {
      const { provider, model } = deploymentOf(call, scope);
      return verified(catalog.capabilities(provider, model));
    },
    scale: { effortOf, tokensOf: (effort) => effortBudgets[effort] },
    modeOf,
    meterOf: replyMeters(config),
    maxReplyBytes,
  });
}

interface LimitsFinder {
  readonly isIdle: boolean;
  readonly limitsFor: (app: string | undefined, route: string | undefined) => OutputLimits | undefined;
}

/** The limits of the rule that was followed go before those of the app, option by option. */
function limitsFinder({ apps, routes }: Pick<Config, 'apps' | 'routes'>): LimitsFinder {
  const ofApp = new Map(Object.entries(apps).flatMap(([app, own]) => (own.outputLimits ? [[app, own.outputLimits] as const] : [])));
  const ofRoute = new Map(routes.flatMap(({ name, limits }) => (limits ? [[name, limits] as const] : [])));
  const both = new Map<OutputLimits, Map<OutputLimits, OutputLimits>>();
  const joined = (wide: OutputLimits, narrow: OutputLimits): OutputLimits => {
    const known = both.get(wide) ?? new Map<OutputLimits, OutputLimits>();
    both.set(wide, known);
    const found = known.get(narrow) ?? { ...wide, ...narrow };
    known.set(narrow, found);
    return found;
  };
  return {
    isIdle: ofApp.size === 0 && ofRoute.size === 0,
    limitsFor: (app, route) => {
      const wide = app === undefined ? undefined : ofApp.get(app);
      const narrow = route === undefined ? undefined : ofRoute.get(route);
      return wide && narrow ? joined(wide, narrow) : (narrow ?? wide);
    },
  };
}
