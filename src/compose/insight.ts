import { setTimeout as sleep } from 'node:timers/promises';
import { checkedQuery } from '../analytics/check.ts';
import { readFilters } from '../analytics/filter-text.ts';
import { languageQuery, languageRows } from '../analytics/languages.ts';
import type { Answer } from '../analytics/query.ts';
import { GatewayError, type ErrorCode } from '../core/errors.ts';
import type { CallRecord } from '../core/record.ts';
import { inputBuckets } from '../core/usage.ts';
import type { Ledger } from '../ledger/ledger.ts';
import { callsLimits } from '../ledger/query/calls.ts';
import { ReaderError, type LedgerReader } from '../ledger/query/reader.ts';
import { shownCall } from '../ledger/query/shown-call.ts';
import { wholeParameter } from '../server/admin/query.ts';
import { AdminText, type AdminRequest, type AdminRoute } from '../server/admin/route.ts';
import { feedbackIn } from './feedback.ts';

interface InsightParts {
  readonly reader: LedgerReader;
  readonly ledger: Pick<Ledger, 'append'>;
}

/** What can be asked about recorded calls, and said about them. */
export function insightRoutes({ reader, ledger }: InsightParts): readonly AdminRoute[] {
  const tails = new Tails(reader);
  return [
    { method: 'POST', path: '/api/query', handle: ({ body }) => told(() => reader.answer(checkedQuery(body))) },
    { method: 'POST', path: '/api/queries', handle: ({ body }) => told(() => answers(reader, body)) },
    { method: 'GET', path: '/api/languages', handle: ({ query }) => told(() => languages(reader, query)) },
    { method: 'GET', path: '/api/calls', handle: ({ query }) => told(() => calls(reader, query)) },
    { method: 'GET', path: '/api/calls/{id}', handle: (request) => told(() => oneCall(reader, request)) },
    { method: 'GET', path: '/api/sessions/{id}', handle: (request) => told(() => session(reader, request)) },
    { method: 'GET', path: '/api/tail', handle: ({ query }) => told(() => tails.open(query)) },
    { method: 'POST', path: '/api/feedback', status: 202, handle: ({ body }) => told(() => accepted(ledger, body)) },
  ];
}

const readerCodes = {
  busy: 'overloaded',
  slow: 'query_timeout',
  failed: 'internal',
  closed: 'shutting_down',
} as const satisfies Record<ReaderError['reason'], ErrorCode>;

/** Errors of the ledger in the words of the API. */
async function told<T>(work: () => T | Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof RangeError) throw wrong(error);
    if (error instanceof ReaderError) throw new GatewayError(readerCodes[error.reason], error.message, { cause: error });
    throw error;
  }
}

function wrong(error: RangeError): GatewayError {
  const param = /^([\w.[\]]+): /.exec(error.message)?.[1];
  return new GatewayError('invalid_request', error.message, { cause: error, ...(param !== undefined && { param }) });
}

/** Questions that one request may bring: a page of the dashboard asks all of its own at once. */
export const queriesAtOnce = 32;

/** What `POST /api/queries` tells, in the order of the questions: a wrong one spoils no other. */
export type BatchAnswer = Answer | { readonly error: { readonly code: string; readonly message: string; readonly fix?: string } };

async function answers(reader: LedgerReader, body: unknown): Promise<{ readonly answers: readonly BatchAnswer[] }> {
  const queries = (body as { readonly queries?: unknown } | null | undefined)?.queries;
  if (!Array.isArray(queries) || queries.length === 0 || queries.length > queriesAtOnce)
    throw new RangeError(`queries: must be a list of 1 to ${queriesAtOnce} queries`);
  const found: BatchAnswer[] = [];
  // One after the other: a page with many questions takes one place among those that wait.
  for (const query of queries) found.push(await answerOf(reader, query));
  return { answers: found };
}

const answerOf = (reader: LedgerReader, query: unknown): Promise<BatchAnswer> =>
  told(() => reader.answer(checkedQuery(query))).catch((error: unknown) => {
    if (!(error instanceof GatewayError)) throw error;
    const { code, message, fix } = error;
    return { error: { code, message, ...(fix !== undefined && { fix }) } };
  });

