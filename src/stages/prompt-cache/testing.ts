import { cacheFactors, cacheRuleFinder } from '../../catalog/cache-rules.ts';
import { createCatalog } from '../../catalog/catalog.ts';
import type { ApiId } from '../../core/api.ts';
import { Body } from '../../core/body.ts';
import { Call, type CallCodec } from '../../core/call.ts';
import type { Deployment } from '../../core/deployment.ts';
import type { Flow, Sink } from '../../core/flow.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Scope } from '../../core/pipeline.ts';
import type { CallRecord, Saving } from '../../core/record.ts';
import { Reply } from '../../core/reply.ts';
import type { SavingMode } from '../../core/shaping.ts';
import { testScope } from '../../core/testing.ts';
import type { Buckets } from '../../core/usage.ts';
import { promptCache, type PromptCacheOptions } from './index.ts';

export const callOf = (api: ApiId, body: object): Call =>
  Call.received('test', {
    codec: { api, fields: {} } as unknown as CallCodec, // no field is ever decoded: all are given
    body: new Body([Buffer.from(JSON.stringify(body))]),
    given: { model: 'm', stream: false, streamUsage: true },
  });

const ended: Flow = { to: (sink: Sink) => sink.end() };
export const replyOf = (status = 200, bytes: Flow = ended): Reply =>
  new Reply({ kind: 'provider', name: 'p', hosting: 'api', model: 'm' }, { status, headers: [] }, bytes);

export interface Stand {
  /** Sends a call; what went on, and what was recorded. `usage`: what the provider tells. */
  readonly send: (
    call: Call,
    usage?: Buckets,
  ) => Promise<{ readonly sent: Call; readonly body: JsonObject; readonly savings: readonly Saving[] }>;
  readonly pass: (ms: number) => void;
}

interface Setting extends Partial<PromptCacheOptions> {
  readonly provider: string;
  readonly model: string;
  readonly mode?: SavingMode;
}

/** The stage over a provider that answers at once, by the catalog's rules and prices, with a clock one can turn. */
export function startStand({ provider, model, mode = 'on', ...options }: Setting): Stand {
  let now = Date.UTC(2026, 10, 25);
  const catalog = createCatalog();
  const find = cacheRuleFinder(catalog);
  const deployment: Deployment = { id: 'p/m', provider: 'p', model, weight: 1, price: undefined, keys: 1, ownKey: true };
  const stage = promptCache({
    modeOf: () => mode,
    ruleOf: () => find(provider, model),
    factorsOf: (_call, _scope, rule, tokens) => cacheFactors(catalog.find(provider, model, now), rule, tokens),
    deploymentOf: () => deployment,
    keys: true,
    maxLossPercent: 6,
    warmUpWaitMs: 0,
    now: () => now,
    ...options,
  });
  return {
    pass: (ms) => void (now += ms),
    async send(call, usage) {
      let sent = call;
      const scope: Scope = testScope({ labels: { app: 'test' } });
      await stage.wrap((changed) => {
        sent = changed;
        return Promise.resolve(replyOf());
      })(call, scope);
      const attempt = { provider: 'p', requestModel: model, status: 200, usage: usage && { buckets: usage } };
      for (const say of scope.atRecord) say({ attempts: [attempt] } as unknown as CallRecord);
      const body = JSON.parse(sent.body.whole.toString()) as JsonObject;
      return { sent, body, savings: scope.annotations.savings ?? [] };
    },
  };
}

/** English of about so many tokens. */
export const textOf = (tokens: number, word = 'prefix'): string => Array.from({ length: tokens }, (_, at) => (at % 9 === 8 ? `${word}.` : word)).join(' '); // prettier-ignore
