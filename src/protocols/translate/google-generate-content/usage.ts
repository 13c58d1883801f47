import type { Json, JsonObject } from '../../../core/json.ts';
import { totalInput, totalOutput, type Buckets } from '../../../core/usage.ts';
import type { ReplyUsage } from '../../../core/canonical/reply-event.ts';

/** `usageMetadata`: cached tokens inside the prompt, thoughts beside the candidates, counts by modality. A count that is not known is left out. */
export function usageOf({ buckets, served }: ReplyUsage): JsonObject {
  const [input, output] = [totalInput(buckets), totalOutput(buckets)];
  const count = (...names: readonly (keyof Buckets)[]): number => names.reduce((total, name) => total + (buckets[name] ?? 0), 0);
  const cached = count('cacheRead', 'cacheReadAudio', 'cacheReadImage', 'cacheReadVideo');
  const thoughts = count('reasoning');
  return {
    ...(input !== null && { promptTokenCount: input, promptTokensDetails: details(promptParts(count, input)) }),
    ...(cached > 0 && { cachedContentTokenCount: cached, cacheTokensDetails: details(cachedParts(count)) }),
    ...(output !== null && { candidatesTokenCount: output - thoughts, ...madeDetails(count, output - thoughts) }),
    ...(thoughts > 0 && { thoughtsTokenCount: thoughts }),
    ...(input !== null && output !== null && { totalTokenCount: input + output }),
    ...trafficOf(served.serviceTier),
  };
}

type Count = (...names: readonly (keyof Buckets)[]) => number;
type Modalities = Readonly<Record<string, number>>;

function promptParts(count: Count, all: number): Modalities {
  const AUDIO = count('inputAudio', 'cacheReadAudio');
  const IMAGE = count('inputImage', 'cacheReadImage');
  const VIDEO = count('inputVideo', 'cacheReadVideo');
  return { TEXT: all - AUDIO - IMAGE - VIDEO, AUDIO, IMAGE, VIDEO };
}

const cachedParts = (count: Count): Modalities => ({
  TEXT: count('cacheRead'),
  AUDIO: count('cacheReadAudio'),
  IMAGE: count('cacheReadImage'),
  VIDEO: count('cacheReadVideo'),
});

function madeDetails(count: Count, all: number): JsonObject {
  const [AUDIO, IMAGE] = [count('outputAudio'), count('outputImage')];
  return AUDIO + IMAGE === 0 ? {} : { candidatesTokensDetails: details({ TEXT: all - AUDIO - IMAGE, AUDIO, IMAGE }) };
}

const details = (modalities: Modalities): readonly Json[] =>
  Object.entries(modalities).flatMap(([modality, tokenCount]) => (tokenCount > 0 ? [{ modality, tokenCount }] : []));

const traffic: Readonly<Record<string, string>> = { flex: 'ON_DEMAND_FLEX', priority: 'ON_DEMAND_PRIORITY', fast: 'ON_DEMAND_PRIORITY' };

/** Google's own words stay; other vendors' are put into them where there is one. */
function trafficOf(tier: string | undefined): JsonObject {
  if (tier === undefined) return {};
  return { trafficType: /^(?:ON_DEMAND|PROVISIONED)/.test(tier) ? tier : (traffic[tier] ?? 'ON_DEMAND') };
}
