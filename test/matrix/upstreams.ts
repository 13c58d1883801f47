import type { ChatApi } from '../../src/config/schema.ts';
import type { ApiId } from '../../src/core/api.ts';
import { dialectOf } from '../../src/catalog/dialects.ts';
import { emulatorCredentials } from '../../src/emulator/clouds/check.ts';
import { providerKey, type ProviderSpec } from '../harness.ts';

/** A kind of provider, as a column of the matrix. */
export interface Upstream {
  readonly name: string;
  readonly api: ApiId;
  readonly model: string;
  readonly provider: (emulatorUrl: string) => ProviderSpec;
  /** Whether thoughts are shown by this API at all. */
  readonly showsReasoning: boolean;
  /** Its usage has one output count, with the thoughts in it. */
  readonly hidesReasoningCount?: boolean;
}

const openai = (name: string, apis: readonly ChatApi[], url: string): ProviderSpec => ({
  name,
  protocol: 'openai',
  baseUrl: `${url}/v1`,
  apis,
  prices: 'openai',
});

/** A token, as Google's library would give one. */
const vertex = (url: string) => ({
  baseUrl: `${url}/v1/projects/p/locations/global`,
  apiKey: emulatorCredentials.googleTokens[0]!,
  prices: 'google',
  cloud: { hosting: 'cloud', auth: 'bearer', paths: 'vertex' } as const,
});

const [accessKeyId, secretAccessKey] = Object.entries(emulatorCredentials.awsSecrets)[0]!;
const signed = { hosting: 'cloud', auth: 'aws-sigv4', region: 'us-east-1', awsKeys: { accessKeyId, secretAccessKey } } as const;
const bedrock = (url: string) => ({ baseUrl: url, prices: 'aws', dialect: dialectOf('aws') });

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
  {
    name: 'Vertex AI, Gemini',
    api: 'google.generate_content',
    model: 'gemini-3.6-flash',
    showsReasoning: true,
    provider: (url) => ({ ...vertex(url), name: 'vertex', protocol: 'google' }),
  },
  {
    name: 'Vertex AI, Claude',
    api: 'anthropic.messages',
    model: 'claude-sonnet-5-5',
    showsReasoning: true,
    provider: (url) => ({ ...vertex(url), name: 'vertex-claude', protocol: 'anthropic' }),
  },
  {
    name: 'Bedrock, Claude',
    api: 'anthropic.messages',
    model: 'global.anthropic.claude-opus-4-6-v1:0',
    showsReasoning: true,
    provider: (url) => ({
      ...bedrock(url),
      name: 'bedrock-claude',
      protocol: 'anthropic',
      cloud: { ...signed, paths: 'bedrock-invoke' },
    }),
  },
  {
    name: 'Bedrock, Converse',
    api: 'bedrock.converse',
    model: 'us.amazon.nova-2-lite-v1:0',
    showsReasoning: true,
    hidesReasoningCount: true,
    provider: (url) => ({ ...bedrock(url), name: 'bedrock', protocol: 'bedrock', cloud: signed }),
  },
];
