import * as z from 'zod';
import { gib, group, hour, mib, minute, option, second, whole } from './option.ts';

/** Names that may stand in SQL as they are. */
const plainName = z.string().regex(/^[A-Za-z_]\w{0,62}$/, 'must be 1 to 63 letters, digits and _, and not begin with a digit');

/** Where the records go that a ClickHouse server answers from. */
export const clickhouseOptions = group('The ClickHouse server that follows the ledger, with `insight.engine: clickhouse`.', {
  url: option(
    z.string().regex(/^https?:\/\/\S+$/, 'must begin with http:// or https://'),
    'Where its HTTP interface is: `https://user:password@host:8443`. Write `${VAR}`, not the password.',
    { secret: true },
  ).optional(),
  database: option(plainName, 'Database of the table `call`; made when it is not there.').default('modicum'),
  cluster: option(
    plainName,
    'A cluster of the server, as its configuration names it: tables are made on all its hosts and replicated. One shard.',
  ).optional(),
  intervalMs: whole('Between two looks for new records.', { unit: 'ms', min: 100, max: minute, default: 2 * second }),
  timeoutMs: whole('How long one statement may take.', { unit: 'ms', min: second, max: hour, default: 30 * second }),
  retentionDays: option(
    z.int().min(1).max(36_500),
    'A month of calls is dropped when it ended this long ago. Left out: kept for ever. `ledger.retentionDays` is for the tables of the gateway.',
    { unit: 'days' },
  ).optional(),
  maxWaitingBytes: whole(
    'Records older than `ledger.retentionDays` are kept while ClickHouse does not have them, compressed, up to this; beyond it the oldest go.',
    { unit: 'bytes', min: mib, max: 1024 * gib, default: 10 * gib },
  ),
});
