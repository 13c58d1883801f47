import type { Family } from '../../core/api.ts';
import type { Json, JsonObject } from '../../core/json.ts';
import type { HeaderOf } from '../generation.ts';

/** One request of a batch with what came of it. */
export interface Done {
  readonly customId: string;
  readonly status: number;
  readonly body: JsonObject;
}

export interface Batch {
  readonly id: string;
  readonly family: Family;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly endsAt: number;
  readonly canceledAt?: number;
  readonly results: readonly Done[];
  /** What of its making it shows again. */
  readonly shown: JsonObject;
}

/** A file of OpenAI's. */
export interface StoredFile {
  readonly id: string;
  readonly name: string;
  readonly purpose: string;
  readonly createdAt: number;
  readonly text: string;
}

/** A request for batches or files. */
export interface BatchRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly url: string;
  readonly header: HeaderOf;
  readonly credential: string;
  /** @throws {VendorError} */
  readonly json: () => Promise<JsonObject>;
  readonly form: () => Promise<FormData>;
}

export interface BatchAnswer {
  readonly text: string;
  readonly contentType: string;
}

export const jsonAnswer = (value: Json): BatchAnswer => ({ text: JSON.stringify(value), contentType: 'application/json' });
export const linesAnswer = (lines: readonly Json[], contentType: string): BatchAnswer => ({
  text: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
  contentType,
});
