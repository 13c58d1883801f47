import type { LossTable } from '../losses.ts';

const noImageId = 'OpenAI chat takes images as URL or base64 only';

/** What `/v1/chat/completions` cannot carry, as OpenAI and those who copy it serve it. */
export const losses: LossTable = {
  'image.file': { action: 'refuse', why: noImageId },
  'file.url': { action: 'refuse', why: 'OpenAI chat takes documents as base64 only' },
  'file.text': { action: 'convert', why: 'sent as text' },
  'file.context': { action: 'drop', why: 'OpenAI chat has no text beside a document' },
  'file.citations': { action: 'drop', why: 'OpenAI chat does not cite from documents' },
  video: { action: 'refuse', why: 'OpenAI chat takes no film' },
  'assistant.media': { action: 'drop', why: 'OpenAI chat takes only text of earlier answers' },
  'tool_call.seal': { action: 'drop', why: 'of no use to another model' },
  'tool_result.media': { action: 'convert', why: "sent as a user's message behind the tool's" },
  'tool_result.error': { action: 'drop', why: 'OpenAI chat has no mark for it' },
  reasoning: { action: 'drop', why: 'OpenAI chat takes no thoughts of earlier' },
  'reasoning.seal': { action: 'drop', why: 'OpenAI chat takes no thoughts of earlier' },
  opaque: { action: 'drop', why: 'means something to another API only' },
  citations: { action: 'drop', why: 'OpenAI chat takes no citations of earlier' },
  'message.developer': { action: 'convert', why: 'sent as a system message, which all such providers know' },
  'message.order': { action: 'convert', why: 'OpenAI chat has all text of an answer before its tool calls' },
  'tool.server': { action: 'refuse', why: 'OpenAI chat has no tool of this kind' },
  top_k: { action: 'drop', why: 'OpenAI chat has no top-k' },
  'reasoning.budget': { action: 'convert', why: 'sent as an effort' },
  'reasoning.adaptive': { action: 'drop', why: 'OpenAI models always decide by themselves' },
  'reasoning.summary': { action: 'drop', why: 'OpenAI chat does not show thoughts' },
  'reasoning.sealed': { action: 'drop', why: 'OpenAI chat does not give thoughts out' },
  'cache.mark': { action: 'drop', why: 'such providers cache by themselves' },
  'cache.ttl': { action: 'drop', why: 'such providers decide how long to keep' },
  'cache.automatic': { action: 'drop', why: 'such providers cache by themselves' },
  'state.previous_response': { action: 'refuse', why: 'OpenAI chat keeps no responses' },
  'state.conversation': { action: 'refuse', why: 'OpenAI chat keeps no conversations' },
  modalities: { action: 'refuse', why: 'only text is asked of OpenAI chat' },
};
