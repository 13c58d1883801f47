import type { LossTable } from '../losses.ts';

const kept = 'Google can read no file that another provider keeps';
const byItself = 'Gemini caches by itself';

/** What `generateContent` cannot carry. What depends on a value is told by `reports.ts`. */
export const losses: LossTable = {
  'image.file': { action: 'refuse', why: kept },
  'file.file': { action: 'refuse', why: kept },
  'image.detail': { action: 'convert', why: 'sent as one resolution for all media, the finest asked for' },
  'file.text': { action: 'convert', why: 'sent as text' },
  'file.name': { action: 'drop', why: 'Gemini takes no names of documents' },
  'file.context': { action: 'drop', why: 'Gemini has no text beside a document' },
  'file.citations': { action: 'drop', why: 'Gemini does not cite from documents' },
  'tool_call.custom': { action: 'convert', why: 'sent as a function call whose only argument is the text' },
  refusal: { action: 'convert', why: 'sent as text' },
  opaque: { action: 'drop', why: 'means something to another API only' },
  citations: { action: 'drop', why: 'Gemini takes no citations of earlier' },
  'message.developer': { action: 'convert', why: 'sent as a system instruction' },
  'message.system_later': { action: 'convert', why: "sent at its place as a message of the user that says it is the system's" },
  'message.name': { action: 'drop', why: 'Gemini has no names of speakers' },
  'tool.strict': { action: 'drop', why: 'Gemini has no such mark on a function' },
  'tool.custom': { action: 'convert', why: 'sent as a function whose only argument is the text' },
  'tool.server': { action: 'refuse', why: 'Google has no tool of this kind' },
  parallel_tool_calls: { action: 'drop', why: 'Gemini always decides by itself' },
  'output.strict': { action: 'drop', why: 'Gemini always keeps to the schema, which has no name there' },
  logit_bias: { action: 'drop', why: 'Gemini has no biases by token' },
  'reasoning.adaptive': { action: 'drop', why: 'Gemini decides by itself how much to think' },
  'reasoning.sealed': { action: 'drop', why: 'Gemini always signs its thoughts' },
  verbosity: { action: 'drop', why: 'Gemini has no verbosity' },
  'cache.mark': { action: 'drop', why: byItself },
  'cache.key': { action: 'drop', why: byItself },
  'cache.ttl': { action: 'drop', why: byItself },
  'cache.automatic': { action: 'drop', why: byItself },
  end_user: { action: 'drop', why: 'Gemini is not told who a call is for' },
  'state.previous_response': { action: 'refuse', why: 'generateContent keeps no responses' },
  'state.conversation': { action: 'refuse', why: 'generateContent keeps no conversations' },
  'state.store': { action: 'drop', why: 'generateContent keeps no responses' },
};
