import { hash } from 'node:crypto';
import type { ApiId } from '../../core/api.ts';
import type { CanonicalCall } from '../../core/canonical/call.ts';
import type { ReplyEvent } from '../../core/canonical/reply-event.ts';
import { Memo } from '../../catalog/memo.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Scope } from '../../core/pipeline.ts';
import { Gathering } from '../../protocols/translate/gather.ts';
import type { HeldTexts, ReadBody } from '../../protocols/translate/held-texts.ts';
import {
  continued,
  goesOn,
  isStored,
  rememberReply,
  type History,
  type Memory,
} from '../../protocols/translate/openai-responses/conversation.ts';
import type { ResponseState } from '../../protocols/translate/openai-responses/state.ts';
import type { ReplyClient } from '../../protocols/translate/translator.ts';

/** A call with all that was said before, and what sees the reply so that the next call can go on from it. */
export interface Conversation {
  readonly call: CanonicalCall;
  /** Texts of its messages that are not parsed. */
  readonly held?: HeldTexts | undefined;
  readonly seen?: (client: ReplyClient) => See;
}

/** Sees the events of a reply. `held`: texts of it that were not parsed. */
export type See = (event: ReplyEvent, held?: HeldTexts) => void;

/** APIs whose clients go on from an earlier response by its id. */
const byReference: ReadonlySet<ApiId> = new Set(['openai.responses']);

/** What a call of such a client goes on from is put into it. @throws {GatewayError} `previous_response_not_found` */
export function conversationOf(
  api: ApiId,
  call: CanonicalCall,
  { json, held, body }: ReadBody,
  scope: Scope,
  state: ResponseState,
): Conversation {
  if (!byReference.has(api)) return { call, held };
  // Texts of earlier are parsed, and may hold what looks like the stamp of one that is not.
  if (held && goesOn(call)) return conversationOf(api, { ...call, messages: held.messages(call.messages) }, { json, body }, scope, state);
  const memory = { state, owner: ownerOf(scope), body };
  const going = continued(call, json, memory);
  if ('error' in going)
    throw new GatewayError('previous_response_not_found', going.error.message, { param: going.error.param ?? 'previous_response_id' });
  const seen = isStored(call) ? { seen: (client: ReplyClient) => remembering(going.history, client, memory) } : {};
  return { call: going.call, held, ...seen };
}

function remembering(history: History, client: ReplyClient, memory: Memory): See {
  const gathering = new Gathering();
  return (event, held) => {
    if (event.type === 'end') rememberReply({ gathering, held }, history, client, memory);
    else gathering.add(event);
  };
}

/** Nobody goes on from the conversation of another: by virtual key, else by the client's own credentials. */
const ownerOf = ({ key, credentials }: Scope): string => key ?? owners.get(credentials.join('\n'));

/** Clients whose owner is remembered: a hash costs more than most of what a translation does. */
const maxOwners = 1000;
const owners = new Memo(maxOwners, (credentials) => hash('sha256', credentials, 'base64url').slice(0, 16));
