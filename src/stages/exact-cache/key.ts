import { hash } from 'node:crypto';
import type { Call } from '../../core/call.ts';
import type { Bytes } from '../../core/json.ts';
import type { Scope } from '../../core/pipeline.ts';
import { Mark, outline, type Member, type Outline } from '../../core/scan.ts';
import { isHarmlessHeader } from './harmless-headers.ts';

/** Who may be answered with whose replies. What a wider one needs and the call does not tell falls back to `key`. */
export type Isolation = 'key' | 'team' | 'app';

export interface KeyParts {
  readonly isolation: Isolation;
  /** Digest of all options that may change an answer. */
  readonly revision: string;
  /** Version of what answers rest on beside the call. */
  readonly knowledge: string;
  /** The task or session a memo belongs to; empty: none. */
  readonly memo: string;
}

/** Changes when the same call would get another key than before. */
const keyVersion = 1;

/**
 * Names a call by everything that may change its answer, byte by byte: two calls have the same key only if they differ in nothing but what is
 * known to change no answer (order of top-level keys, ids of users and conversations, headers of tracing and of the client's version).
 */
export function replyKey(call: Call, scope: Scope, parts: KeyParts): string {
  const { revision, knowledge, memo } = parts;
  const pieces = bodyPieces(call);
  // JSON tells its own end, and holds the length of each piece: no two lists of pieces read the same.
  const lengths = pieces.map(({ length }) => length);
  const head = JSON.stringify([keyVersion, revision, knowledge, memo, about(call, scope), who(scope, parts), lengths]);
  return hash('sha256', Buffer.concat([Buffer.from(head), ...pieces]), 'base64url');
}

const about = (call: Call, scope: Scope): unknown => [call.api, call.model, call.stream, scope.method, scope.target, headersOf(scope)];

type Named = readonly [name: string, ...unknown[]];

/** Values of one name stay in their order. */
const byName = ([a]: Named, [b]: Named): number => (a < b ? -1 : a > b ? 1 : 0);

function headersOf({ headers }: Scope): readonly Named[] {
  const kept: Named[] = [];
  for (let at = 0; at < headers.length; at += 2) {
    const name = headers[at]!.toLowerCase();
    if (!isHarmlessHeader(name)) kept.push([name, headers[at + 1]!]);
  }
  return kept.sort(byName);
}

/** App, feature and tags always: routes and instructions may hang on them. The client's own credentials always: the provider would check them. */
function who({ key, labels, credentials, annotations, confined }: Scope, { isolation }: KeyParts): unknown {
  const { app, feature, team, user, session, tags } = labels;
  const wide = isolation === 'team' ? team !== undefined : isolation === 'app' && app !== undefined;
  const tenant = wide ? (isolation === 'team' ? { team } : {}) : { key: key ?? null, team };
  const { sensitivity } = annotations;
  const sensitive = sensitivity === undefined ? null : { sensitivity, key: key ?? null, team, user, session, confined };
  return [
    isolation,
    app ?? null,
    feature ?? null,
    tags === undefined ? [] : Object.entries(tags).sort(byName),
    credentials,
    tenant,
    sensitive,
  ];
}

/** The members of the body in the order of their keys, without what changes no answer. */
function bodyPieces(call: Call): readonly Bytes[] {
  const { body } = call;
  const { members, tape } = body === call.received.body ? call.received.outline : outline(body);
  const pieces: Bytes[] = [];
  for (const key of [...members.keys()].sort()) {
    const member = members.get(key)!;
    if (isVolatile(call, key, member)) continue;
    const billing =
      key === 'system' && call.api === 'anthropic.messages' ? billingBlock(tape, member, body.slice(member.from, member.to)) : undefined;
    pieces.push(body.slice(member.start, billing?.from ?? member.end)); // in one piece, in however many chunks it came
    if (billing) pieces.push(body.slice(billing.to, member.end));
  }
  return pieces;
}

/** Ids that providers use to tell users and conversations apart, and to find their caches; no model reads them. */
const volatileTexts = new Set(['user', 'safety_identifier', 'prompt_cache_key']);
const QUOTE = 34;

function isVolatile({ api, body }: Call, key: string, { from, to }: Member): boolean {
  if (api.startsWith('openai.')) return volatileTexts.has(key) && body.slice(from, from + 1)[0] === QUOTE;
  return api === 'anthropic.messages' && key === 'metadata' && isOnlyUserId(body.slice(from, to));
}

const maxMetadataBytes = 4096;

function isOnlyUserId(value: Bytes): boolean {
  if (value.length > maxMetadataBytes) return false;
  const metadata = parsed(value);
  const entries = typeof metadata === 'object' && metadata !== null ? Object.entries(metadata) : [];
  return entries.length === 1 && entries[0]![0] === 'user_id' && typeof entries[0]![1] === 'string';
}

/** The block by which Claude Code tells its version; its parameters change with every conversation. */
const billingText = /^x-anthropic-billing-header:(?: ?(?:cc_version|cc_entrypoint|cch|cc_workload)=[\w.-]*;)+ ?\n?$/;
const billingStart = Buffer.from('x-anthropic-billing-header:');
const maxBillingBytes = 1024;

/** Where the billing block stands in a list of system blocks: the first one, of the known form to the last letter, or none. */
function billingBlock(tape: Outline['tape'], member: Member, value: Bytes): { readonly from: number; readonly to: number } | undefined {
  if (!value.subarray(0, maxBillingBytes).includes(billingStart)) return undefined;
  for (let at = 0; at < tape.length; at += 3) {
    const [from, to] = [tape[at + 1]!, tape[at + 2]!];
    if (tape[at] !== Mark.Item || from < member.from || from >= member.to) continue;
    return isBilling(value.subarray(from - member.from, to - member.from)) ? { from, to } : undefined;
  }
  return undefined;
}

function isBilling(json: Bytes): boolean {
  if (json.length > maxBillingBytes) return false;
  const block = parsed(json);
  if (typeof block !== 'object' || block === null) return false;
  const { type, text, ...more } = block as Readonly<Record<string, unknown>>;
  return type === 'text' && typeof text === 'string' && billingText.test(text) && Object.keys(more).length === 0;
}

function parsed(json: Bytes): unknown {
  try {
    return JSON.parse(json.toString('utf8'));
  } catch {
    return undefined;
  }
}
