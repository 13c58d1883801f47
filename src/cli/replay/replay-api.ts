import type { ApiId } from '../../core/api.ts';
import type { JsonObject } from '../../core/json.ts';
import type { Turn } from './conversation.ts';

/** How a turn is asked for. */
export interface Asking {
  readonly model: string;
  readonly stream: boolean;
  /** Mark the prompt for the cache, where the API wants marks. */
  readonly cache: boolean;
}

/** One of the APIs a recording can be sent by. */
export interface ReplayApi {
  readonly api: ApiId;
  readonly defaultModel: string;
  readonly path: (asking: Asking) => string;
  readonly body: (turn: Turn, asking: Asking) => JsonObject;
  readonly headers?: Readonly<Record<string, string>>;
}
