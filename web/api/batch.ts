import type { Answer, Query } from '../../src/analytics/query.ts';
import type { BatchAnswer } from '../../src/compose/insight.ts';
import { ApiError, post } from './client.ts';

/** As the gateway takes them. */
const atOnce = 32;

interface Asked {
  readonly key: string;
  readonly query: Query;
  readonly signal: AbortSignal;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

let waiting: Asked[] = [];

/** Asks together with all that is asked at this time: one request for a page, and the same question once. */
export function ask(query: Query, signal: AbortSignal): Promise<Answer> {
  return new Promise((resolve, reject) => {
    if (waiting.length === 0) setTimeout(send, 0);
    waiting.push({ key: JSON.stringify(query), query, signal, resolve, reject });
  });
}

function send(): void {
  const asked = waiting.filter(({ signal }) => !signal.aborted);
  waiting = [];
  const keys = [...new Set(asked.map(({ key }) => key))];
  for (let from = 0; from < keys.length; from += atOnce) {
    const some = new Set(keys.slice(from, from + atOnce));
    void sendSome(asked.filter(({ key }) => some.has(key)));
  }
}

async function sendSome(asked: readonly Asked[]): Promise<void> {
  const queries = new Map(asked.map(({ key, query }) => [key, query]));
  try {
    const body = { queries: [...queries.values()] };
    const { answers } = await post<{ readonly answers: readonly BatchAnswer[] }>('/api/queries', body, whenAllLeft(asked));
    const byKey = new Map([...queries.keys()].map((key, at) => [key, answers[at]!]));
    for (const one of asked) settle(one, byKey.get(one.key)!);
  } catch (error) {
    for (const { reject } of asked) reject(error);
  }
}

function settle({ resolve, reject }: Asked, answer: BatchAnswer): void {
  if (!('error' in answer)) return resolve(answer);
  const { code, message, fix } = answer.error;
  reject(new ApiError(400, code, message, fix));
}

/** Nobody waits for the answer any more. */
function whenAllLeft(asked: readonly Asked[]): AbortSignal {
  const abort = new AbortController();
  const leave = (): void => {
    if (asked.every(({ signal }) => signal.aborted)) abort.abort();
  };
  for (const { signal } of asked) signal.addEventListener('abort', leave);
  return abort.signal;
}
