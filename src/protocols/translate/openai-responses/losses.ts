import type { LossTable } from '../losses.ts';

/** What `/v1/responses` cannot carry. */
export const losses: LossTable = {
  'file.context': { action: 'drop', why: 'OpenAI has no text beside a document' },
  'file.citations': { action: 'drop', why: 'OpenAI does not cite from documents of the prompt' },
  audio: { action: 'refuse', why: 'OpenAI responses takes no sound' },
  video: { action: 'refuse', why: 'OpenAI responses takes no film' },
  'assistant.media': { action: 'drop', why: 'OpenAI responses takes only text of earlier answers' },
  'tool_call.seal': { action: 'drop', why: 'of no use to another model' },
  'tool_result.error': { action: 'drop', why: 'OpenAI has no mark for it' },
  opaque: { action: 'drop', why: 'means something to another API only' },
  citations: { action: 'drop', why: 'OpenAI models make nothing of citations of earlier' },
  'message.name': { action: 'drop', why: 'OpenAI responses has no names of who speaks' },
  'tool.server': { action: 'refuse', why: 'OpenAI responses has no tool of this kind' },
  stop: { action: 'drop', why: 'OpenAI responses has no stop sequences' },
  top_k: { action: 'drop', why: 'OpenAI responses has no top-k' },
  frequency_penalty: { action: 'drop', why: 'OpenAI responses has no penalties' },
  presence_penalty: { action: 'drop', why: 'OpenAI responses has no penalties' },
  seed: { action: 'drop', why: 'OpenAI responses has no seed' },
  logit_bias: { action: 'drop', why: 'OpenAI responses has no biases by token' },
  candidates: { action: 'refuse', why: 'OpenAI responses gives one answer' },
  'reasoning.budget': { action: 'convert', why: 'sent as an effort' },
  'reasoning.adaptive': { action: 'drop', why: 'OpenAI models always decide by themselves' },
  'cache.mark': { action: 'drop', why: 'OpenAI caches by itself' },
  'cache.ttl': { action: 'drop', why: 'OpenAI decides how long to keep' },
  'cache.automatic': { action: 'drop', why: 'OpenAI caches by itself' },
  modalities: { action: 'refuse', why: 'only text is asked of OpenAI responses' },
};
