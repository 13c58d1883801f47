import { conversationForm } from './conversations.ts';
import { tailExtents } from './tail-reader.ts';
import type { ApiId } from '../core/api.ts';
import type { Call } from '../core/call.ts';
import { jsonBytes, type Bytes, type JsonObject } from '../core/json.ts';
import { Mark } from '../core/scan.ts';

const QUOTE = 34;
const OPEN_LIST = 91;

/**
 * The call with `text` said at the very end of its conversation: inside the content of its last message or tool result, so that roles and
 * pairs of calls and results stay as they were. All bytes before stay the same, so a prompt cache reads what it read before.
 * The call itself when another stage has changed the conversation already, or it ends in something that has no content.
 */
export function withNotice(call: Call, text: string): Call {
  const form = conversationForm(call.api);
  const member = form && call.received.outline.members.get(form.key);
  const content = member && lastContent(call);
  if (!content || call.json(form.key)?.length !== member.to - member.from) return call;
  const { body } = call.received;
  const [added, at] = addition(call.api, body.slice(content.from, content.to), content.to, text);
  return call.withJson({ [form.key]: Buffer.concat([...body.pieces(member.from, at), added, ...body.pieces(at, member.to)]) });
}

/** Where the content of the last item stands, when it is the user's or a tool's and can take a text. */
function lastContent(call: Call): { readonly from: number; readonly to: number } | undefined {
  const [from, to] = tailExtents(call, 1);
  const { tape } = call.received.outline;
  if (from === undefined || to === undefined) return undefined;
  const { body } = call.received;
  let content: { readonly from: number; readonly to: number } | undefined;
  for (let at = 0; at < tape.length; at += 3) {
    const [kind, start, end] = [tape[at]!, tape[at + 1]!, tape[at + 2]!];
    if (start <= from || end > to) continue;
    if (kind === Mark.Role && isModel(body.slice(start, end))) return undefined;
    if (kind === Mark.Content && takesText(body.slice(start, start + 1)[0])) content = { from: start, to: end };
  }
  return content;
}

const takesText = (first: number | undefined): boolean => first === QUOTE || first === OPEN_LIST;

const isModel = (role: Bytes): boolean => role[1] === 97 || role[1] === 109;

/** What is put where. A string grows inside its quotes, a list by one block. */
function addition(api: ApiId, content: Bytes, to: number, text: string): readonly [Bytes, number] {
  if (content[0] === QUOTE) return [jsonBytes(`\n\n${text}`).subarray(1, -1), to - 1];
  const isEmpty = content.subarray(1, -1).every((byte) => byte <= 32);
  const block = jsonBytes(textBlock(api, text));
  return [isEmpty ? block : Buffer.concat([Buffer.from(','), block]), to - 1];
}

function textBlock(api: ApiId, text: string): JsonObject {
  if (api === 'google.generate_content') return { text };
  return { type: api === 'openai.responses' ? 'input_text' : 'text', text };
}
