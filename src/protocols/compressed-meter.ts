import type { ReplyMeter } from '../core/reply.ts';
import { inflate } from './inflate.ts';
import { Kept } from './kept.ts';
import type { MeterLimits } from './limits.ts';

/** Reads a compressed reply: keeps it as it comes and lets `inner` read it at the end. `text()` knows something only after `facts`. */
export function compressedMeter(
  inner: ReplyMeter,
  options: { readonly encodings: readonly string[]; readonly limits: MeterLimits },
): ReplyMeter {
  const { encodings, limits } = options;
  const kept = new Kept(limits.compressedBytes);
  return {
    write: (chunk) => kept.add(chunk),
    async facts(ended) {
      const maxBytes = limits.inflatedBytes;
      const whole = await inflate(kept.bytes(), encodings, { maxBytes, onPiece: (piece) => inner.write(piece) });
      const facts = await inner.facts(ended && whole);
      return kept.over ? { ...facts, flags: [...new Set([...(facts.flags ?? []), 'observer_limit'])] } : facts;
    },
    text: () => inner.text(),
  };
}
