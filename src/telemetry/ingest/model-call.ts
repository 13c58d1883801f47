import type { Operation } from '../../core/api.ts';
import { textOf, valueOf, type Alias } from './aliases.ts';
import type { InboundSpan } from './inbound.ts';

type Spoken = Extract<Operation, 'chat' | 'text_completion' | 'embeddings' | 'generate_content'>;

const genai: Readonly<Record<string, Spoken>> = {
  chat: 'chat',
  generate_content: 'generate_content',
  text_completion: 'text_completion',
  completion: 'text_completion',
  embeddings: 'embeddings',
  embedding: 'embeddings',
};
const openinference: Readonly<Record<string, Spoken>> = { llm: 'chat', embedding: 'embeddings' };
const traceloop: Readonly<Record<string, Spoken>> = { chat: 'chat', completion: 'text_completion', embedding: 'embeddings' };
/** The calls themselves; what has no `.do` in its name sums them up. */
const vercel: Readonly<Record<string, Spoken>> = {
  'ai.generateText.doGenerate': 'chat',
  'ai.streamText.doStream': 'chat',
  'ai.generateObject.doGenerate': 'chat',
  'ai.streamObject.doStream': 'chat',
  'ai.embed.doEmbed': 'embeddings',
  'ai.embedMany.doEmbed': 'embeddings',
};

/** Asked in this order: what says what a span is, and which of its words stand for a model call. */
const judges: readonly (readonly [Alias, Readonly<Record<string, Spoken>>])[] = [
  ['vercelOperation', vercel],
  ['operation', genai],
  ['openinferenceKind', openinference],
  ['traceloopKind', {}],
  ['traceloopRequest', traceloop],
];

/**
 * What a span did, if it is a call of a model; `undefined` for all else: agents, chains, tools, workflows and the outer spans of the AI SDK
 * repeat what their calls used. A span that says nothing of its kind is a call when it names provider and model.
 */
export function modelCallOf({ attributes }: Pick<InboundSpan, 'attributes'>): Spoken | undefined {
  for (const [alias, calls] of judges) {
    const told = textOf(attributes, alias);
    if (told !== undefined) return calls[told] ?? calls[told.toLowerCase()];
  }
  const named = valueOf(attributes, 'provider') !== undefined && valueOf(attributes, 'requestModel') !== undefined;
  return named ? 'chat' : undefined;
}
