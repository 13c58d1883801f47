import type { DatabaseSync } from 'node:sqlite';
import type { Answer, Query } from '../../analytics/query.ts';
import type { StoredCall } from '../calls.ts';
import { callInFull, type CallInFull } from './call.ts';
import { callsBehind, callsOf, sessionCalls, type CallsRequest, type TailAsked, type TailGiven } from './calls.ts';
import { sqliteEngine } from './engine.ts';
import { knownCalls, type KnownCall, type KnownRequest } from './known.ts';

/** What the reader's thread is asked, by kind, and what it gives. */
export interface Reads {
  readonly query: { readonly asked: Query; readonly given: Answer };
  readonly calls: { readonly asked: CallsRequest; readonly given: { readonly calls: readonly StoredCall[]; readonly next?: string } };
  readonly call: { readonly asked: string; readonly given: CallInFull | undefined };
  readonly session: { readonly asked: string; readonly given: readonly StoredCall[] };
  readonly known: { readonly asked: KnownRequest; readonly given: readonly KnownCall[] };
  readonly tail: { readonly asked: TailAsked; readonly given: TailGiven };
}
export type ReadKind = keyof Reads;

type Reader<K extends ReadKind> = (
  database: DatabaseSync,
  asked: Reads[K]['asked'],
  dir: string,
) => Reads[K]['given'] | Promise<Reads[K]['given']>;

export const readers: { readonly [K in ReadKind]: Reader<K> } = {
  query: (database, query) => sqliteEngine(database).answer(query),
  calls: callsOf,
  call: callInFull,
  session: sessionCalls,
  known: knownCalls,
  tail: callsBehind,
};

export interface ReaderStart {
  readonly dir: string;
}
export interface ReadJob {
  readonly id: number;
  readonly kind: ReadKind;
  readonly asked: unknown;
}
/** `range`: the question was wrong. `failed`: the ledger could not be read. */
export type ReadResult =
  | { readonly id: number; readonly given: unknown }
  | { readonly id: number; readonly error: 'range' | 'failed'; readonly message: string };
