import type { Balance } from '../../allowance/purse.ts';
import type { Family } from '../../core/api.ts';
import type { RateRule } from './options.ts';

/** How one count stands. */
export interface Standing {
  readonly unit: RateRule['unit'];
  readonly balance: Balance;
  /** Epoch ms at which it is whole again. */
  readonly resetsAt: number;
}

const openaiWords: { readonly [U in RateRule['unit']]?: string } = { requests: 'requests', tokens: 'tokens' };
const anthropicWords: { readonly [U in RateRule['unit']]?: string } = {
  requests: 'requests',
  tokens: 'tokens',
  inputTokens: 'input-tokens',
  outputTokens: 'output-tokens',
};

/** The vendor's own headers for how its limits stand, raw, which its SDKs and agents read. Google has none. Of several counts of a kind the tightest is told. */
export function limitHeaders(family: Family, standings: readonly Standing[], nowMs: number): string[] {
  if (family === 'google') return [];
  const isOpenAi = family === 'openai';
  const tightest = new Map<string, Standing>();
  for (const standing of standings) {
    const word = (isOpenAi ? openaiWords : anthropicWords)[standing.unit];
    if (word === undefined) continue;
    const known = tightest.get(word);
    if (!known || left(standing.balance) < left(known.balance)) tightest.set(word, standing);
  }
  const written: string[] = [];
  for (const [word, standing] of tightest) written.push(...(isOpenAi ? openaiHeaders : anthropicHeaders)(word, standing, nowMs));
  return written;
}

const left = ({ limit, spent, held }: Balance): number => Math.max(0, limit - spent - held);

const openaiHeaders = (word: string, { balance, resetsAt }: Standing, nowMs: number): string[] => [
  `x-ratelimit-limit-${word}`,
  String(balance.limit),
  `x-ratelimit-remaining-${word}`,
  String(left(balance)),
  `x-ratelimit-reset-${word}`,
  duration(resetsAt - nowMs),
];

const anthropicHeaders = (word: string, { balance, resetsAt }: Standing): string[] => [
  `anthropic-ratelimit-${word}-limit`,
  String(balance.limit),
  `anthropic-ratelimit-${word}-remaining`,
  String(left(balance)),
  `anthropic-ratelimit-${word}-reset`,
  new Date(resetsAt).toISOString().replace(/\.\d+Z$/, 'Z'),
];

/** As OpenAI writes it: `1h2m3s`, `59s`, `250ms`. */
function duration(ms: number): string {
  if (ms < 1000) return `${Math.max(0, Math.ceil(ms))}ms`;
  const seconds = Math.ceil(ms / 1000);
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor((seconds % 3600) / 60)];
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds % 60}s`;
}

/** The provider's own standing, which says nothing of ours: of headers we set, only ours stay. */
export function withoutThese(headers: readonly string[], ours: readonly string[]): readonly string[] {
  for (let at = 0; at < headers.length; at += 2)
    if (names(ours, headers[at]!)) return headers.filter((_, index) => !names(ours, headers[index - (index % 2)]!));
  return headers;
}

/** Whether a list of raw headers, their names in small letters, has one of this name. Few names are as long as another. */
function names(list: readonly string[], name: string): boolean {
  for (let at = 0; at < list.length; at += 2) if (list[at]!.length === name.length && list[at] === name.toLowerCase()) return true;
  return false;
}
