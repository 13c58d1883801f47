import type { ChatApi } from '../../src/config/schema.ts';
import type { ApiId } from '../../src/core/api.ts';
import { providerKey, type ProviderSpec } from '../harness.ts';

/** A kind of provider, as a column of the matrix. */
export interface Upstream {
  readonly name: string;
  readonly api: ApiId;
  readonly model: string;
  readonly provider: (emulatorUrl: string) => ProviderSpec;
  /** Whether thoughts are shown by this API at all. */
  readonly showsReasoning: boolean;
}

const openai = (name: string, apis: readonly ChatApi[], url: string): ProviderSpec => ({
  name,
  protocol: 'openai',
  baseUrl: `${url}/v1`,
  apis,
  prices: 'openai',
});

export const upstreams: readonly Upstream[] = [
  {
    name: 'OpenAI chat',
    api: 'openai.chat',
    model: 'gpt-5-mini',
    showsReasoning: false,
    provider: (url) => ({ ...openai('chat', ['openai.chat'], url), apiKey: providerKey }),
  },
  {
    name: 'OpenAI responses',
    api: 'openai.responses',
    model: 'gpt-5-mini',
    showsReasoning: true,
    provider: (url) => ({ ...openai('responses', ['openai.responses'], url), apiKey: providerKey }),
  },
  {
    name: 'Anthropic',
    api: 'anthropic.messages',
    model: 'claude-sonnet-5-5',
    showsReasoning: true,
    provider: (url) => ({ name: 'anthropic', protocol: 'anthropic', baseUrl: url, apiKey: providerKey }),
  },
  {
    name: 'Gemini',
    api: 'google.generate_content',
    model: 'gemini-3.6-flash',
    showsReasoning: true,
    provider: (url) => ({ name: 'google', protocol: 'google', baseUrl: url, apiKey: providerKey }),
  },
  {
    // A server of one's own that copies OpenAI's chat: no key, no responses.
    name: 'Ollama-style',
    api: 'openai.chat',
    model: 'gpt-5.1', // one that thinks: the catalog knows that others of OpenAI's do not
    showsReasoning: false,
    provider: (url) => openai('ollama', ['openai.chat'], url),
  },
];
