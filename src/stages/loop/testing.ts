import type { ApiId } from '../../core/api.ts';
import { bareScope } from '../../core/bare-scope.ts';
import { Body } from '../../core/body.ts';
import { Call, type CallCodec } from '../../core/call.ts';
import type { GatewayError } from '../../core/errors.ts';
import type { Handler, Scope } from '../../core/pipeline.ts';
import { Reply } from '../../core/reply.ts';
import { loopBreaker, type LoopPolicy } from './index.ts';

/** What the stage did with one call. */
export interface Passed {
  readonly signals: readonly string[];
  /** Raw headers it added to the reply. */
  readonly headers: readonly string[];
  /** The call as it went on; `undefined` where it was refused. */
  readonly forwarded: Call | undefined;
  readonly error: GatewayError | undefined;
}

export interface Stand {
  readonly pass: (call: Call, labels?: Scope['labels']) => Promise<Passed>;
  /** The stage alone, for measurements: its promise is the handler's. */
  readonly handler: Handler;
}

export const recordOnly: LoopPolicy = { action: 'record', repeats: 3, ignoreTools: [] };

const reply = new Reply(
  { kind: 'gateway', name: 'test', hosting: 'api', model: 'test' },
  { status: 200, headers: [] },
  { to: (sink) => sink.end() },
);
const replied = Promise.resolve(reply);

/** The stage with nothing around it. `now`: monotonic ms. */
export function startStand(policy: Partial<LoopPolicy> = {}, now: () => number = () => 0): Stand {
  const full = { ...recordOnly, ...policy };
  const stage = loopBreaker({ policyOf: () => full, maxRepeats: full.repeats, now });
  return {
    handler: stage.wrap(() => replied),
    async pass(call, labels = {}) {
      let forwarded: Call | undefined;
      const scope = scopeOf(labels);
      const handler = stage.wrap((changed) => {
        forwarded = changed;
        return replied;
      });
      const error = await handler(call, scope).then(
        () => undefined,
        (thrown: GatewayError) => thrown,
      );
      return { signals: scope.annotations.signals ?? [], headers: scope.replyHeaders, forwarded, error };
    },
  };
}

export function callOf(api: ApiId, body: object): Call {
  const codec = { api, fields: {} } as unknown as CallCodec; // no field is ever decoded: all are given
  return Call.received('test', {
    codec,
    body: new Body([Buffer.from(JSON.stringify(body))]),
    given: { model: 'm', stream: false, streamUsage: true },
  });
}

export const scopeOf = (labels: Scope['labels'] = {}): Scope => bareScope({ requestId: 'test', labels });
