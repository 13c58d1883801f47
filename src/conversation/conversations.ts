import type { ApiId } from '../core/api.ts';
import type { Json, JsonObject } from '../core/json.ts';
import { chatEntries } from './chat-entries.ts';
import { contentsEntries } from './contents-entries.ts';
import type { Entry } from './entry.ts';
import { listOf } from './json-text.ts';
import { messagesEntries } from './messages-entries.ts';
import { responsesEntries } from './responses-entries.ts';

/** How an API keeps a conversation in the body of a request. */
export interface ConversationForm {
  /** Top-level key of the list. */
  readonly key: string;
  readonly entriesOf: (item: Json) => readonly Entry[];
}

const forms: { readonly [A in ApiId]?: ConversationForm } = {
  'openai.chat': { key: 'messages', entriesOf: chatEntries },
  'openai.responses': { key: 'input', entriesOf: responsesEntries },
  'anthropic.messages': { key: 'messages', entriesOf: messagesEntries },
  'google.generate_content': { key: 'contents', entriesOf: contentsEntries },
};

/** `undefined` for an API that has no conversations. */
export const conversationForm = (api: ApiId): ConversationForm | undefined => forms[api];

/** All entries of a parsed request: for whoever reads recordings. The gateway reads tails, see `tail-reader.ts`. */
export function entriesOfRequest(api: ApiId, request: JsonObject): readonly Entry[] {
  const form = forms[api];
  return form ? listOf(request[form.key]).flatMap(form.entriesOf) : [];
}
