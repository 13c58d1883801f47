import type { Family } from '../../core/api.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;

/** How a vendor's prompt cache works for a group of models. Rows are data: values moved several times in 2026, and sources disagree. */
export interface CacheRule {
  readonly vendor: Family;
  /** Source text of a pattern over model names. */
  readonly model: string;
  /**
   * `automatic`: the longest known prefix is read, nothing is said about writes. `breakpoints`: only marked prefixes are kept (Anthropic).
   * `options`: marks, implicit or explicit, with paid writes (OpenAI from 5.6).
   */
  readonly mode: 'automatic' | 'breakpoints' | 'options';
  readonly minimumTokens: number;
  /** Reads come in multiples of this. */
  readonly stepTokens: number;
  /** Lifetime after the last use, where the request does not choose one. */
  readonly ttlMs: number;
  /** `YYYY-MM-DD`: the day of the source. */
  readonly validFrom: string;
  readonly source: string;
  readonly confidence: 'documented' | 'measured' | 'assumed';
}

const anthropic = (
  model: string,
  minimumTokens: number,
  confidence: CacheRule['confidence'],
  source: string,
  validFrom = '2026-10-07',
): CacheRule => ({
  vendor: 'anthropic',
  model,
  mode: 'breakpoints',
  minimumTokens,
  stepTokens: 1,
  ttlMs: 5 * minute,
  validFrom,
  source,
  confidence,
});

/** The first row that matches and is not dated after the call wins, else the last that matches: specific before general, newer before older. */
export const cacheRules: readonly CacheRule[] = [
  anthropic('^claude-(opus|sonnet|haiku)-5-5', 1024, 'assumed', 'no source found for the 5.5 family; the value of its neighbours'),
  anthropic(
    '^claude-(opus-5|fable-5|mythos-5)',
    512,
    'documented',
    'LiteLLM docs of 2026-10-07; measured live by harn-vm 0.10.52 on 2026-07-24',
  ),
  anthropic('^claude-fable-5', 2048, 'documented', 'Anthropic skill file of 2026-07-01', '2026-07-01'),
  anthropic(
    '^claude-(sonnet-5|opus-4-8)',
    1024,
    'documented',
    'LiteLLM docs of 2026-10-07; measured live by harn-vm 0.10.52 on 2026-07-24',
  ),
  anthropic('^claude-opus-4-8', 4096, 'documented', 'Anthropic skill file of 2026-07-01', '2026-07-01'),
  anthropic('^claude-opus-4-7', 2048, 'measured', 'harn-vm 0.10.52, 2026-07-24; the skill file of 2026-07-01 says 4,096', '2026-07-24'),
  anthropic('^claude-(opus-4-[56]|haiku-4-5)', 4096, 'documented', 'LiteLLM docs of 2026-10-07'),
  anthropic('^claude-sonnet-4', 1024, 'documented', 'LiteLLM docs of 2026-10-07; 2,048 measured in anthropic-sdk-python #1194'),
  anthropic('^claude-', 1024, 'assumed', 'older models: no source'),
  {
    vendor: 'openai',
    model: '^gpt-(5\\.[6-9]|[6-9])',
    mode: 'options',
    minimumTokens: 1024,
    stepTokens: 1,
    ttlMs: 30 * minute,
    validFrom: '2026-08-21',
    source: 'types of openai 7.57.0 (prompt_cache_options); minimum and step not stated for 5.6 and later',
    confidence: 'assumed',
  },
  {
    vendor: 'openai',
    model: '^(gpt-5|gpt-4\\.1|gpt-4o|chatgpt-4o|o[1-9]|codex)',
    mode: 'automatic',
    minimumTokens: 1024,
    stepTokens: 128,
    ttlMs: 10 * minute,
    validFrom: '2024-10-01',
    source:
      'OpenAI prompt caching guide: 1,024 tokens, steps of 128; in_memory lives 5 to 10 minutes unused, 24h by prompt_cache_retention',
    confidence: 'documented',
  },
  {
    vendor: 'google',
    model: '^(models/)?gemini-2\\.5',
    mode: 'automatic',
    minimumTokens: 2048,
    stepTokens: 1,
    ttlMs: hour,
    validFrom: '2026-10-13',
    source: 'Gemini caching page of 2026-10-13: 2,048; no lifetime stated, hits not guaranteed (here they are)',
    confidence: 'documented',
  },
  {
    vendor: 'google',
    model: '^(models/)?gemini-([3-9]|flash|pro)',
    mode: 'automatic',
    minimumTokens: 4096,
    stepTokens: 1,
    ttlMs: hour,
    validFrom: '2026-10-13',
    source: 'Gemini caching page of 2026-10-13: 4,096 for 3.x and 4 Argon; no lifetime stated',
    confidence: 'documented',
  },
];

/** Lifetimes by the words requests use. */
export const ttlMsOf = { '5m': 5 * minute, '30m': 30 * minute, '1h': hour, '12h': 12 * hour, '24h': 24 * hour } as const;

/** Models without a row have no prompt cache. `at`: epoch ms. */
export function cacheRule(vendor: Family, model: string, at: number): CacheRule | undefined {
  const day = new Date(at).toISOString().slice(0, 10);
  const matching = cacheRules.filter((rule) => rule.vendor === vendor && new RegExp(rule.model).test(model));
  return matching.find((rule) => rule.validFrom <= day) ?? matching.at(-1);
}
