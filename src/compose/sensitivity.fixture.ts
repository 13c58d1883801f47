import { configSchema, type Config, type ConfigInput } from '../config/schema.ts';
import { bareScope } from '../core/bare-scope.ts';
import { Body } from '../core/body.ts';
import { Call } from '../core/call.ts';
import { pull } from '../core/flow.ts';
import type { Handler, Scope } from '../core/pipeline.ts';
import { Reply } from '../core/reply.ts';
import { callCodecs } from '../protocols/codecs.ts';
import { SensitivityMemory } from '../stages/sensitivity/memory.ts';
import { sensitivityOf } from './sensitivity.ts';

/** A configuration whose only topic is sensitivity. */
export const configWith = (sensitivity: ConfigInput['sensitivity']): Config => ({
  ...configSchema.parse({ sensitivity: { maskKey: 'a key for tests only', ...sensitivity } }),
  providers: {},
  models: {},
  dataDir: '',
});

export const masking = configWith({
  labels: { personal: { policy: 'mask' } },
  rules: [{ label: 'personal', detectors: ['personal', 'secret'] }],
});

export function callOf(api: keyof typeof callCodecs, body: object, stream = true): Call {
  const given = api.startsWith('google.') ? { model: 'm', stream } : {};
  return Call.received('call-1', { codec: callCodecs[api], body: new Body([Buffer.from(JSON.stringify(body))]), given });
}

export const scopeOf = (more: Partial<Scope> = {}): Scope =>
  bareScope({ requestId: 'request-1', target: '/v1/chat/completions', startedAt: 1_790_000_000_000, ...more });

/** A reply in these chunks. */
export const replyOf = (chunks: readonly Buffer[], contentType = 'text/event-stream', more: readonly string[] = []): Reply =>
  new Reply(
    { kind: 'provider', name: 'p', hosting: 'api', model: 'm' },
    { status: 200, headers: ['content-type', contentType, ...more] },
    {
      to(sink) {
        sink.open({ pause: () => {}, resume: () => {}, abort: () => {} });
        for (const chunk of chunks) sink.write(chunk);
        sink.end();
      },
    },
  );

export interface Passed {
  /** What the provider got. */
  readonly sent: string;
  readonly sentScope: Scope;
  readonly scope: Scope;
  /** What the client got. */
  readonly received: string;
}

/** Sends a call through the guard to a provider that answers by what it was sent. */
export async function passed(
  config: Config,
  call: Call,
  {
    scope = scopeOf(),
    answer = () => replyOf([]),
    memory = new SensitivityMemory({ maxIds: 10 }),
  }: { scope?: Scope; answer?: (sent: string) => Reply; memory?: SensitivityMemory } = {},
): Promise<Passed> {
  let sent = '';
  let sentScope = scope;
  const next: Handler = async (given, givenScope) => {
    sent = given.encode().body.whole.toString();
    sentScope = givenScope;
    return answer(sent);
  };
  const reply = await sensitivityOf(config, memory).wrap(next)(call, scope);
  const chunks: Buffer[] = [];
  for await (const chunk of pull(reply.bytes)) chunks.push(chunk);
  return { sent, sentScope, scope, received: Buffer.concat(chunks).toString() };
}
