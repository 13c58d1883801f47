import { createHash } from 'node:crypto';
import { priceAttempt } from '../catalog/attempt.ts';
import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/schema.ts';
import type { Stage } from '../core/pipeline.ts';
import type { ModeOf } from '../core/shaping.ts';
import type { SavingModes } from '../savings/registry.ts';
import { exactCache } from '../stages/exact-cache/index.ts';
import type { ExactCacheOptions } from '../stages/exact-cache/settings.ts';
import type { Parts } from './parts.ts';

/** The cache of replies and the memo of steps, by the options `cache` and `savings`; no stage where no call may have either. */
export function replyCacheStages(
  config: Config,
  catalog: Catalog,
  { replies: store, now }: Pick<Parts, 'replies' | 'now'>,
  modeOf: ModeOf,
): readonly Stage[] {
  if (!mayRun(config)) return [];
  const { exact, steps } = config.cache;
  const options: ExactCacheOptions = {
    store,
    exactOf: exactPolicies(config),
    steps: { ...steps, isolation: exact.isolation, pacing: exact.pacing },
    modeOf,
    revision: revisionOf(config),
    knowledge: exact.knowledgeVersion,
    maxBytes: exact.maxBytes,
    maxWaitMs: exact.maxWaitMs,
    price: ({ servedBy, model, usage, served }, call) =>
      priceAttempt(catalog, {
        provider: servedBy.name,
        hosting: servedBy.hosting,
        requestModel: servedBy.model,
        model: model ?? servedBy.model,
        priceBy: config.providers[servedBy.name]?.dialect.priceBy,
        usage: { buckets: {}, source: 'cache', flags: ['usage_missing'], ...usage, raw: undefined },
        served,
        at: now(),
        requestTier: call.json('service_tier')?.toString('latin1').replaceAll('"', ''),
      }),
    now,
  };
  return [exactCache(options)];
}

function mayRun({ savings: { stages, overrides } }: Config): boolean {
  const isOn = ({ exactCache = 'off', stepReuse = 'off' }: SavingModes): boolean => exactCache !== 'off' || stepReuse !== 'off';
  return isOn(stages) || overrides.some((rule) => isOn(rule.stages));
}

function exactPolicies({ cache: { exact } }: Config): ExactCacheOptions['exactOf'] {
  const rules = exact.overrides.map(({ match, ttlMs, deterministicOnly, toolCalls, isolation }) => ({
    match,
    policy: {
      ...exact,
      ttlMs: ttlMs ?? exact.ttlMs,
      deterministicOnly: deterministicOnly ?? exact.deterministicOnly,
      toolCalls: toolCalls ?? exact.toolCalls,
      isolation: isolation ?? exact.isolation,
    },
  }));
  return ({ model }, { labels: { app, feature } }) =>
    rules.find(({ match }) => isOr(match.app, app) && isOr(match.feature, feature) && isOr(match.model, model))?.policy ?? exact;
}

const isOr = (wanted: string | undefined, is: string | undefined): boolean => wanted === undefined || wanted === is;

/** Digest of every option but those that change no answer: a change of any other begins with an empty cache. */
function revisionOf(config: Config): string {
  const { server: _, dataDir: __, ledger: ___, logging: ____, state: _____, keys: ______, cache: _______, ...meaning } = config;
  return createHash('sha256').update(JSON.stringify(meaning)).digest('base64url');
}
