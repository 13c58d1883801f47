import { apis, type ApiId } from '../core/api.ts';
import { bareScope } from '../core/bare-scope.ts';
import { Body } from '../core/body.ts';
import { Call } from '../core/call.ts';
import type { JsonObject } from '../core/json.ts';
import { createLater } from '../core/later.ts';
import type { Handler, Scope } from '../core/pipeline.ts';
import type { CallRecord } from '../core/record.ts';
import { Reply } from '../core/reply.ts';
import type { Stores } from '../core/stores.ts';
import type { Config } from '../config/schema.ts';
import type { GenerationApiId } from '../emulator/generation.ts';
import { createVendors, type RecordedReply } from '../emulator/in-process.ts';
import { callCodecs } from '../protocols/codecs.ts';
import { createResponseState } from '../protocols/translate/openai-responses/state.ts';
import { createSavingWatch } from '../savings/watch.ts';
import { createMemoryStores } from '../stores/memory/index.ts';
import { weighCall } from '../text/parts.ts';
import { countTokens } from '../text/tokenizer.ts';
import type { Rehearsal, RehearsedCall } from '../what-if/recorded.ts';
import { openAllowances } from './allowance.ts';
import { catalogOf } from './catalog.ts';
import { handlerOf, type HandlerParts } from './handler.ts';
import { RuleBook, type Ruled } from './rule-book.ts';
import { sensitivityMemoryOf } from './sensitivity.ts';

/** Builds a gateway of a configuration for a rehearsal. */
export function createRehearsal(given: Config): Rehearsal {
  const config = rehearsedConfig(given);
  let nowMs = 0;
  const now = (): number => nowMs;
  const vendors = createVendors({ now, recordCalls: false });
  let playing: RecordedReply = { content: '', tools: [] };
  const vendorHandler =
    (find: Find): Handler =>
    (call, scope) => {
      const { provider, model } = find(call, scope);
      const named = model === call.model ? call : call.with({ model });
      const { status, contentType, body } = vendors.answer({
        api: call.api as GenerationApiId,
        family: apis[call.api].family,
        model,
        body: JSON.parse(named.body.whole.toString('utf8')) as JsonObject,
        stream: call.stream,
        credential: provider.name,
        reply: playing,
      });
      const servedBy = { kind: 'provider', name: provider.name, hosting: provider.hosting, model } as const;
      return Promise.resolve(new Reply(servedBy, { status, headers: ['content-type', contentType] }, whole(body)));
    };
  const { parts, close } = rehearsalParts(config, now);
  const { handler } = handlerOf(config, catalogOf(config), parts, ({ find }) => vendorHandler(find));
  return {
    async run(recorded) {
      nowMs = Math.max(nowMs, recorded.at);
      playing = recorded.reply;
      const record = await recordOf(handler, recorded);
      await new Promise(setImmediate); // what a reply leaves behind, such as a kept copy, is there before the next call
      return record;
    },
    bill: () => vendors.bill(),
    close,
  };
}

type Find = (call: Call, scope: Scope) => { readonly provider: Config['providers'][string]; readonly model: string };

const whole = (body: string): Reply['bytes'] => ({
  to: (sink) => {
    sink.open({ pause: () => {}, resume: () => {}, abort: () => {} });
    sink.write(Buffer.from(body));
    sink.end();
  },
});

/** @throws {GatewayError} for a body that cannot be read */
async function recordOf(handler: Handler, { id, api, body, model, at, labels, key }: RehearsedCall): Promise<CallRecord> {
  const recorded = Promise.withResolvers<CallRecord>();
  const given = model === undefined ? {} : { model, stream: false };
  const call = Call.received(id, { codec: callCodecs[api satisfies Exclude<ApiId, 'passthrough'>], body: new Body([body]), given });
  const scope = scopeOf(call, { id, at, labels, key }, (record) => recorded.resolve(record));
  try {
    (await handler(call, scope)).bytes.to({ open: () => {}, write: () => {}, end: () => {} });
  } catch {
    // the record tells it
  }
  return recorded.promise;
}

function scopeOf(
  call: Call,
  { id, at, labels, key }: Pick<RehearsedCall, 'id' | 'at' | 'labels' | 'key'>,
  ended: (record: CallRecord) => void,
): Scope {
  return bareScope({
    requestId: id,
    labels,
    prompt: weighCall(call),
    key,
    startedAt: at,
    startedMonotonicMs: performance.now(),
    record: (event) => (event.type === 'call' ? ended(event) : undefined),
  });
}

/** Without what holds calls back, leaves the process, or would be written to disk: a rehearsal tells what calls cost that were made. */
function rehearsedConfig(config: Config): Config {
  return {
    ...config,
    budgets: [],
    limits: [],
    contextBudgets: [],
    allowances: { ...config.allowances, runs: { ...config.allowances.runs, enabled: false } },
    loops: { ...config.loops, action: 'off' },
    apps: Object.fromEntries(Object.entries(config.apps).map(([name, app]) => [name, { ...app, loops: undefined }])),
    insight: { ...config.insight, quality: false, language: false },
    resilience: { ...config.resilience, hedge: { ...config.resilience.hedge, enabled: false } },
    sensitivity: { ...config.sensitivity, maskKey: config.sensitivity.maskKey ?? 'rehearsal' },
    ledger: { ...config.ledger, bodies: { ...config.ledger.bodies, store: 'off' } },
    promptCache: { ...config.promptCache, warmUpWaitMs: 0 },
  };
}

const silent: HandlerParts['log'] = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

/** Nobody makes rules by command here. */
const noRules = <R extends Ruled>({ settings: store }: Stores, kind: string): RuleBook<R> =>
  new RuleBook({
    store,
    kind,
    refreshMs: 0,
    log: silent,
    read: () => {
      throw new TypeError('there are no rules in a rehearsal');
    },
  });

function rehearsalParts(config: Config, now: () => number): { readonly parts: HandlerParts; readonly close: () => Promise<void> } {
  const stores = createMemoryStores({ now, maxReplyBytes: config.state.maxReplyBytes });
  const allowances = openAllowances({ config, stores, owner: 'rehearsal', log: silent });
  const { enabled, windowHours, minSessions } = config.savings.selfSwitch;
  const savingWatch = createSavingWatch({
    settings: () => ({ enabled, windowMs: windowHours * 3600 * 1000, minSessions }),
    now,
    store: stores.sessions,
    record: () => {},
    notify: () => {},
  });
  const { maxKept, maxBytes, keepMs } = config.responses;
  const parts: HandlerParts = {
    ledger: { putBody: () => '' },
    counter: { count: async (text) => countTokens(text) },
    keys: { byId: () => undefined },
    telemetry: { noting: [], propagating: () => [] },
    allowances,
    later: createLater((error) => {
      throw error; // a record that cannot be made is a defect, and nobody waits for it in vain
    }),
    log: silent,
    now,
    random: () => 0.5,
    replies: stores.replies,
    responses: createResponseState({ maxEntries: maxKept, maxBytes, ttlMs: keepMs, now }),
    rules: { budgets: noRules(stores, 'budgets'), limits: noRules(stores, 'limits') },
    savingWatch,
    sensitivity: sensitivityMemoryOf(config),
  };
  return { parts, close: () => allowances.close() };
}
