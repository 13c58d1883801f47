import { createHash } from 'node:crypto';
import type { Call } from '../core/call.ts';
import { isEmptyObject } from '../core/empty.ts';
import type { Bytes } from '../core/json.ts';
import type { Labels } from '../core/record.ts';

/** Characters kept of a label: ids are short; a prompt pasted into a header is not stored. */
export const maxLabelLength = 200;
/** Tags kept of a call. */
export const maxTags = 16;

type Draft = { -readonly [L in keyof Labels]: Labels[L] };
type Field = 'app' | 'feature' | 'user' | 'team' | 'session' | 'task';

const direct: Readonly<Record<string, Field>> = {
  'x-modicum-app': 'app',
  'x-modicum-feature': 'feature',
  'x-modicum-user': 'user',
  'x-modicum-team': 'team',
  'x-modicum-session': 'session',
  'x-modicum-task': 'task',
};
/** What other clients and gateways call the same things; our own headers win over them. */
const borrowed: Readonly<Record<string, Field>> = {
  'helicone-session-id': 'session',
  'helicone-user-id': 'user',
  'x-claude-code-session-id': 'session',
  'session-id': 'session',
  'thread-id': 'session',
  'x-session-id': 'session',
};

const clipped = (value: string): string => (value.length > maxLabelLength ? value.slice(0, maxLabelLength) : value);

/**
 * Who a call is for: from our own headers, from the path's `/c/{app}`, from the ids that clients send in headers, and from the body's
 * `metadata`, `user` and `prompt_cache_key`; in this order, the first that says something wins.
 */
export function labelsOf(hints: readonly string[], pathApp: string | undefined, call: Call | undefined): Labels {
  const labels: Draft = {};
  const late: Draft = {};
  for (let at = 0; at < hints.length; at += 2) readHint(labels, late, hints[at]!, hints[at + 1]!);
  if (pathApp !== undefined) labels.app ??= clipped(pathApp);
  if (call) readBody(late, call);
  return isEmptyObject(labels) ? late : Object.assign(late, labels);
}

function readHint(labels: Draft, late: Draft, name: string, value: string): void {
  const own = direct[name];
  if (own) labels[own] = clipped(decoded(value));
  else if (name.startsWith('x-modicum-tag-')) addTag(labels, name.slice('x-modicum-tag-'.length), decoded(value));
  else if (name.startsWith('helicone-property-')) addTag(labels, name.slice('helicone-property-'.length), value);
  else if (name === 'user-agent') late.client = clientOf(value);
  else if (name === 'x-codex-turn-metadata') readCodex(late, value);
  else {
    const field = borrowed[name];
    if (field) late[field] ??= clipped(value);
  }
}

/** Our SDK percent-encodes what a header cannot carry, such as letters beyond Latin-1. What is no such encoding stays as it is. */
function decoded(value: string): string {
  if (!value.includes('%')) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function addTag(labels: Draft, name: string, value: string): void {
  const tags = labels.tags ?? {};
  if (Object.keys(tags).length < maxTags && name !== '') labels.tags = { ...tags, [clipped(name)]: clipped(value) };
}

/** `claude-cli/2.1.330 (external, cli)` -> `claude-cli`; `OpenAI/JS 7.57.0` -> `OpenAI/JS`. */
function clientOf(userAgent: string): string {
  return clipped(/^[^\s/]+(\/[A-Za-z]+)?/.exec(userAgent)?.[0] ?? userAgent);
}

function readCodex(late: Draft, value: string): void {
  const metadata = objectOf(value);
  late.session ??= text(metadata?.session_id) ?? text(metadata?.thread_id);
  const agent = text(metadata?.agent_name);
  if (agent !== undefined) addTag(late, 'agent', agent);
}

function readBody(late: Draft, call: Call): void {
  const metadata = call.value('metadata');
  if (metadata) readMetadata(late, metadata);
  late.user ??= text(json(call.value('user'))) ?? text(json(call.value('safety_identifier')));
  late.session ??= text(json(call.value('prompt_cache_key')));
}

/** OpenAI: free keys. Anthropic: `user_id`, which Claude Code fills with JSON that names account and device. */
function readMetadata(late: Draft, bytes: Bytes): void {
  const metadata = objectOf(bytes.toString('utf8'));
  const userId = text(metadata?.user_id);
  const inner = userId === undefined ? undefined : objectOf(userId);
  late.session ??= text(inner?.session_id) ?? text(metadata?.session_id);
  late.task ??= text(metadata?.task_id) ?? text(metadata?.task);
  late.feature ??= text(metadata?.feature);
  late.user ??= inner ? hashed(text(inner.account_uuid) || text(inner.device_id)) : userId;
}

/** Ids of accounts and devices are never stored as they are. */
function hashed(id: string | undefined): string | undefined {
  return id === undefined ? undefined : `sha256:${createHash('sha256').update(id).digest('hex').slice(0, 16)}`;
}

function objectOf(source: string): Readonly<Record<string, unknown>> | undefined {
  if (!source.startsWith('{')) return undefined;
  const value = parsed(source);
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
}

const json = (bytes: Bytes | undefined): unknown => (bytes ? parsed(bytes.toString('utf8')) : undefined);
const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? clipped(value) : undefined);

function parsed(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined; // a label is a convenience: what cannot be read is not one
  }
}
