import type { ApiId } from '../../core/api.ts';
import type { Bytes, Json } from '../../core/json.ts';
import { conversationForm } from '../../conversation/conversations.ts';
import { replyTexts } from '../../protocols/reply-text.ts';
import type { AuditReply } from '../call.ts';
import { listOf, objectOf, textOf } from './reader.ts';

/** What a whole reply says, and the tools it calls. */
export function replyOf(api: ApiId, body: unknown): AuditReply {
  const items = itemsOf(api, body);
  const entries = items.flatMap((item) => conversationForm(api)?.entriesOf(item) ?? []);
  const tools = entries.flatMap((entry) => (entry.kind === 'call' ? [entry.tool] : []));
  const said = entries.flatMap((entry) => (entry.kind === 'said' ? [entry.text] : []));
  return { text: entries.length > 0 ? said.join('\n') : replyTexts[api](body).join('\n'), tools };
}

/** A reply as the items it becomes in the next request. */
function itemsOf(api: ApiId, body: unknown): readonly Json[] {
  const reply = objectOf(body);
  if (api === 'openai.chat') return listOf(reply['choices']).flatMap((choice) => objectOf(choice)['message'] ?? []);
  if (api === 'openai.responses') return listOf(reply['output']);
  if (api === 'anthropic.messages') return reply['content'] === undefined ? [] : [{ role: 'assistant', content: reply['content'] }];
  if (api === 'google.generate_content') return listOf(reply['candidates']).flatMap((candidate) => objectOf(candidate)['content'] ?? []);
  return [];
}

/** Events of a stream that was recorded as it was. */
export function streamEvents(body: Bytes): readonly Json[] {
  return body
    .toString('utf8')
    .split('\n')
    .flatMap((line) => (line.startsWith('data:') ? parsed(line.slice(5)) : []));
}

/** The text and the tools of a recorded stream. */
export function streamedReplyOf(api: ApiId, body: Bytes): AuditReply {
  const events = streamEvents(body);
  const tools = events.flatMap((event) => toolNames(objectOf(event)));
  return { text: events.flatMap(replyTexts[api]).join(''), tools };
}

function toolNames(event: Readonly<Record<string, Json | undefined>>): readonly string[] {
  const blocks = [objectOf(event['content_block']), event['type'] === 'response.output_item.added' ? objectOf(event['item']) : {}];
  const calls = listOf(event['choices']).flatMap((choice) => listOf(objectOf(objectOf(choice)['delta'])['tool_calls']));
  return [...blocks.map(({ name }) => name), ...calls.map((call) => objectOf(objectOf(call)['function'])['name'])].flatMap(
    (name) => textOf(name) ?? [],
  );
}

function parsed(json: string): readonly Json[] {
  try {
    return [JSON.parse(json) as Json];
  } catch {
    return [];
  }
}
