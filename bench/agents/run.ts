import { cacheFactors, cacheRuleFinder } from '../../src/catalog/cache-rules.ts';
import { createCatalog } from '../../src/catalog/catalog.ts';
import { replayApis } from '../../src/cli/replay/replay-apis.ts';
import { Body } from '../../src/core/body.ts';
import { Call } from '../../src/core/call.ts';
import type { Deployment } from '../../src/core/deployment.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { Handler } from '../../src/core/pipeline.ts';
import type { Attempt, CallRecord } from '../../src/core/record.ts';
import { Reply } from '../../src/core/reply.ts';
import { testScope } from '../../src/core/testing.ts';
import { bucketsOf, costOf } from '../../src/emulator/bill/bill.ts';
import { catalogRates } from '../../src/emulator/bill/rates.ts';
import { PromptCache } from '../../src/emulator/cache/prompt-cache.ts';
import { generationApis } from '../../src/emulator/generate.ts';
import type { GenerationApiId } from '../../src/emulator/generation.ts';
import { callCodecs } from '../../src/protocols/codecs.ts';
import { promptCache } from '../../src/stages/prompt-cache/index.ts';
import type { Scheduled } from './schedule.ts';
import type { Vendor } from './vendor.ts';

export interface RunOptions {
  readonly vendor: Vendor;
  /** Clients mark their own prompts. */
  readonly marked: boolean;
  /** With the stage, or the clients alone. */
  readonly staged: boolean;
  readonly maxLossPercent: number;
}

/** Input bills in nano-USD, by conversation. */
export interface Bills {
  readonly bill: readonly number[];
  readonly uncached: readonly number[];
}

const cacheEntries = 1_000_000;
const noOutput = { visible: 0, reasoning: 0 };

/** Sends all calls through the stage to the emulator's cache and bill, without a network between. */
export async function runAgents(calls: readonly Scheduled[], conversations: number, options: RunOptions): Promise<Bills> {
  const { vendor, marked, staged, maxLossPercent } = options;
  let now = 0;
  const bill = Array.from({ length: conversations }, () => 0);
  const uncached = Array.from({ length: conversations }, () => 0);
  const cache = new PromptCache(cacheEntries, () => now);
  const rates = catalogRates();
  const replay = replayApis[vendor.api];
  const api = generationApis[replay.api as GenerationApiId];
  let attempt: Attempt | undefined;
  let conversation = 0;
  const provider: Handler = (call) => {
    const { prompt, cache: asked } = api.read(JSON.parse(call.body.whole.toString()) as JsonObject, vendor.model, () => undefined);
    const { usage, commit } = cache.account(vendor.family, vendor.model, 'key', prompt, asked);
    commit();
    const buckets = bucketsOf(usage, noOutput, api.namesWriteTtl);
    const rate = rates(vendor.family, vendor.model, now, prompt.tokens);
    bill[conversation]! += Number(costOf(buckets, rate));
    uncached[conversation]! += Number(costOf({ input: prompt.tokens }, rate));
    attempt = { provider: deployment.provider, requestModel: deployment.model, status: 200, usage: { buckets } } as unknown as Attempt;
    return Promise.resolve(answered());
  };
  const deployment: Deployment = { id: 'p/m', provider: 'p', model: vendor.model, weight: 1, price: undefined, keys: 1, ownKey: true };
  const handler = staged ? stageOf(vendor, deployment, maxLossPercent, () => now).wrap(provider) : provider;
  for (const scheduled of calls) {
    now = scheduled.at;
    conversation = scheduled.conversation;
    const body = replay.body(scheduled.turn, { model: vendor.model, stream: false, cache: marked });
    const codec = callCodecs[replay.api as keyof typeof callCodecs];
    const call = Call.received(`call-${now}`, {
      codec,
      body: new Body([Buffer.from(JSON.stringify(body))]),
      given: { model: vendor.model, stream: false, streamUsage: true },
    });
    const scope = testScope({ labels: { app: scheduled.turn.conversation.feature } });
    await handler(call, scope);
    for (const say of scope.atRecord) say({ attempts: [attempt!] } as unknown as CallRecord);
  }
  return { bill, uncached };
}

const answered = (): Reply =>
  new Reply({ kind: 'provider', name: 'p', hosting: 'api', model: 'm' }, { status: 200, headers: [] }, { to: (sink) => sink.end() });

function stageOf({ family, model }: Vendor, deployment: Deployment, maxLossPercent: number, now: () => number) {
  const catalog = createCatalog();
  const find = cacheRuleFinder(catalog);
  return promptCache({
    modeOf: () => 'on',
    ruleOf: () => find(family, model),
    factorsOf: (_call, _scope, rule, tokens) => cacheFactors(catalog.find(family, model, now()), rule, tokens),
    deploymentOf: () => deployment,
    keys: true,
    maxLossPercent,
    warmUpWaitMs: 0,
    now,
  });
}
