import type { Family } from '../core/api.ts';
import type { ChatApi } from './schema.ts';

/** A vendor of an API. */
export interface Vendor {
  readonly name: string;
  readonly protocol: Family;
  /** As its SDK takes it, without a slash at the end. */
  readonly baseUrl: string;
  /** Environment variables that hold a key, the first one set counts. */
  readonly keyVariables: readonly string[];
  /** Environment variable in which its SDK looks for another base URL. */
  readonly baseUrlVariable?: string;
  /** Its id in the price catalog. */
  readonly prices: string;
  /** `own`: only models the catalog knows as its own. `any`: also models of others. */
  readonly serves: 'own' | 'any';
  /** Chat APIs it serves; left out: all of its protocol. */
  readonly apis?: readonly ChatApi[];
}

/** Vendors known without configuration. The first of a family is the one that gets a model nobody knows. */
export const vendors: readonly Vendor[] = [
  {
    name: 'openai',
    protocol: 'openai',
    baseUrl: 'https://api.openai.com/v1',
    keyVariables: ['OPENAI_API_KEY'],
    baseUrlVariable: 'OPENAI_BASE_URL',
    prices: 'openai',
    serves: 'own',
  },
  {
    name: 'anthropic',
    protocol: 'anthropic',
    baseUrl: 'https://api.anthropic.com',
    keyVariables: ['ANTHROPIC_API_KEY'],
    baseUrlVariable: 'ANTHROPIC_BASE_URL',
    prices: 'anthropic',
    serves: 'own',
  },
  {
    name: 'google',
    protocol: 'google',
    baseUrl: 'https://generativelanguage.googleapis.com',
    keyVariables: ['GEMINI_API_KEY', 'GOOGLE_API_KEY'],
    baseUrlVariable: 'GOOGLE_GEMINI_BASE_URL',
    prices: 'google',
    serves: 'own',
  },
  {
    name: 'mistral',
    protocol: 'openai',
    baseUrl: 'https://api.mistral.ai/v1',
    keyVariables: ['MISTRAL_API_KEY'],
    prices: 'mistral',
    serves: 'own',
    apis: ['openai.chat'],
  },
  {
    name: 'deepseek',
    protocol: 'openai',
    baseUrl: 'https://api.deepseek.com/v1',
    keyVariables: ['DEEPSEEK_API_KEY'],
    prices: 'deepseek',
    serves: 'own',
    apis: ['openai.chat'],
  },
  {
    name: 'xai',
    protocol: 'openai',
    baseUrl: 'https://api.x.ai/v1',
    keyVariables: ['XAI_API_KEY'],
    prices: 'x-ai',
    serves: 'own',
  },
  {
    name: 'moonshot',
    protocol: 'openai',
    baseUrl: 'https://api.moonshot.ai/v1',
    keyVariables: ['MOONSHOT_API_KEY'],
    prices: 'moonshotai',
    serves: 'own',
    apis: ['openai.chat'],
  },
  {
    name: 'perplexity',
    protocol: 'openai',
    baseUrl: 'https://api.perplexity.ai',
    keyVariables: ['PERPLEXITY_API_KEY'],
    prices: 'perplexity',
    serves: 'own',
    apis: ['openai.chat'],
  },
  {
    name: 'groq',
    protocol: 'openai',
    baseUrl: 'https://api.groq.com/openai/v1',
    keyVariables: ['GROQ_API_KEY'],
    prices: 'groq',
    serves: 'any',
  },
  {
    name: 'openrouter',
    protocol: 'openai',
    baseUrl: 'https://openrouter.ai/api/v1',
    keyVariables: ['OPENROUTER_API_KEY'],
    prices: 'openrouter',
    serves: 'any',
  },
  {
    name: 'together',
    protocol: 'openai',
    baseUrl: 'https://api.together.xyz/v1',
    keyVariables: ['TOGETHER_API_KEY'],
    prices: 'together',
    serves: 'any',
  },
  {
    name: 'fireworks',
    protocol: 'openai',
    baseUrl: 'https://api.fireworks.ai/inference/v1',
    keyVariables: ['FIREWORKS_API_KEY'],
    prices: 'fireworks',
    serves: 'any',
  },
  {
    name: 'cerebras',
    protocol: 'openai',
    baseUrl: 'https://api.cerebras.ai/v1',
    keyVariables: ['CEREBRAS_API_KEY'],
    prices: 'cerebras',
    serves: 'any',
    apis: ['openai.chat'],
  },
  {
    name: 'cohere',
    protocol: 'openai',
    baseUrl: 'https://api.cohere.ai/compatibility/v1',
    keyVariables: ['CO_API_KEY', 'COHERE_API_KEY'],
    prices: 'cohere',
    serves: 'own',
    apis: ['openai.chat'],
  },
];

/** The vendor behind a base URL, by its host. */
export const vendorAt = (baseUrl: string): Vendor | undefined => {
  const host = new URL(baseUrl).host;
  return vendors.find((vendor) => new URL(vendor.baseUrl).host === host);
};

/** The vendor of that name, or of that id in the price catalog. */
export const vendorNamed = (name: string): Vendor | undefined =>
  vendors.find((vendor) => vendor.name === name) ?? vendors.find((vendor) => vendor.prices === name);
