import type { ErrorKind, ReplyError } from '../../../core/canonical/reply-error.ts';
import type { Bytes } from '../../../core/json.ts';
import { field, parsed, text } from '../../count.ts';
import { kindOf } from '../error-kind.ts';

/** Messages longer than this are cut. */
const maxMessageLength = 4000;

/** Names of exceptions in a stream, in lower case: there is no status there. */
const kinds: Readonly<Record<string, ErrorKind>> = {
  accessdeniedexception: 'permission',
  expiredtokenexception: 'authentication',
  unrecognizedclientexception: 'authentication',
  internalserverexception: 'server',
  modelerrorexception: 'server',
  modelnotreadyexception: 'overloaded',
  modelstreamerrorexception: 'server',
  modeltimeoutexception: 'timeout',
  resourcenotfoundexception: 'not_found',
  servicequotaexceededexception: 'rate_limit',
  serviceunavailableexception: 'overloaded',
  throttlingexception: 'rate_limit',
  validationexception: 'invalid_request',
};

const statuses: { readonly [K in ErrorKind]?: number } = { invalid_request: 400 };

/** `{message}`, also `{Message}`, as Amazon's services write errors; the status tells the kind. */
export function decodeError(status: number, body: Bytes): ReplyError {
  const value = parsed(body);
  const said = text(field(value, 'message')) ?? text(field(value, 'Message')) ?? body.toString('utf8', 0, maxMessageLength).trim();
  const message = (said || `the provider answered ${status}`).slice(0, maxMessageLength);
  return { kind: kindOf(status, message, overflowWords(message)), status, message };
}

/** An exception in the middle of a stream, by its name: `throttlingException`. */
export function exceptionOf(name: string, value: unknown): ReplyError {
  const message = (text(field(value, 'message')) ?? text(field(value, 'Message')) ?? name).slice(0, maxMessageLength);
  const kind = kinds[name.toLowerCase()] ?? 'server';
  const status = statuses[kind];
  return { kind: status === undefined ? kind : kindOf(status, message, overflowWords(message)), message, code: name };
}

/** Bedrock's own words for a prompt that is too long, in a word that `kindOf` knows. */
const overflowWords = (message: string): string | undefined => (/input is too long/i.test(message) ? 'context_length' : undefined);
