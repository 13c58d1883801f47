import type { DatabaseSync } from 'node:sqlite';
import { getBody } from '../bodies.ts';
import { findCallIn, type StoredCall } from '../calls.ts';

/** A kept body as JSON can carry it. */
export interface ShownBody {
  readonly encoding: 'utf8' | 'base64';
  readonly text: string;
}
export interface CallInFull extends StoredCall {
  /** The newest feedback about it. */
  readonly score: number | null;
  /** Kept bodies that are still there, unless they are too large to show. */
  readonly bodies: { readonly request?: ShownBody; readonly reply?: ShownBody };
}

/** A longer body is left out. */
export const maxShownBodyBytes = 4 << 20;
const micro = 1_000_000;

export function callInFull(database: DatabaseSync, id: string, dir: string): CallInFull | undefined {
  const call = findCallIn(database, id);
  if (!call) return undefined;
  const row = database.prepare('SELECT score_micro FROM call WHERE sequence = ?').get(call.sequence)!;
  const { request, reply } = call.record.bodies ?? {};
  const [asked, answered] = [shownBody(dir, request), shownBody(dir, reply)];
  return {
    ...call,
    score: row['score_micro'] === null ? null : Number(row['score_micro']) / micro,
    bodies: { ...(asked && { request: asked }), ...(answered && { reply: answered }) },
  };
}

function shownBody(dir: string, hash: string | undefined): ShownBody | undefined {
  const bytes = hash === undefined ? undefined : getBody(dir, hash);
  if (!bytes || bytes.length > maxShownBodyBytes) return undefined;
  const text = bytes.toString('utf8');
  return text.includes('\u{fffd}') ? { encoding: 'base64', text: bytes.toString('base64') } : { encoding: 'utf8', text };
}