async function calls(reader: LedgerReader, query: URLSearchParams): Promise<object> {
  const found = await reader.read('calls', {
    filters: readFilters(query.getAll('filter')),
    from: wholeParameter(query, 'from'),
    to: wholeParameter(query, 'to'),
    search: query.get('search') ?? undefined,
    before: query.get('before') ?? undefined,
    limit: wholeParameter(query, 'limit') ?? defaultCalls,
  });
  return { ...found, calls: found.calls.map(shownCall) };
}
const defaultCalls = 100;

async function languages(reader: LedgerReader, query: URLSearchParams): Promise<object> {
  const [from, to] = [wholeParameter(query, 'from'), wholeParameter(query, 'to')];
  const filters = readFilters(query.getAll('filter'));
  const asked = languageQuery({ filters, ...(from !== undefined && { from }), ...(to !== undefined && { to }) });
  return { languages: languageRows(await reader.answer(asked)) };
}

async function oneCall(reader: LedgerReader, { params }: AdminRequest): Promise<object> {
  const call = await reader.read('call', params['id']!);
  if (!call) throw new GatewayError('not_found', `there is no call ${params['id']}`);
  return shownCall(call);
}

async function session(reader: LedgerReader, { params }: AdminRequest): Promise<object> {
  const id = params['id']!;
  const found = await reader.read('session', id);
  if (found.length === 0) throw new GatewayError('not_found', `no call is recorded of the session ${id}`);
  return {
    session: id,
    calls: found.map(shownCall),
    growth: growthOf(found.map(({ record }) => record)),
    isCut: found.length >= callsLimits.sessionCalls,
  };
}

/** Input tokens of each call, and how many more they are than those of the call before. */
function growthOf(records: readonly CallRecord[]): readonly object[] {
  let before = 0;
  return records.map(({ id, at, buckets }) => {
    const inputTokens = inputBuckets.reduce((sum, bucket) => sum + (buckets[bucket] ?? 0), 0);
    const grown = inputTokens - before;
    before = inputTokens;
    return { id, at, inputTokens, grown };
  });
}

/** Who follows at one time, the time between two looks, calls shown of each, and after which silence a sign of life is sent. */
export const tailLimits = { followers: 50, pollMs: 1000, heartbeatMs: 15_000, callsAtOnce: 40 } as const;

/** Calls as they get into the tables, as server-sent events. */
class Tails {
  readonly #reader: LedgerReader;
  #open = 0;

  constructor(reader: LedgerReader) {
    this.#reader = reader;
  }

  async open(query: URLSearchParams): Promise<AdminText> {
    const session = query.get('session') ?? undefined;
    if (this.#open >= tailLimits.followers)
      throw new GatewayError('overloaded', `${tailLimits.followers} clients follow already; close one of them`);
    const { through } = await this.#reader.read('tail', { behind: undefined, limit: 1 });
    return new AdminText('text/event-stream', this.#follow(through, session));
  }

  async *#follow(from: number, session: string | undefined): AsyncGenerator<string> {
    this.#open++;
    try {
      yield 'retry: 2000\n\n';
      let behind = from;
      for (let quietMs = 0; ; quietMs += tailLimits.pollMs) {
        const { calls: found, skipped, through } = await this.#reader.read('tail', { behind, session, limit: tailLimits.callsAtOnce });
        behind = through;
        const events = found.map(({ id, json }) => `event: call\nid: ${id}\ndata: ${json}\n\n`);
        if (skipped > 0) events.unshift(`event: skipped\ndata: {"calls":${skipped}}\n\n`);
        if (events.length > 0) yield events.join('');
        else if (quietMs >= tailLimits.heartbeatMs) yield ': nothing new\n\n';
        if (events.length > 0 || quietMs >= tailLimits.heartbeatMs) quietMs = 0;
        await sleep(tailLimits.pollMs, undefined, { ref: false });
      }
    } catch (error) {
      if (!(error instanceof ReaderError)) throw error; // the gateway stops, or the reader is too busy: the client comes again
    } finally {
      this.#open--;
    }
  }
}

function accepted({ append }: Pick<Ledger, 'append'>, body: unknown): object {
  const feedback = feedbackIn(body, Date.now());
  append(feedback);
  return { id: feedback.id };
}
