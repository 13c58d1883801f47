import { conversationForm } from '../../conversation/conversations.ts';
import { tailExtents } from '../../conversation/tail-reader.ts';
import type { Call } from '../../core/call.ts';
import { parse, type Json } from '../../core/json.ts';

/** Items at the end of a conversation that may be results of tools called together. */
const maxResults = 8;
/** A larger result is not read. */
export const maxResultBytes = 64 << 10;

const tool = Buffer.from('tool');
const error = Buffer.from('error');

/** Whether the newest results of tools, those that this call answers, hold one that the client marked as failed. */
export function hasFailedTool(call: Call): boolean {
  const form = conversationForm(call.api);
  if (!form) return false;
  const extents = tailExtents(call, maxResults);
  for (let at = 0; at < extents.length; at += 2) {
    const item = call.received.body.slice(extents[at]!, extents[at + 1]!);
    if (item.length > maxResultBytes || !item.includes(tool)) return false; // older items were answered by another call
    if (item.includes(error) && form.entriesOf(parse<Json>(item)).some((entry) => entry.kind === 'result' && entry.failed)) return true;
  }
  return false;
}
