import type { ReplyFacts, ReplyMeter } from '../core/reply.ts';
import { alikeSplitter } from './alike-events.ts';
import { parsed } from './count.ts';
import { factsOf } from './facts.ts';
import { Kept } from './kept.ts';
import type { MeterLimits } from './limits.ts';
import type { ReplyReader } from './reader.ts';
import type { TextOf } from './reply-text.ts';
import type { OnEvent, Splitter } from './splitter.ts';
import { sseSplitter } from './sse.ts';

/** Reads a reply that comes in events. Chunks of whole events that tell nothing are searched once and passed over. */
export function streamMeter(
  reader: ReplyReader,
  options: { readonly split: (onEvent: OnEvent, maxEventBytes: number) => Splitter; readonly textOf: TextOf; readonly limits: MeterLimits },
): ReplyMeter {
  const { split, textOf, limits } = options;
  const kept = new Kept(limits.textBytes);
  const onEvent: OnEvent = (json) => {
    if (reader.tells(json)) reader.read(json);
  };
  const { alike } = reader;
  const splitter = alike && split === sseSplitter ? alikeSplitter(onEvent, limits.eventBytes, alike) : split(onEvent, limits.eventBytes);
  return {
    write(chunk) {
      kept.add(chunk);
      splitter.write(chunk, !reader.tells(chunk));
    },
    facts(): ReplyFacts {
      splitter.end();
      return factsOf(reader.told(), { skipped: splitter.skipped > 0, textCut: kept.over });
    },
    text() {
      const texts: string[] = [];
      const again = split((json) => texts.push(...textOf(parsed(json))), limits.eventBytes);
      again.write(kept.bytes());
      return texts.join('');
    },
  };
}
