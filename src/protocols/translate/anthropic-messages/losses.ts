import type { LossTable } from '../losses.ts';

const noKept = "Anthropic does not know another provider's ids of files";

/** What `/v1/messages` cannot carry whatever its value. What depends on a value is told beside it, by the encoder. */
export const losses: LossTable = {
  'image.file': { action: 'refuse', why: noKept },
  'image.detail': { action: 'drop', why: 'Anthropic looks at all images alike' },
  'file.file': { action: 'refuse', why: noKept },
  audio: { action: 'refuse', why: 'Anthropic takes no sound' },
  video: { action: 'refuse', why: 'Anthropic takes no film' },
  'assistant.media': { action: 'drop', why: 'Anthropic takes no images or sound in earlier answers' },
  'tool_call.custom': { action: 'convert', why: 'sent as the call of a function with one text' },
  'tool_call.seal': { action: 'drop', why: 'of no use to another model' },
  refusal: { action: 'convert', why: 'sent as text' },
  opaque: { action: 'drop', why: 'means something to another API only' },
  citations: { action: 'drop', why: 'Anthropic takes back only citations it made itself' },
  'message.developer': { action: 'convert', why: 'sent as a system message' },
  'message.name': { action: 'drop', why: 'Anthropic has no names of speakers' },
  'tool.custom': { action: 'convert', why: 'sent as a function with one text' },
  'tool.server': { action: 'refuse', why: 'Anthropic has no tool of this kind' },
  'tool_choice.allowed': { action: 'convert', why: 'only the allowed tools are sent' },
  'output.json': { action: 'convert', why: 'Anthropic has no JSON mode without a schema, the model is told in words' },
  'output.strict': { action: 'drop', why: 'Anthropic always keeps to the schema and has no name for it' },
  frequency_penalty: { action: 'drop', why: 'Anthropic has no penalties' },
  presence_penalty: { action: 'drop', why: 'Anthropic has no penalties' },
  seed: { action: 'drop', why: 'Anthropic has no seed' },
  logit_bias: { action: 'drop', why: 'Anthropic has no biases, and other tokens' },
  candidates: { action: 'refuse', why: 'Anthropic gives one answer a call' },
  logprobs: { action: 'drop', why: 'Anthropic tells no log probabilities' },
  'reasoning.sealed': { action: 'convert', why: 'Anthropic always seals thoughts' },
  verbosity: { action: 'drop', why: 'Anthropic has no verbosity' },
  'cache.key': { action: 'drop', why: 'Anthropic finds its cache by the prompt alone' },
  metadata: { action: 'drop', why: 'Anthropic takes no labels but the user' },
  'state.previous_response': { action: 'refuse', why: 'Anthropic keeps no responses' },
  'state.conversation': { action: 'refuse', why: 'Anthropic keeps no conversations' },
  'state.store': { action: 'drop', why: 'Anthropic keeps no responses' },
  modalities: { action: 'refuse', why: 'Anthropic answers with text only' },
};
