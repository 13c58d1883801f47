import { setImmediate as turn } from 'node:timers/promises';
import { Body } from '../../core/body.ts';
import { Call, type CallCodec } from '../../core/call.ts';
import { pull, type Sink, type Valve } from '../../core/flow.ts';
import type { Handler, Scope } from '../../core/pipeline.ts';
import type { Attempt } from '../../core/record.ts';
import { Reply } from '../../core/reply.ts';
import type { ReplyStore } from '../../core/stores.ts';
import type { NanoUsd } from '../../core/usage.ts';
import type { ExactCacheOptions, KeepPolicy } from './settings.ts';

const field = <T>(value: T) => ({ decode: () => value, encode: () => ({}) });
const codec: CallCodec = { api: 'openai.chat', fields: { model: field('m'), stream: field(true), streamUsage: field(true) } };
export const callOf = (body = '{"temperature":0}'): Call => Call.received('c', { codec, body: new Body([Buffer.from(body)]) });

export function memoryStore(): ReplyStore & { readonly kept: Map<string, Uint8Array> } {
  const kept = new Map<string, Uint8Array>();
  return {
    kept,
    get: async (key) => kept.get(key),
    put: async (key, value) => void kept.set(key, value),
    delete: async (key) => void kept.delete(key),
  };
}

export const policy: KeepPolicy = { ttlMs: 60_000, maxReplyBytes: 100, toolCalls: false, isolation: 'key', pacing: 'at_once' };
export const optionsWith = (over: Partial<ExactCacheOptions> = {}): ExactCacheOptions => ({
  store: memoryStore(),
  exactOf: () => ({ ...policy, deterministicOnly: true }),
  steps: { ...policy, per: 'task' },
  modeOf: (saving) => (saving === 'exact-cache' ? 'on' : 'off'),
  revision: 'r',
  knowledge: '',
  maxBytes: 1e6,
  maxWaitMs: 5000,
  price: () => ({ total: 7 as NanoUsd, byBucket: {}, status: 'exact', flags: [] }),
  now: () => 1000,
  ...over,
});

const attempt = (over: Partial<Attempt> = {}): Attempt => ({
  provider: 'p',
  hosting: 'api',
  requestModel: 'm',
  model: 'm-1',
  responseId: 'id',
  status: 200,
  outcome: 'ok',
  finishReason: 'stop',
  usage: { buckets: { input: 3, output: 4 }, source: 'provider', flags: [], raw: '{}' },
  served: {},
  cost: { total: 5 as NanoUsd, byBucket: {}, status: 'exact', flags: [] },
  at: 0,
  timeToFirstByteMs: 1,
  durationMs: 1,
  ...over,
});

const servedBy = { kind: 'provider', name: 'p', hosting: 'api', model: 'm' } as const;
export const eventStream = ['content-type', 'text/event-stream', 'set-cookie', 'a=b'];

/** A provider whose answers a test gives chunk by chunk. */
export class Source {
  readonly sinks: Sink[] = [];
  readonly scopes: Scope[] = [];
  readonly acts: string[] = [];
  headers: readonly string[] = eventStream;

  readonly handler: Handler = async (_, scope) => {
    this.scopes.push(scope);
    const valve: Valve = {
      pause: () => void this.acts.push('pause'),
      resume: () => void this.acts.push('resume'),
      abort: (reason) => {
        this.acts.push('abort');
        this.end(this.sinks.length - 1, { error: reason });
      },
    };
    return new Reply(
      servedBy,
      { status: 200, headers: this.headers },
      {
        to: (sink) => {
          this.sinks.push(sink);
          sink.open(valve);
        },
      },
    );
  };

  say(text: string, at = 0): void {
    this.sinks[at]!.write(Buffer.from(text));
  }

  end(at = 0, { error, ...over }: Partial<Attempt> & { readonly error?: Error } = {}): void {
    this.sinks[at]!.end(error);
    this.scopes[at]!.attempts.push(attempt({ ...over, ...(error && { outcome: 'aborted' }) }));
  }
}

export async function textOf(reply: Reply): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of pull(reply.bytes)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

export const stateOf = ({ replyHeaders }: Scope): string | undefined => replyHeaders[replyHeaders.indexOf('x-modicum-cache') + 1];
export const settled = async (): Promise<void> => {
  for (let step = 0; step < 5; step += 1) await turn();
};
