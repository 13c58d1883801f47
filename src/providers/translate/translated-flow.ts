import type { ReplyEvent } from '../../core/canonical/reply-event.ts';
import type { Decoder, Flow, Sink } from '../../core/flow.ts';
import type { Bytes } from '../../core/json.ts';
import type { ReplyEncoder } from '../../protocols/translate/translator.ts';

/** A provider's bytes in the client's API, one chunk out for each that says something. A flow that breaks off stays broken. */
export function translatedFlow(flow: Flow, decoder: Decoder<ReplyEvent>, encoder: ReplyEncoder, see?: (event: ReplyEvent) => void): Flow {
  const encode = (events: readonly ReplyEvent[], sink: Sink): void => {
    const pieces: Bytes[] = [];
    for (const event of events) {
      see?.(event);
      const bytes = encoder.write(event);
      if (bytes) pieces.push(bytes);
    }
    if (pieces.length > 0) sink.write(pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces));
  };
  return {
    to: (sink) =>
      flow.to({
        open: (valve) => sink.open(valve),
        write: (chunk) => encode(decoder.write(chunk), sink),
        end(error) {
          if (!error) encode(decoder.end(), sink);
          sink.end(error);
        },
      }),
  };
}
