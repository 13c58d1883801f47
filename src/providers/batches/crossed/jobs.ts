import { randomUUID } from 'node:crypto';
import { GatewayError } from '../../../core/errors.ts';
import type { Bytes } from '../../../core/json.ts';
import type { ReplyStore, SessionStore } from '../../../core/stores.ts';
import type { CrossedApi } from './batch.ts';

/** How long a batch is known after it was made: vendors keep results for 29 and 30 days. */
export const batchTtlMs = 30 * 24 * 3600 * 1000;
/** How long a file waits for its batch. */
export const fileTtlMs = 24 * 3600 * 1000;
/** Bytes of one piece of a file: stores take 8 MiB at most. */
export const pieceBytes = 4 << 20;
/** Names of what was dropped that are kept with a batch. */
export const maxDropped = 50;

/** A batch that crosses, as the gateway keeps it; small, so that it fits among the sessions. */
export interface Job {
  readonly id: string;
  /** Virtual key of who made it. */
  readonly owner: string;
  readonly provider: string;
  readonly api: CrossedApi;
  readonly idThere: string;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly total: number;
  readonly dropped: readonly string[];
  /** What of its making is shown again: OpenAI's `input_file_id`, `endpoint`, `metadata`. */
  readonly shown: Readonly<Record<string, unknown>>;
}

export interface KeptFile {
  readonly id: string;
  readonly owner: string;
  readonly name: string;
  readonly bytes: number;
  readonly createdAt: number;
}

/** Batches that cross and the files they are made of, in the stores: with SQLite, Redis or Postgres they outlive a restart. */
export interface Jobs {
  readonly put: (job: Job) => Promise<void>;
  /** @throws {GatewayError} `not_found` */
  readonly get: (id: string, owner: string) => Promise<Job>;
  readonly delete: (id: string) => Promise<void>;
  readonly putFile: (file: Omit<KeptFile, 'id' | 'bytes'>, content: Bytes) => Promise<KeptFile>;
  /** @throws {GatewayError} `not_found` */
  readonly getFile: (id: string, owner: string) => Promise<KeptFile>;
  /** @throws {GatewayError} `not_found` where a piece had to make room */
  readonly contentOf: (file: KeptFile) => Promise<Bytes>;
  readonly deleteFile: (file: KeptFile) => Promise<void>;
}

export interface JobsOptions {
  readonly sessions: SessionStore;
  readonly replies: ReplyStore;
  /** Bytes of one file at most. */
  readonly maxFileBytes: number;
}

/** Ids of ours: those of vendors have no such part. */
export const ownIds = { openaiBatch: 'batch_mdc_', anthropicBatch: 'msgbatch_mdc_', file: 'file-mdc-' } as const;
export const newOwnId = (kind: keyof typeof ownIds): string => `${ownIds[kind]}${randomUUID().replaceAll('-', '')}`;

const jobKey = (id: string): string => `batch/${id}`;
const fileKey = (id: string): string => `batch-file/${id}`;
const pieceKey = (id: string, piece: number): string => `${fileKey(id)}/${piece}`;
const piecesOf = ({ bytes }: Pick<KeptFile, 'bytes'>): readonly number[] =>
  Array.from({ length: Math.ceil(bytes / pieceBytes) }, (_, piece) => piece);

export function createJobs({ sessions, replies, maxFileBytes }: JobsOptions): Jobs {
  const kept = async <T extends { readonly owner: string }>(key: string, owner: string, what: string): Promise<T> => {
    const value = await sessions.get(key);
    const found = value === undefined ? undefined : (JSON.parse(value) as T);
    if (found?.owner !== owner) throw new GatewayError('not_found', `${what} is not known here, or not any more`);
    return found;
  };
  return {
    put: (job) => sessions.put(jobKey(job.id), JSON.stringify(job), batchTtlMs),
    get: (id, owner) => kept<Job>(jobKey(id), owner, `the batch ${id}`),
    delete: (id) => sessions.delete(jobKey(id)),
    async putFile(given, content) {
      if (content.length > maxFileBytes) throw tooLarge(content.length, maxFileBytes);
      const file = { ...given, id: newOwnId('file'), bytes: content.length };
      for (const piece of piecesOf(file))
        await replies.put(pieceKey(file.id, piece), content.subarray(piece * pieceBytes, (piece + 1) * pieceBytes), fileTtlMs);
      await sessions.put(fileKey(file.id), JSON.stringify(file), fileTtlMs);
      return file;
    },
    getFile: (id, owner) => kept<KeptFile>(fileKey(id), owner, `the file ${id}`),
    async contentOf(file) {
      const pieces = await Promise.all(piecesOf(file).map((piece) => replies.get(pieceKey(file.id, piece))));
      if (pieces.includes(undefined))
        throw new GatewayError('not_found', `the file ${file.id} had to make room for others (state.maxReplyBytes): upload it again`);
      return Buffer.concat(pieces as Uint8Array[]);
    },
    async deleteFile(file) {
      await sessions.delete(fileKey(file.id));
      for (const piece of piecesOf(file)) await replies.delete(pieceKey(file.id, piece));
    },
  };
}

const tooLarge = (bytes: number, most: number): GatewayError =>
  new GatewayError(
    'body_too_large',
    `a file for a batch at a provider of another API is kept here and may have ${most} bytes (half of state.maxReplyBytes), not ${bytes}`,
    { param: 'file' },
  );
