import type { ApiId } from '../../core/api.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Draft, Path } from './draft.ts';

/** Where an API has its settings of output. A setting without a path is none of this API. */
export interface Form {
  readonly cap: readonly Path[];
  /** The least cap that the API takes. */
  readonly leastCap: number;
  readonly effort: readonly Path[];
  /** How the API writes an effort. */
  readonly effortWord: (effort: string) => string;
  readonly budget?: readonly Path[];
  /** The least number of thinking tokens but none. */
  readonly leastBudget: number;
  readonly verbosity?: readonly Path[];
  readonly stop?: readonly Path[];
  readonly maxStop: number;
  /** The client's own shape of the answer. */
  readonly shape: readonly Path[];
  readonly putSchema: (draft: Draft, name: string, schema: JsonObject) => void;
  /** The lists of tools. */
  readonly tools: readonly Path[];
}

const same = (word: string): string => word;
const shapeOf = (name: string, schema: JsonObject): JsonObject => ({ name, schema, strict: false });

const openaiChat: Form = {
  cap: [['max_completion_tokens'], ['max_tokens']],
  leastCap: 1,
  effort: [['reasoning_effort']],
  effortWord: same,
  leastBudget: 0,
  verbosity: [['verbosity']],
  stop: [['stop']],
  maxStop: 4,
  shape: [['response_format']],
  putSchema: (draft, name, schema) => draft.set([['response_format']], { type: 'json_schema', json_schema: shapeOf(name, schema) }),
  tools: [['tools'], ['functions']],
};

const openaiResponses: Form = {
  cap: [['max_output_tokens']],
  leastCap: 16,
  effort: [['reasoning', 'effort']],
  effortWord: same,
  leastBudget: 0,
  verbosity: [['text', 'verbosity']],
  maxStop: 0,
  shape: [['text', 'format']],
  putSchema: (draft, name, schema) => draft.set([['text', 'format']], { type: 'json_schema', ...shapeOf(name, schema) }),
  tools: [['tools']],
};

const anthropicMessages: Form = {
  cap: [['max_tokens']],
  leastCap: 1,
  effort: [['output_config', 'effort']],
  effortWord: (word) => (word === 'minimal' ? 'low' : word),
  budget: [['thinking', 'budget_tokens']],
  leastBudget: 1024,
  stop: [['stop_sequences']],
  maxStop: 16,
  shape: [['output_config', 'format'], ['output_format']],
  putSchema: (draft, _, schema) => draft.set([['output_config', 'format']], { type: 'json_schema', schema }),
  tools: [['tools']],
};

/** Google takes its settings in either spelling. */
const inSettings = (...names: readonly (readonly [camel: string, snake: string])[]): readonly Path[] =>
  names.reduce<readonly Path[]>(
    (paths, spellings) => paths.flatMap((path) => spellings.map((name) => [...path, name])),
    [['generationConfig'], ['generation_config']],
  );

const thinking = ['thinkingConfig', 'thinking_config'] as const;

const googleGenerateContent: Form = {
  cap: inSettings(['maxOutputTokens', 'max_output_tokens']),
  leastCap: 1,
  effort: inSettings(thinking, ['thinkingLevel', 'thinking_level']),
  effortWord: (word) => word.toUpperCase(),
  budget: inSettings(thinking, ['thinkingBudget', 'thinking_budget']),
  leastBudget: 128,
  stop: inSettings(['stopSequences', 'stop_sequences']),
  maxStop: 5,
  shape: [
    ...inSettings(['responseMimeType', 'response_mime_type']),
    ...inSettings(['responseSchema', 'response_schema']),
    ...inSettings(['responseJsonSchema', 'response_json_schema']),
  ],
  putSchema: (draft, _, schema) => {
    draft.set(inSettings(['responseMimeType', 'response_mime_type']), 'application/json');
    draft.set(inSettings(['responseJsonSchema', 'response_json_schema']), schema);
  },
  tools: [['tools']],
};

const forms: { readonly [A in ApiId]?: Form } = {
  'openai.chat': openaiChat,
  'openai.responses': openaiResponses,
  'anthropic.messages': anthropicMessages,
  'google.generate_content': googleGenerateContent,
};

/** `undefined` for an API without an answer in words. */
export const formOf = (api: ApiId): Form | undefined => forms[api];
