import { setTimeout as sleep } from 'node:timers/promises';
import type { Bytes } from '../../../core/json.ts';
import type { ServedBy } from '../../../core/reply.ts';
import { resultOfLine, type BatchResult } from '../../../protocols/batches/results.ts';
import type { Dialect } from '../../../protocols/dialect.ts';
import { stableId } from '../../../core/id.ts';
import type { Asking, BatchStatus, ClientResult, CrossedApi, ProviderSide } from './batch.ts';
import type { Job } from './jobs.ts';
import { linesIn } from './lines.ts';
import { crossedResult, failedResult, type ResultCrossing } from './result.ts';

/** How long to wait for the ledger before it is asked again. */
const congestionMs = 10;

export interface Reading {
  readonly side: ProviderSide;
  readonly asking: Asking;
  readonly dialect: Dialect;
  readonly clientApi: CrossedApi;
  /** Hears of each result before it is given out. `at`: what it is metered by. */
  readonly meter: (result: BatchResult, servedBy: ServedBy, at: string) => Promise<void>;
  /** Whether to wait: what cannot be recorded is not given out. */
  readonly isCongested: () => boolean;
}

/** The results of a batch as the client's API has them, and at the end those that the provider tells nothing of. `write` leaves out what it has no line for. */
export async function* resultLines(
  job: Job,
  status: BatchStatus,
  reading: Reading,
  write: (result: ClientResult, id: string) => Bytes | undefined,
): AsyncGenerator<Bytes> {
  const seen = new Set<string>();
  for await (const result of resultsOf(job, reading)) {
    seen.add(result.customId);
    const line = write(crossedResult(result, crossingOf(job, reading, result.customId)), idOf(job, result.customId));
    if (line) yield line;
  }
  if (seen.size >= job.total || !reading.side.sent) return;
  for (const sent of await reading.side.sent(job.idThere, reading.asking)) {
    const line = seen.has(sent) ? undefined : write(unanswered(status, crossingOf(job, reading, sent)), idOf(job, sent));
    if (line) yield line;
  }
}

/** A request of which its provider tells nothing: it was not done when the batch ended, or the provider took none of them. */
function unanswered({ end, error = 'the provider did not take the batch' }: BatchStatus, crossing: ResultCrossing): ClientResult {
  const { customId } = crossing;
  if (end === 'cancelled') return { customId, end, status: 499, body: undefined };
  if (end === 'failed') return failedResult({ kind: 'invalid_request', status: 400, message: error }, crossing);
  return { customId, end: 'expired', status: 504, body: undefined };
}

const crossingOf = (job: Job, { side, dialect, clientApi }: Reading, idThere: string): ResultCrossing => ({
  from: job.api,
  to: clientApi,
  dialect,
  customId: side.idHere(idThere),
  requestId: idOf(job, idThere),
  createdAtMs: job.createdAt,
});

/** The same each time the results are read. */
const idOf = ({ id }: Job, idThere: string): string => stableId('batch result', id, idThere);

/** Results as the provider tells them, each metered. */
async function* resultsOf({ idThere }: Job, { side, asking, meter, isCongested }: Reading): AsyncGenerator<BatchResult> {
  for (const { path, id } of await side.results(idThere, asking)) {
    const { bytes, servedBy } = await asking.reply({ method: 'GET', path });
    for await (const line of linesIn(bytes)) {
      const result = resultOfLine(line);
      if (!result) continue;
      while (isCongested()) await sleep(congestionMs);
      await meter(result, servedBy, id);
      yield result;
    }
  }
}
