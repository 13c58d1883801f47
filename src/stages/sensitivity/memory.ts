import type { Call } from '../../core/call.ts';
import type { Scope } from '../../core/pipeline.ts';
import type { Reply } from '../../core/reply.ts';
import type { Placeholders } from '../../text/sensitivity/placeholders.ts';

/** What is known of the calls before: their text is not in a call that goes on from them, but the provider has it, or the gateway adds it. */
export interface Earlier {
  /** Names of the labels found so far. */
  readonly labels: readonly string[];
  readonly placeholders: Placeholders | undefined;
}

/** A conversation with more values than this has the rest of them come back as placeholders. */
export const maxRememberedValues = 10_000;

/** By the ids that OpenAI's responses go on from. In memory, the oldest go first; lives as long as the app, like the conversations it belongs to. */
export class SensitivityMemory {
  readonly #kept = new Map<string, Earlier>();
  readonly #maxIds: number;

  constructor({ maxIds }: { readonly maxIds: number }) {
    this.#maxIds = maxIds;
  }

  /** `owner` keeps one client's ids apart from another's. */
  of(owner: string, id: string): Earlier | undefined {
    return this.#kept.get(`${owner}\n${id}`);
  }

  keep(owner: string, id: string, { labels, placeholders }: Earlier): void {
    const key = `${owner}\n${id}`;
    this.#kept.delete(key);
    this.#kept.set(key, { labels, placeholders: placeholders && placeholders.size <= maxRememberedValues ? placeholders : undefined });
    if (this.#kept.size > this.#maxIds) this.#kept.delete(this.#kept.keys().next().value!);
  }
}

export const ownerOf = ({ key, labels: { app } }: Scope): string => JSON.stringify([key ?? '', app ?? '']);

/** The ids of what a call goes on from: an earlier response, or a conversation of OpenAI's. */
export function goesOnFrom(call: Call): readonly string[] {
  if (call.api !== 'openai.responses') return [];
  return [call.json('previous_response_id'), call.json('conversation')].flatMap(idIn);
}

/** A string, or an object that holds one as its `id`. */
function idIn(json: Buffer | undefined): readonly string[] {
  if (!json) return [];
  try {
    const value = JSON.parse(json.toString('utf8')) as string | { readonly id?: unknown } | null;
    const id = typeof value === 'object' ? value?.id : value;
    return typeof id === 'string' ? [id] : [];
  } catch {
    return []; // the provider will say so
  }
}

/** Bytes of a reply in which its id stands: it is the first thing a response tells. */
const headBytes = 8192;
const responseId = /"id"\s*:\s*"(resp_[^"\\]{1,200})"/;

/** Tells the id of a response, once. */
export function watchedForId(reply: Reply, found: (id: string) => void): Reply {
  let head = '';
  let isOver = false;
  return reply.watched({
    write(chunk) {
      if (isOver) return;
      head += chunk.toString('latin1', 0, headBytes);
      const id = responseId.exec(head)?.[1];
      isOver = id !== undefined || head.length >= headBytes;
      if (id !== undefined) found(id);
      if (isOver) head = '';
    },
    end: () => {},
  });
}
