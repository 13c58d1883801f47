import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/schema.ts';
import { pipeline, type Handler } from '../core/pipeline.ts';
import type { KeyDirectory } from '../keys/directory.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { createFallback, type Fallback, type FallbackParts } from '../stages/fallback/create.ts';
import { systemClock } from '../stages/fallback/options.ts';
import type { TokenCounter } from '../text/counter.ts';
import { permitter } from './keys.ts';
import type { Parts } from './parts.ts';
import { promptCachingOf } from './prompt-cache.ts';
import { routesOf } from './routes.ts';
import type { RuleBooks } from './rules.ts';
import { routingOf, type Routing } from './routing.ts';
import { savingControlOf } from './savings.ts';
import { stagesOf } from './stages.ts';
import type { Telemetry } from './telemetry.ts';

type Shared = 'allowances' | 'later' | 'log' | 'now' | 'replies' | 'responses' | 'savingWatch' | 'sensitivity';

/** What of the app the way of a call needs: of a running one, or of a rehearsal. */
export interface HandlerParts extends Pick<Parts, Shared> {
  readonly ledger: Pick<Ledger, 'putBody'>;
  readonly counter: Pick<TokenCounter, 'count'>;
  readonly keys: Pick<KeyDirectory, 'byId'>;
  readonly rules: Pick<RuleBooks, 'budgets' | 'limits'>;
  readonly telemetry: Pick<Telemetry, 'noting' | 'propagating'>;
  /** From 0 up to 1: which of several places a call goes to. */
  readonly random?: () => number;
}

export interface Handling {
  readonly handler: Handler;
  readonly fallback: Fallback;
}

/** The way of a call through all stages, by a configuration. `dispatchOf`: what stands at its end. */
export function handlerOf(config: Config, catalog: Catalog, parts: HandlerParts, dispatchOf: (routing: Routing) => Handler): Handling {
  const routing = routingOf(
    config,
    catalog,
    permitter((id) => parts.keys.byId(id)),
  );
  const routes = routesOf(config, catalog, { routing, ...parts, modeOf: (...asked) => savingControl.modeOf(...asked) });
  const savingControl = savingControlOf(config, { ...parts.savingWatch, ...routes });
  const caching = promptCachingOf(config, catalog, routing, savingControl.modeOf, parts.now);
  const clock: FallbackParts['clock'] = { ...systemClock, epochMs: parts.now, random: parts.random ?? systemClock.random };
  const fallback = createFallback(config.resilience, {
    planOf: routing.planOf,
    clock,
    ...(caching.holders && { preferred: caching.holders.preferred }),
    breakerChanged: ({ deployment, from, to }) => parts.log[to === 'open' ? 'warn' : 'info'](`breaker of ${deployment}: ${from} -> ${to}`),
  });
  const stages = stagesOf(config, catalog, { ...routing, fallback, caching, savingControl, routes }, parts);
  return { handler: pipeline(stages, dispatchOf(routing)), fallback };
}
