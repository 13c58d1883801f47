/**
 * Names of the OpenTelemetry conventions for GenAI, as plain strings in one place: nothing of them is stable. `previous`: version 1.41 of
 * the semantic conventions, which most tools read today. `current`: the conventions' own repository, since June 2026.
 */
export const semconvs = ['current', 'previous', 'both'] as const;
export type Semconv = (typeof semconvs)[number];

export const speaksPrevious = (semconv: Semconv): boolean => semconv !== 'current';
export const speaksCurrent = (semconv: Semconv): boolean => semconv !== 'previous';

/** Names of a provider in the conventions (`gen_ai.provider.name`), by ours. Others go by the name they have in the configuration. */
const providerNames: Readonly<Record<string, string>> = {
  google: 'gcp.gemini',
  vertex: 'gcp.vertex_ai',
  bedrock: 'aws.bedrock',
  azure: 'azure.ai.openai',
  'x-ai': 'x_ai',
  mistral: 'mistral_ai',
};
export const conventionalProvider = (provider: string): string => providerNames[provider] ?? provider;

/** Ours, by names that conventions and libraries use. */
const catalogNames: Readonly<Record<string, string>> = {
  'gcp.gemini': 'google',
  'gcp.gen_ai': 'google',
  'gcp.vertex_ai': 'google',
  google_genai: 'google',
  google_vertexai: 'google',
  vertex_ai: 'google',
  vertexai: 'google',
  gemini: 'google',
  'google.generative-ai': 'google',
  'google.vertex': 'google',
  'aws.bedrock': 'aws',
  'amazon-bedrock': 'aws',
  bedrock: 'aws',
  'azure.ai.openai': 'azure',
  'azure.ai.inference': 'azure',
  'az.ai.openai': 'azure',
  'az.ai.inference': 'azure',
  azure_openai: 'azure',
  x_ai: 'x-ai',
  xai: 'x-ai',
  mistral_ai: 'mistral',
  mistralai: 'mistral',
};

/** The provider that a span names, as the price catalog calls it: `openai.chat` of the Vercel AI SDK is `openai`. */
export function catalogProvider(told: string): string {
  const name = told.trim().toLowerCase();
  return catalogNames[name] ?? catalogNames[name.replace(/\.[^.]*$/, '')] ?? (name.startsWith('azure') ? 'azure' : name.split('.')[0]!);
}

/** Attributes of ours on a span. A gateway's id of the call is what de-duplicates. */
export const requestIdAttribute = 'modicum.request_id';
/** Buckets that do not overlap: `modicum.usage.cache_write_5m` ... */
export const usagePrefix = 'modicum.usage.';

const snake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`).replace(/(\D)(\d)/g, '$1_$2');
const attributeNames = new Map<string, string>();

/** `cacheWrite5m` -> `modicum.usage.cache_write_5m`. */
export function usageAttribute(bucket: string): string {
  const known = attributeNames.get(bucket);
  if (known !== undefined) return known;
  const name = usagePrefix + snake(bucket);
  attributeNames.set(bucket, name);
  return name;
}
