import type { Call } from '../../core/call.ts';
import type { Flow } from '../../core/flow.ts';
import type { Scope, Stage } from '../../core/pipeline.ts';
import { uncompressed, without } from '../../core/raw-headers.ts';
import { headerOf, Reply } from '../../core/reply.ts';

interface Options {
  /** Whether the provider this call goes to tells a stream's usage only when asked. */
  readonly mustAsk: (call: Call, scope: Scope) => boolean;
  /** Takes the one event out that the client did not ask for. */
  readonly strip: (flow: Flow) => Flow;
}

/**
 * Asks for the usage of streams whose client did not, and keeps the extra event from that client.
 * A guard: a stream whose usage nobody tells would be billed by guess.
 */
export function streamUsage({ mustAsk, strip }: Options): Stage {
  return {
    name: 'stream-usage',
    kind: 'guard',
    wrap: (next) => {
      const ask = async (call: Call, scope: Scope): Promise<Reply> => {
        const reply = await next(call.with({ streamUsage: true }), { ...scope, headers: uncompressed(scope.headers) });
        return isPlainEventStream(reply) ? stripped(reply, strip) : reply;
      };
      // Not async: most calls pass.
      return (call, scope) => (call.stream && !call.streamUsage && mustAsk(call, scope) ? ask(call, scope) : next(call, scope));
    },
  };
}

function isPlainEventStream({ head: { headers } }: Reply): boolean {
  const encoding = headerOf(headers, 'content-encoding') ?? 'identity';
  return encoding === 'identity' && (headerOf(headers, 'content-type')?.startsWith('text/event-stream') ?? false);
}

/** The reply gets shorter, so a length it announced is no longer true. */
function stripped(reply: Reply, strip: (flow: Flow) => Flow): Reply {
  const { status, headers } = reply.head;
  return new Reply(reply.servedBy, { status, headers: without(headers, 'content-length') }, strip(reply.bytes));
}
