import { setTimeout as sleep } from 'node:timers/promises';
import type { CallRecord } from '../../core/record.ts';
import { eachCall, tail, type StoredCall } from '../../ledger/calls.ts';
import { usd } from '../../ledger/money.ts';
import { withLedger } from '../../ledger/report.ts';
import type { Run } from '../command.ts';
import { exitCodes } from '../errors.ts';
import { hasLedger, ledgerDirOf } from '../ledger-dir.ts';
import { asUsage, selection } from '../report-request.ts';
import type { Terminal } from '../terminal.ts';
import { callLine } from '../call-line.ts';
import { self } from '../version.ts';

/** Between two looks at the ledger. */
const pollMs = 500;
/** Calls fetched at a look; more come with the next one. */
const batch = 1000;
const defaultLast = 20;

type Selection = ReturnType<typeof selection>;

/** Prints the newest calls, then each new one, until ctrl-C. */
export const run: Run = async (given, terminal) => {
  const selected = selection(given, Date.now());
  const follow = given.flag('follow') ?? true;
  const dir = await ledgerDirOf(given, terminal);
  const interrupted = follow ? terminal.interrupted() : undefined;
  const show = given.flag('json')
    ? (call: StoredCall) => `${JSON.stringify(jsonOf(call))}\n`
    : (call: StoredCall) => lineOf(call, terminal);
  if (!hasLedger(dir)) terminal.err(`No calls are recorded in ${dir} yet; \`${self} serve\` starts the gateway.\n`);
  const first = hasLedger(dir) ? asUsage(() => newest(dir, given.whole('limit'), selected)) : [];
  for (const call of first) terminal.out(show(call));
  if (interrupted) await following(dir, first.at(-1)?.record.id, { selected, interrupted, show: (call) => terminal.out(show(call)) });
  return exitCodes.ok;
};

/** With a time: all calls of it, or the last `limit` of them; else the last ones. */
function newest(dir: string, limit: number | undefined, { since, until, filters }: Selection): readonly StoredCall[] {
  if (limit === 0) return [];
  if (since === undefined && until === undefined) return tail(dir, { limit: limit ?? defaultLast, filters: filters ?? {} });
  const calls = withLedger(dir, (database) => [...eachCall(database, { since, until, filters })]);
  return limit === undefined ? calls : calls.slice(-limit);
}

interface Following {
  readonly selected: Selection;
  readonly interrupted: AbortSignal;
  readonly show: (call: StoredCall) => void;
}

async function following(dir: string, last: string | undefined, { selected, interrupted, show }: Following): Promise<void> {
  const filters = selected.filters ?? {};
  let after = last ?? newestId(dir);
  while (!interrupted.aborted) {
    await sleep(pollMs, undefined, { signal: interrupted }).catch(() => {});
    if (interrupted.aborted || !hasLedger(dir)) continue;
    const calls = after === undefined ? tail(dir, { limit: batch, filters }) : tail(dir, { after, limit: batch, filters });
    calls.forEach(show);
    after = calls.at(-1)?.record.id ?? after;
  }
}

/** Where to go on from, though no call was shown. */
const newestId = (dir: string): string | undefined => (hasLedger(dir) ? tail(dir, { limit: 1 }).at(-1)?.record.id : undefined);

/** A record with the cost that counts now, as an exact decimal. */
function jsonOf({ record, repriced }: StoredCall): CallRecord & { readonly costUsd: string | null } {
  const total = repriced ? repriced.cost : record.cost.total;
  return { ...record, costUsd: total === null ? null : usd(BigInt(total)) };
}

const lineOf = ({ record, repriced }: StoredCall, { paint }: Terminal): string =>
  `${callLine(record, repriced ? repriced.cost : record.cost.total, paint)}\n`;
