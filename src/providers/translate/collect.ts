import { GatewayError } from '../../core/errors.ts';
import { aborted, type Valve } from '../../core/flow.ts';
import type { Bytes } from '../../core/json.ts';
import type { Scope } from '../../core/pipeline.ts';
import type { Reply } from '../../core/reply.ts';

/** The whole body of a reply. A client that leaves breaks it off, unless replies are drained. @throws {GatewayError} when it was broken off, or too long */
export function collected(
  reply: Reply,
  { client, onClientAbort }: Pick<Scope, 'client' | 'onClientAbort'>,
  maxBytes: number,
): Promise<Bytes> {
  return new Promise((resolve, reject) => {
    const chunks: Bytes[] = [];
    let length = 0;
    let valve: Valve | undefined;
    const stopListening = onClientAbort === 'cancel' ? client.onClose(() => valve?.abort(aborted())) : undefined;
    reply.bytes.to({
      open: (opened) => {
        valve = opened;
      },
      write(chunk) {
        length += chunk.length;
        if (length > maxBytes) valve?.abort(new GatewayError('provider_error', `the provider sent a reply of more than ${maxBytes} bytes`));
        else chunks.push(chunk);
      },
      end(error) {
        stopListening?.();
        if (error) reject(GatewayError.from(error));
        else resolve(chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks));
      },
    });
  });
}
