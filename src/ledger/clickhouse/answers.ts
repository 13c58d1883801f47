import type { QueryEngine } from '../../analytics/query.ts';
import { ReaderError, readerLimits } from '../query/reader.ts';
import { ClickHouseUnavailableError, connectClickHouse, type ClickHouse, type ClickHouseAddress } from './client.ts';
import { clickHouseEngine } from './source.ts';

/** Answers of a ClickHouse server, with the limits and errors of a reader. @throws {Error} when the package is missing */
export const clickHouseAnswers = async (address: ClickHouseAddress): Promise<QueryEngine> => answersOf(await connectClickHouse(address));

/** The connection is closed with the engine. */
export function answersOf(clickhouse: ClickHouse): QueryEngine {
  const engine = clickHouseEngine(clickhouse);
  let waiting = 0;
  return {
    answer: async (query) => {
      const { maxWaiting } = readerLimits;
      if (waiting >= maxWaiting) throw new ReaderError('busy', `${maxWaiting} questions wait already; try again in a moment`);
      waiting += 1;
      try {
        return await engine.answer(query);
      } catch (error) {
        throw error instanceof ClickHouseUnavailableError ? readerError(error) : error;
      } finally {
        waiting -= 1;
      }
    },
    close: () => clickhouse.close(),
  };
}

/** `TIMEOUT_EXCEEDED` and `TOO_SLOW`. */
const slowCodes: ReadonlySet<string> = new Set(['159', '160']);
/** `UNKNOWN_TABLE` and `UNKNOWN_DATABASE`. */
const emptyCodes: ReadonlySet<string> = new Set(['60', '81']);

function readerError({ code = '', message }: ClickHouseUnavailableError): ReaderError {
  if (slowCodes.has(code) || /^timeout/i.test(message))
    return new ReaderError('slow', 'ClickHouse did not answer in time; ask for a shorter span, fewer dimensions or a filter');
  if (emptyCodes.has(code)) return new ReaderError('failed', 'ClickHouse has no records yet: the gateway could not make its tables');
  return new ReaderError('failed', `ClickHouse could not answer: ${message}`);
}
