import { priceAttempt } from '../catalog/attempt.ts';
import { verified } from '../catalog/capabilities.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/schema.ts';
import { apis } from '../core/api.ts';
import type { Call } from '../core/call.ts';
import type { Stage } from '../core/pipeline.ts';
import { requestText } from '../protocols/request-text.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { stripUsageChunk } from '../protocols/strip-usage.ts';
import { translateEmbeddings } from '../providers/translate/embeddings.ts';
import { translate } from '../providers/translate/stage.ts';
import type { SavingControl } from '../savings/control.ts';
import type { Routes } from '../stages/route/index.ts';
import { account, type AccountOptions } from '../stages/account/index.ts';
import type { Fallback } from '../stages/fallback/create.ts';
import { meter } from '../stages/meter/index.ts';
import { streamUsage } from '../stages/stream-usage/index.ts';
import { splitTotal } from '../text/parts.ts';
import { allowanceStages, paceStages } from './allowance.ts';
import { replyCacheStages } from './exact-cache.ts';
import { keyScope } from './keys.ts';
import { loopBreakerOf } from './loops.ts';
import { outputLimitsOf } from './output-limits.ts';
import type { HandlerParts } from './handler.ts';
import type { PromptCaching } from './prompt-cache.ts';
import { promptRepairOf } from './prompt-repair.ts';
import { replyMeters } from './reply-meter.ts';
import type { Routing } from './routing.ts';
import { sensitivityOf, storedFindings } from './sensitivity.ts';
import { signalsOf } from './signals.ts';
import { redactorOf } from './stored-bodies.ts';

/** What other parts use too. */
interface Made {
  readonly fallback: Fallback;
  readonly caching: PromptCaching;
  readonly savingControl: SavingControl;
  readonly routes: Routes;
}

/** The order of the stages, outermost first. */
export function stagesOf(
  config: Config,
  catalog: Catalog,
  { find, planOf, deploymentOf, fallback, caching, savingControl, routes }: Routing & Made,
  { ledger, counter, later, responses, allowances, rules, keys, sensitivity, replies, telemetry, now }: HandlerParts,
): readonly Stage[] {
  const keepBodies = config.ledger.bodies.store === 'on';
  const { maxReplyBytes, maxEventBytes } = config.meter;
  const accounting = account({
    parts: splitTotal,
    later: later.run,
    ...(keepBodies && { keepBody: keepRedacted(config, ledger.putBody), maxKeptReplyBytes: maxReplyBytes }),
  });
  return [
    accounting,
    ...telemetry.noting,
    keyScope((id) => keys.byId(id)),
    signalsOf(config),
    ...allowanceStages(config, catalog, { planOf }, allowances, rules),
    loopBreakerOf(config),
    sensitivityOf(config, sensitivity),
    savingControl.stage,
    routes.stage,
    ...replyCacheStages(config, catalog, { replies, now }, savingControl.modeOf),
    promptRepairOf(config, catalog, { planOf }, savingControl.modeOf),
    ...(caching.holders ? [caching.holders.stage] : []),
    fallback.stage,
    ...paceStages(config, { deploymentOf }),
    translate({
      speechOf: (call, scope) => find(call, scope).provider,
      deploymentOf,
      abilitiesOf: ({ provider, model }) => verified(catalog.capabilities(provider, model)),
      state: responses,
      maxReplyBytes,
      maxEventBytes,
    }),
    translateEmbeddings({ familyOf: (call, scope) => find(call, scope).provider.protocol, deploymentOf, maxReplyBytes }),
    outputLimitsOf(config, catalog, { deploymentOf }, savingControl.modeOf),
    caching.stage,
    caching.keepWarm(accounting.wrap),
    ...telemetry.propagating(config, { find }),
    streamUsage({ mustAsk: (call, scope) => find(call, scope).provider.dialect.streamUsage === 'ask', strip: stripUsageChunk }),
    meter({
      meterOf: replyMeters(config),
      price: ({ servedBy, model, usage, served, at, call }) =>
        priceAttempt(catalog, {
          provider: servedBy.name,
          hosting: servedBy.hosting,
          requestModel: servedBy.model,
          model,
          priceBy: config.providers[servedBy.name]?.dialect.priceBy,
          usage,
          served,
          at,
          requestTier: requestTier(call),
        }),
      estimate: async (call, replyText, missing) => ({
        ...(missing.input && { input: await counter.count(requestText(call.api, call.body.whole)) }),
        ...(missing.output && { output: await counter.count(replyText) }),
      }),
      isFree: ({ api }) => apis[api].operation === 'count_tokens',
      now,
    }),
  ];
}

/** Bodies are stored without what the detectors find in them. */
function keepRedacted(config: Config, putBody: Ledger['putBody']): NonNullable<AccountOptions['keepBody']> {
  const redacted = redactorOf(storedFindings(config), Math.max(config.server.limits.maxBodyBytes, config.meter.maxReplyBytes));
  return (body, kept) => {
    const stored = redacted(body, kept);
    return stored && putBody(stored);
  };
}

function requestTier(call: Call): string | undefined {
  const tier = call.value('service_tier')?.toString('latin1');
  return tier?.startsWith('"') ? tier.slice(1, -1) : undefined;
}
