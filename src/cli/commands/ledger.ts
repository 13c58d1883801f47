import { connectClickHouse, ClickHouseUnavailableError, type ClickHouseAddress } from '../../ledger/clickhouse/client.ts';
import { eraseUser } from '../../ledger/clickhouse/erase.ts';
import { eraseUserFrom, heldOf, type Erased } from '../../ledger/erase.ts';
import type { Run } from '../command.ts';
import { exitCodes, usageError } from '../errors.ts';
import { countText } from '../figure-text.ts';
import { hasLedger, ledgerDirOf } from '../ledger-dir.ts';
import { configuredClickHouse } from '../query-answer.ts';

/** Deletes what is recorded of a user. */
export const run: Run = async (given, terminal) => {
  const [act] = given.words;
  const user = given.text('user');
  if (act !== 'delete') throw usageError(`ledger: "${act}" is not delete`);
  if (user === undefined || user === '') throw usageError('ledger delete: --user names whose calls go');
  const dir = await ledgerDirOf(given, terminal);
  if (!hasLedger(dir)) {
    terminal.err(`No calls are recorded in ${dir}.\n`);
    return exitCodes.failed;
  }
  const print = (result: object, text: string): void => terminal.out(given.flag('json') ? `${JSON.stringify(result)}\n` : text);
  if (given.flag('dry-run')) {
    const calls = heldOf(dir, user);
    print({ user, calls, dryRun: true }, `${countText(calls)} calls of ${user} would go (--dry-run).\n`);
    return exitCodes.ok;
  }
  const now = Date.now();
  const address = await configuredClickHouse(given, terminal);
  const erased = eraseUserFrom(dir, user, now);
  const clickhouse = address && (await eraseThere(address, user, now));
  print({ user, ...erased, ...(clickhouse && { clickhouse }) }, erasedText(user, erased, clickhouse));
  return clickhouse?.deleted === false ? exitCodes.unreachable : exitCodes.ok;
};

interface ErasedThere {
  readonly deleted: boolean;
  readonly reason?: string;
}

/** At once, so that it can be told; the gateway does it again behind records that are still on their way. */
async function eraseThere(address: ClickHouseAddress, user: string, now: number): Promise<ErasedThere> {
  const clickhouse = await connectClickHouse(address);
  try {
    await eraseUser(clickhouse, user, now);
    return { deleted: true };
  } catch (error) {
    if (!(error instanceof ClickHouseUnavailableError)) throw error;
    return { deleted: false, reason: error.message };
  } finally {
    await clickhouse.close();
  }
}

function erasedText(user: string, { calls, events, bodies }: Erased, clickhouse: ErasedThere | undefined): string {
  const there =
    clickhouse &&
    (clickhouse.deleted
      ? 'ClickHouse: deleted.'
      : `ClickHouse: not yet (${clickhouse.reason}); the gateway deletes it there when it is back.`);
  return [
    `${countText(calls)} calls of ${user} were deleted, ${countText(events)} events about them, ${countText(bodies)} stored bodies.`,
    ...(there ? [there] : []),
    'The gateway deletes the copies in its journal within minutes, or after its next start.',
    '',
  ].join('\n');
}
