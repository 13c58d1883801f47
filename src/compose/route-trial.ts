import type { Catalog } from '../catalog/catalog.ts';
import type { Config } from '../config/schema.ts';
import type { ApiId } from '../core/api.ts';
import { bareScope } from '../core/bare-scope.ts';
import { Body } from '../core/body.ts';
import { Call } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import { lazily } from '../core/lazily.ts';
import { pipeline, type Scope } from '../core/pipeline.ts';
import { Reply } from '../core/reply.ts';
import { callCodecs } from '../protocols/codecs.ts';
import { aliasNames } from '../routes/aliases.ts';
import { callFacts } from '../routes/call-facts.ts';
import { routeDecider, type RuleVerdict } from '../routes/decide.ts';
import { unitOf } from '../savings/unit.ts';
import { sortHeaders } from '../server/headers.ts';
import { labelsOf } from '../server/labels.ts';
import { languageOf } from '../text/language.ts';
import { weighCall } from '../text/parts.ts';
import { routingOf } from './routing.ts';
import { sensitivityMemoryOf, sensitivityOf } from './sensitivity.ts';

/** A request that is judged and not sent. */
export interface RouteTrial {
  readonly api: Exclude<ApiId, 'passthrough'>;
  readonly body: Buffer;
  /** Raw: name, value, name, value ... */
  readonly headers: readonly string[];
  /** Stands in the URL at Google's API. */
  readonly model?: string | undefined;
  /** Virtual key, by id. */
  readonly key?: string | undefined;
  readonly nowMs: number;
  /** Percent that are left of budgets; a gateway at rest knows of none. */
  readonly budgetLeft: Readonly<Record<string, number>>;
}

export interface TrialResult {
  readonly requestedModel: string;
  /** Which model serves, an alias resolved. */
  readonly model: string;
  /** The alias and its version that it was called by. */
  readonly alias: string | undefined;
  /** The rule that fires. */
  readonly route: string | undefined;
  /** Where the call would go; `undefined`: nowhere, see `refusal`. */
  readonly deployment: string | undefined;
  readonly refusal: string | undefined;
  readonly language: string | undefined;
  readonly inputTokens: number | undefined;
  readonly verdicts: readonly RuleVerdict[];
}

/** Judges a request by the rules of a configuration, as the gateway would, without sending it. @throws {GatewayError} what the gateway would answer it */
export async function tryRoutes(config: Config, catalog: Catalog, trial: RouteTrial): Promise<TrialResult> {
  const { call, scope } = await guarded(config, trial);
  const factsOf = callFacts({ languageOf, now: () => trial.nowMs, budgetLeft: (budget) => trial.budgetLeft[budget] });
  const facts = factsOf(call, scope);
  const verdicts = routeDecider(config.routes).explain(
    facts,
    lazily(() => unitOf(call, scope)),
  );
  const fired = verdicts.find(({ verdict }) => verdict === 'fires');
  const named = fired?.model ?? call.model;
  const unaliased = aliasNames(config.aliases).get(named);
  return {
    requestedModel: call.model,
    model: unaliased?.model ?? named,
    alias: unaliased?.name,
    route: fired?.rule.name,
    ...destination(config, catalog, call.with({ model: named }), scope),
    language: facts.language,
    inputTokens: facts.inputTokens,
    verdicts,
  };
}

function destination(config: Config, catalog: Catalog, call: Call, scope: Scope): Pick<TrialResult, 'deployment' | 'refusal'> {
  try {
    return { deployment: routingOf(config, catalog).planOf(call, scope).targets[0]!.id, refusal: undefined };
  } catch (error) {
    return { deployment: undefined, refusal: GatewayError.from(error).message };
  }
}

/** The call as it stands behind the guard of sensitive data, which gives it its label. */
async function guarded(config: Config, trial: RouteTrial): Promise<{ readonly call: Call; readonly scope: Scope }> {
  let seen: { readonly call: Call; readonly scope: Scope } | undefined;
  const handler = pipeline([sensitivityOf(config, sensitivityMemoryOf(config))], async (call, scope) => {
    seen = { call, scope };
    return new Reply(nobody, { status: 204, headers: [] }, { to: (sink) => sink.end() });
  });
  const { api, model, body } = trial;
  const given = model === undefined ? {} : { model };
  const call = Call.received('trial', { codec: callCodecs[api], body: new Body([body]), given });
  await handler(call, scopeOf(trial, call));
  return seen!;
}

const nobody = { kind: 'gateway', name: 'trial', hosting: 'self-hosted', model: '' } as const;

function scopeOf({ headers, key, nowMs }: RouteTrial, call: Call): Scope {
  const { forward, hints } = sortHeaders(headers);
  const claimed = hints.indexOf('x-modicum-sensitivity');
  return bareScope({
    requestId: 'trial',
    labels: labelsOf(hints, undefined, call),
    prompt: weighCall(call),
    key,
    headers: forward,
    startedAt: nowMs,
    sensitivity: claimed === -1 ? undefined : hints[claimed + 1]!.trim(),
  });
}
