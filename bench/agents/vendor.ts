import { replayApis } from '../../src/cli/replay/replay-apis.ts';
import type { Family } from '../../src/core/api.ts';

/** Whose rules a run goes by. */
export interface Vendor {
  readonly api: keyof typeof replayApis;
  readonly family: Family & ('anthropic' | 'openai' | 'google');
  readonly model: string;
  /** Clients may mark their own prompts. */
  readonly hasMarks?: boolean;
}

export const vendors = {
  anthropic: { api: 'messages', family: 'anthropic', model: 'claude-sonnet-5', hasMarks: true },
  'openai to 5.5': { api: 'chat', family: 'openai', model: 'gpt-5.5' },
  'openai from 5.6': { api: 'chat', family: 'openai', model: 'gpt-5.6-sol' },
  gemini: { api: 'generate', family: 'google', model: 'gemini-2.5-pro' },
} as const satisfies Record<string, Vendor>;
