import { priceAttempt } from '../../catalog/attempt.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { Attempt, CallRecord, Cost } from '../../core/record.ts';
import { reprice, type Repricing } from '../../ledger/reprice.ts';
import { summed } from '../../stages/account/sum.ts';
import type { Run } from '../command.ts';
import { configuredCatalog } from '../configured-catalog.ts';
import { exitCodes } from '../errors.ts';
import { countText, usdDecimals, usdText } from '../figure-text.ts';
import { hasLedger, ledgerDirOf } from '../ledger-dir.ts';
import { asUsage, selection } from '../report-request.ts';

/** Prices recorded calls by what the catalog and the configuration say now. */
export const run: Run = async (given, terminal) => {
  const { since, until } = selection(given, Date.now());
  const model = given.text('model');
  const dryRun = given.flag('dry-run') === true;
  const dir = await ledgerDirOf(given, terminal);
  const catalog = await configuredCatalog(given, terminal);
  if (!hasLedger(dir)) {
    terminal.err(`No calls are recorded in ${dir} yet.\n`);
    return exitCodes.ok;
  }
  const request = {
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(model !== undefined && { model }),
    dryRun,
  };
  const result = asUsage(() => reprice(dir, { ...request, price: (record) => priceRecord(catalog, record) }));
  terminal.out(given.flag('json') ? `${JSON.stringify(result)}\n` : repricedText(result, dryRun));
  return exitCodes.ok;
};

/** The cost of a call at the prices of its own time, as the catalog has them now. */
export const priceRecord = (catalog: Catalog, record: CallRecord): Cost =>
  record.attempts.length === 0
    ? record.cost
    : summed(record.attempts.map((attempt) => ({ ...attempt, cost: attemptCost(catalog, attempt) }))).cost;

/** What told no usage, or is free, has no price that could change. */
function attemptCost(catalog: Catalog, attempt: Attempt): Cost {
  const { usage, cost, model, requestModel } = attempt;
  if (usage === undefined || cost.status === 'free' || cost.status === 'unmetered') return cost;
  // The tier the client asked for is not recorded, only that it was priced by it.
  if (cost.flags.some((flag) => flag === 'tier_from_request')) return cost;
  return priceAttempt(catalog, { ...attempt, usage, model: model ?? requestModel });
}

function repricedText(result: Repricing, dryRun: boolean): string {
  const { calls, changed, beforeUsd, afterUsd, differenceUsd, unpricedBefore, unpricedAfter, priceVersions } = result;
  const decimals = usdDecimals([beforeUsd, afterUsd]);
  const signed = differenceUsd.startsWith('-') || Number(differenceUsd) === 0 ? '' : '+';
  return [
    `${countText(calls)} calls, ${countText(changed)} with another cost than before${dryRun ? '; nothing was stored (--dry-run)' : ''}.`,
    `before      ${usdText(beforeUsd, decimals)}`,
    `after       ${usdText(afterUsd, decimals)}`,
    `difference  ${signed}${usdText(differenceUsd, usdDecimals([differenceUsd]))}`,
    ...(unpricedBefore + unpricedAfter > 0 ? [`unpriced    ${unpricedBefore} before, ${unpricedAfter} after`] : []),
    `prices      ${priceVersions.join(', ') || 'none'}`,
    '',
  ].join('\n');
}
