import type { Bytes } from '../core/json.ts';
import type { UsageReport } from '../core/usage.ts';
import { count, field, list, parsed } from './count.ts';
import { exclusive, type Totals } from './exclusive.ts';
import { report } from './report.ts';

/** Google counts cached tokens inside the prompt, and thoughts beside the candidates. */
const convention = { reasoning: 'outside', cache: 'inclusive' } as const;

/** `usageMetadata` of generateContent. `cut`: the stream ended before its last word, so the counts are what had been reached. */
export function googleUsage(
  json: Bytes,
  options: { readonly cut: boolean; readonly webSearches: number; readonly embedding?: boolean },
): UsageReport | undefined {
  const usage = parsed(json);
  if (typeof usage !== 'object' || usage === null || Array.isArray(usage)) return undefined;
  const flags = new Set<string>();
  const { webSearches, cut } = options;
  const buckets = exclusive(totalsOf(usage, options, flags), convention, flags);
  if (cut) flags.add('lower_bound');
  return report({ ...buckets, ...(webSearches > 0 ? { webSearch: webSearches } : {}) }, { flags, parts: [json], cut });
}

function totalsOf(usage: object, options: { readonly cut: boolean; readonly embedding?: boolean }, flags: Set<string>): Totals {
  const told = (key: string): number | undefined => count(field(usage, key), flags);
  const prompt = modalities(field(usage, 'promptTokensDetails') ?? field(usage, 'promptTokenDetails'), flags);
  const tools = modalities(field(usage, 'toolUsePromptTokensDetails'), flags);
  const cached = modalities(field(usage, 'cacheTokensDetails'), flags);
  const made = modalities(field(usage, 'candidatesTokensDetails') ?? field(usage, 'responseTokensDetails'), flags);
  const both = (modality: string): number => (prompt.get(modality) ?? 0) + (tools.get(modality) ?? 0);
  const totals = {
    prompt: told('promptTokenCount'),
    besidePrompt: told('toolUsePromptTokenCount'),
    audio: both('AUDIO'),
    image: both('IMAGE'),
    video: both('VIDEO'),
    cacheRead: told('cachedContentTokenCount'),
    cacheReadAudio: cached.get('AUDIO'),
    cacheReadImage: cached.get('IMAGE'),
    cacheReadVideo: cached.get('VIDEO'),
    completion: told('candidatesTokenCount') ?? told('responseTokenCount'),
    reasoning: told('thoughtsTokenCount'),
    outputAudio: made.get('AUDIO'),
    outputImage: made.get('IMAGE'),
    total: told('totalTokenCount'),
  };
  return totals.completion === undefined && !options.cut ? { ...totals, completion: options.embedding ? 0 : rest(totals) } : totals;
}

/** Protocol buffers leave zeros out, so a missing count is what is left of the total; without a total it is unknown. */
function rest({ total, prompt, besidePrompt, reasoning }: Totals): number | undefined {
  if (total === undefined || prompt === undefined) return undefined;
  return Math.max(total - prompt - (besidePrompt ?? 0) - (reasoning ?? 0), 0);
}

function modalities(details: unknown, flags: Set<string>): ReadonlyMap<string, number> {
  const tokens = new Map<string, number>();
  for (const detail of list(details)) {
    const modality = field(detail, 'modality');
    const told = count(field(detail, 'tokenCount'), flags);
    if (typeof modality === 'string' && told !== undefined) tokens.set(modality, (tokens.get(modality) ?? 0) + told);
  }
  return tokens;
}
