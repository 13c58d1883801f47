import assert from 'node:assert/strict';
import http from 'node:http';
import { pipeline } from 'node:stream/promises';
import type { ConfigInput } from '../src/config/schema.ts';
import { repairRules } from '../src/prefix/rules.ts';
import { startGateway, vendorsAt, type Cleanup, type Gateway, type Stand } from './harness.ts';
import { createEmulator } from '../src/emulator/emulator.ts';
import { startUpstream, type Arrived, type Upstream } from './upstream.ts';

/** What a masked call may hold and no provider may see. */
export const secretAddress = 'anna.schmidt@example.org';
/** Said to the model at the end of what a user says. */
export const instruction = 'Answer in few words.';

/** Everything that saves or guards and does not send calls elsewhere, at once. */
export const everythingOn: Partial<ConfigInput> = {
  savings: {
    holdout: 0,
    stageHoldout: 0,
    stages: { promptRepair: 'on', promptCache: 'on', exactCache: 'on', stepReuse: 'on', outputLimits: 'on', routes: 'on' },
  },
  promptRepair: { rules: repairRules.filter((rule) => rule !== 'billing-header') }, // that one is for other providers than Anthropic
  promptCache: { keys: true, maxLossPercent: 25 },
  cache: { exact: { toolCalls: true, deterministicOnly: false }, steps: { per: 'session' } },
  routes: [
    { name: 'tools', match: { hasTools: true }, limits: { maxOutputTokens: 50_000, onTruncation: 'tell', verbosity: 'low', instruction } },
    { name: 'rest', limits: { maxOutputTokens: 20_000, effort: 'medium' } },
  ],
  loops: { action: 'notice' },
  sensitivity: { labels: { personal: { policy: 'mask' } }, rules: [{ label: 'personal', detectors: ['personal', 'secret'] }] },
  insight: { quality: true, language: true },
};

/** Passes every request on as it is, and keeps what was sent. */
export const startRelay = (t: Cleanup, target: string): Promise<Upstream> =>
  startUpstream(
    t,
    ({ method, url, headers, body }, response) =>
      new Promise((resolve, reject) => {
        const request = http.request(new URL(url, target), { method, headers: { ...headers, host: new URL(target).host } }, (reply) => {
          response.writeHead(reply.statusCode!, reply.rawHeaders);
          resolve(pipeline(reply, response));
        });
        request.on('error', reject);
        response.on('close', () => request.destroy());
        request.end(body);
      }),
  );

export interface RelayedStand extends Stand {
  /** What clients sent, and what reached the provider. */
  readonly sent: readonly Arrived[];
  readonly received: readonly Arrived[];
}

/** Client, recorder, gateway with everything on, recorder, emulator. */
export async function startRelayedStand(t: Cleanup): Promise<RelayedStand> {
  const emulator = createEmulator({});
  const { url: emulatorUrl } = await emulator.listen();
  t.after(() => emulator.close());
  const behind = await startRelay(t, emulatorUrl);
  const gateway: Gateway = await startGateway(t, { providers: vendorsAt(behind.url, {}), config: everythingOn });
  const before = await startRelay(t, gateway.url);
  return { ...gateway, url: before.url, emulator, emulatorUrl, seen: behind.arrived, sent: before.arrived, received: behind.arrived };
}

const identity = /"(id|tool_use_id|tool_call_id|call_id|signature|thoughtSignature|encrypted_content|thinking)"\s*:\s*"((?:[^"\\]|\\.)*)"/g;

/** Ids, thoughts and their signatures in a body, in order, as they are written. */
export const identitiesIn = (body: Buffer): readonly string[] =>
  [...body.toString('utf8').matchAll(identity)].map(([, key, value]) => `${key} ${value}`);

/** Every request that went on holds the ids, thoughts and signatures of the client's own, byte for byte. Returns those of all. */
export function assertIdentitiesKept(sent: readonly Arrived[], received: readonly Arrived[]): readonly string[] {
  const [client, provider] = [sent, received].map((all) =>
    all.filter(({ method }) => method === 'POST').map(({ body }) => identitiesIn(body)),
  );
  assert.deepEqual(provider, client);
  return client!.flat();
}
