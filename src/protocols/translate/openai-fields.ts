import { cacheLifetimes, type PromptCaching } from '../../core/canonical/cache.ts';
import type { CanonicalCall } from '../../core/canonical/call.ts';
import type { FunctionTool, Tool } from '../../core/canonical/tool.ts';
import { compact, type Fields } from './fields.ts';

/** A function's own fields, which Chat Completions puts into an object and Responses beside the `type`. */
export const functionOf = (tool: Fields): FunctionTool =>
  compact({
    type: 'function' as const,
    name: tool.required('name'),
    description: tool.text('description'),
    parameters: tool.json('parameters'),
    strict: tool.boolean('strict'),
  });

/** The same of a custom tool. */
export const customOf = (tool: Fields): Tool =>
  compact({
    type: 'custom' as const,
    name: tool.required('name'),
    description: tool.text('description'),
    format: tool.json('format'),
  });

/** What both of OpenAI's APIs say about the prompt cache, in the words of either generation of models. */
export function cachingOf(body: Fields): PromptCaching | undefined {
  const options = body.object('prompt_cache_options');
  const caching: PromptCaching = compact({
    key: body.text('prompt_cache_key'),
    ttl: options?.word('ttl', cacheLifetimes) ?? body.word('prompt_cache_retention', ['24h']),
  });
  return Object.keys(caching).length === 0 ? undefined : caching;
}

const tiers = { auto: 'auto', default: 'standard', flex: 'flex', priority: 'priority', fast: 'priority' } as const;

/** `service_tier`. */
export function tierOf(body: Fields): CanonicalCall['serviceTier'] {
  const word = body.word('service_tier', ['auto', 'default', 'flex', 'priority', 'fast']);
  return word && tiers[word];
}
