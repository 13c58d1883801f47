import { conversationForm } from '../../conversation/conversations.ts';
import { maxItemBytes, tailExtents } from '../../conversation/tail-reader.ts';
import type { Call } from '../../core/call.ts';
import { jsonBytes, parse } from '../../core/json.ts';
import { withNotice } from '../../conversation/notice.ts';

/**
 * The call with an instruction at the very end of what the user said last: all bytes before stay, so that a cached beginning is read as
 * before. The call itself in the middle of an agent's steps, where the next request would bring the same item without it.
 */
export function withInstruction(call: Call, instruction: string): Call {
  const form = conversationForm(call.api);
  const list = form && call.json(form.key);
  if (!form || !list) return call;
  if (list[0] === QUOTE) return call.withJson({ [form.key]: jsonBytes(`${parse<string>(list)}\n\n${instruction}`) });
  const [from, to] = tailExtents(call, 1);
  if (from === undefined || to === undefined || to - from > maxItemBytes) return call;
  const entries = form.entriesOf(parse(call.received.body.slice(from, to)));
  const isUsers = entries.length > 0 && entries.every(({ kind }) => kind === 'heard');
  return isUsers ? withNotice(call, instruction) : call;
}

const QUOTE = 34;
