import type { Config } from '../config/schema.ts';
import type { LogFields } from '../core/log.ts';
import type { Owner } from '../core/stores.ts';
import type { Answer, Ask } from '../stores/remote/messages.ts';

/** What a worker is started with. */
export interface Start {
  readonly type: 'start';
  readonly config: Config;
  readonly version: string;
  readonly owner: Owner;
}

/** From the first process to a worker. `do` is answered by `done`, and by `done` with what `status` found. */
export type ToWorker =
  | Start
  | Answer
  | { readonly type: 'reload'; readonly config: Config }
  | { readonly type: 'do'; readonly number: number; readonly what: Task }
  | { readonly type: 'stop' };

export type Task = 'read keys' | 'read rules' | 'give back' | 'status';

export type FromWorker =
  | Ask
  | { readonly type: 'listening'; readonly url: string }
  | { readonly type: 'failed'; readonly message: string; readonly code: string | undefined }
  | { readonly type: 'done'; readonly number: number; readonly value: unknown }
  | { readonly type: 'log'; readonly level: 'debug' | 'info' | 'warn' | 'error'; readonly message: string; readonly fields: LogFields };
