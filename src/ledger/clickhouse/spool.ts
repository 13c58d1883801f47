import type { DatabaseSync } from 'node:sqlite';
import type { Feedback } from '../../core/record.ts';
import { readBatch, type Batch, type PlacedFeedback } from './batch.ts';
import type { ClickHouse } from './client.ts';
import { callRow, costColumns, uuidOf, writtenNames } from './columns.ts';
import { literal } from './condition.ts';
import { correctionsFor, type Wanted } from './corrections.ts';
import { moveCursor, readCursor, type Cursor } from './cursor.ts';
import { idText } from '../row.ts';
import { eraseUser } from './erase.ts';
import { callTable, makeTables } from './schema.ts';

/** Records in one batch: the server makes a part of each, and merges few large ones better than many small ones. */
export const batchRecords = 20_000;
/** Calls corrected at once after a repricing. */
const repricedAtOnce = 5000;

export interface SpoolStep {
  /** Records that were carried over. */
  readonly records: number;
  /** Whether more may wait. */
  readonly more: boolean;
}

/** What tests look into: it runs when a batch is there, and the cursor does not say so yet. */
export type Inserted = () => void;

/**
 * Carries the ledger over to ClickHouse, in the order of the journal, each record exactly once:
 * - where a batch ends is written down before it is sent, so that after a crash the same batch is sent again, with the same token;
 * - each batch first asks which of its ids are there. The token catches what this cannot see: a statement still under way;
 * - the cursor moves when the batch is there.
 * Scores and new prices follow as corrections, which are worked out from what is there, and so may be sent again too.
 */
export class Spool {
  readonly #database: DatabaseSync;
  readonly #clickhouse: ClickHouse;
  readonly #batchRecords: number;
  readonly #inserted: Inserted;
  #hasTables = false;

  constructor(
    database: DatabaseSync,
    clickhouse: ClickHouse,
    options: { readonly batchRecords?: number; readonly inserted?: Inserted } = {},
  ) {
    this.#database = database;
    this.#clickhouse = clickhouse;
    this.#batchRecords = options.batchRecords ?? batchRecords;
    this.#inserted = options.inserted ?? (() => {});
  }

  /** One batch, and what was changed or deleted behind it. @throws when ClickHouse does not take it; to be called again then. */
  async step(): Promise<SpoolStep> {
    if (!this.#hasTables) await makeTables(this.#clickhouse);
    this.#hasTables = true;
    const cursor = readCursor(this.#database);
    const batch = readBatch(this.#database, cursor, this.#batchRecords);
    if (batch) await this.#carry(cursor, batch);
    const more = batch !== undefined && (batch.records >= this.#batchRecords || cursor.pending !== undefined);
    if (!more) await this.#followRepricings();
    await this.#followErasures();
    return { records: batch?.records ?? 0, more };
  }

  /** All there is. */
  async catchUp(): Promise<void> {
    while ((await this.step()).more);
  }

  async #carry(cursor: Cursor, batch: Batch): Promise<void> {
    const { through } = batch;
    if (cursor.pending === undefined) moveCursor(this.#database, { ...cursor, pending: through });
    const token = `${cursor.ledger}:${cursor.through}-${through}`;
    const there = await this.#idsThere(batch);
    const rows = batch.calls.filter(({ id }) => !there.has(id)).map(({ call }) => callRow(call));
    await this.#clickhouse.insert('call', writtenNames, rows, token);
    this.#inserted();
    if (batch.feedback.length > 0) await this.#correct(await this.#scoresOf(batch), `${token}:scores`);
    moveCursor(this.#database, { ...readCursor(this.#database), through, pending: undefined });
  }

  async #idsThere({ calls }: Batch): Promise<ReadonlySet<string>> {
    if (calls.length === 0) return new Set();
    const times = calls.map(({ call }) => call.at);
    const [first, last] = [times.reduce((left, right) => Math.min(left, right)), times.reduce((left, right) => Math.max(left, right))];
    const rows = await this.#clickhouse.rows(`SELECT id FROM ${this.#table}
WHERE at >= fromUnixTimestamp64Milli(${first}, 'UTC') AND at <= fromUnixTimestamp64Milli(${last}, 'UTC')
AND id IN (${calls.map(({ id }) => literal(id)).join(', ')})`);
    return new Set(rows.map(([id]) => id as string));
  }

  get #table(): string {
    return callTable(this.#clickhouse.database);
  }

  async #correct(wanted: ReadonlyMap<string, Wanted>, token: string): Promise<void> {
    await this.#clickhouse.insert('call', writtenNames, await correctionsFor(this.#clickhouse, wanted), token);
  }

  /** What feedback of a batch says in the end, by the id of each call it is about. */
  async #scoresOf({ calls, feedback }: Batch): Promise<ReadonlyMap<string, Wanted>> {
    const places = new Map(calls.map(({ id, place }) => [id, place]));
    const members = await this.#membersOf(feedback);
    const scores = new Map<string, Wanted>();
    for (const { place, feedback: said } of feedback)
      for (const id of idsOf(said, members))
        if ((places.get(id) ?? -1) < place) scores.set(id, { scoreMicro: Math.round(said.score * micro) }); // calls so far
    return scores;
  }

  /** Calls of the tasks and sessions that feedback is about, by their names. */
  async #membersOf(feedback: readonly PlacedFeedback[]): Promise<Members> {
    const members: Members = { task: new Map(), session: new Map() };
    for (const kind of ['task', 'session'] as const) {
      const names = new Set(
        feedback.flatMap(({ feedback: { about } }) => (kind in about ? [(about as Record<string, string>)[kind]!] : [])),
      );
      if (names.size === 0) continue;
      const rows = await this.#clickhouse.rows(
        `SELECT ${kind}, id FROM ${this.#table} WHERE calls = 1 AND ${kind} IN (${[...names].map(literal).join(', ')})`,
      );
      for (const [name, id] of rows as readonly (readonly [string, string])[]) listIn(members[kind], name).push(id);
    }
    return members;
  }

  /** Once the calls that were priced anew are there. */
  async #followRepricings(): Promise<void> {
    const { last } = this.#database.prepare('SELECT coalesce(max(id), 0) AS last FROM repricing').get() as { readonly last: number };
    const { repricing } = readCursor(this.#database);
    if (last <= repricing) return;
    let page = 0;
    for (const wanted of pagesOf(this.#database, repricing))
      await this.#correct(wanted, `${readCursor(this.#database).ledger}:repricing:${repricing}-${last}:${page++}`);
    moveCursor(this.#database, { ...readCursor(this.#database), repricing: last });
  }

  async #followErasures(): Promise<void> {
    const { erasure } = readCursor(this.#database);
    const erasures = this.#database.prepare('SELECT id, at, user FROM erasure WHERE id > ? ORDER BY id').all(erasure);
    for (const { id, at, user } of erasures) {
      await eraseUser(this.#clickhouse, String(user), Number(at));
      moveCursor(this.#database, { ...readCursor(this.#database), erasure: Number(id) });
    }
  }
}

const micro = 1_000_000;

interface Members {
  readonly task: Map<string, string[]>;
  readonly session: Map<string, string[]>;
}

function listIn(lists: Map<string, string[]>, name: string): string[] {
  let list = lists.get(name);
  if (!list) lists.set(name, (list = []));
  return list;
}

function idsOf({ about }: Feedback, { task, session }: Members): readonly string[] {
  if ('call' in about) return [uuidOf(about.call)];
  return ('task' in about ? task.get(about.task) : session.get(about.session)) ?? [];
}

/** Calls whose price is of a later repricing than `after`, with the costs that count now. */
function* pagesOf(database: DatabaseSync, after: number): Generator<ReadonlyMap<string, Wanted>> {
  const page = database.prepare(
    `SELECT sequence, id, ${costColumns.map((name) => `repriced_${name}`).join(', ')} FROM call WHERE repricing > ? AND sequence > ? ORDER BY sequence LIMIT ?`,
  );
  page.setReturnArrays(true);
  for (let last = 0; ;) {
    const rows = page.all(after, last, repricedAtOnce) as unknown as readonly (readonly [number, unknown, ...(number | null)[]])[];
    if (rows.length > 0) yield new Map(rows.map(([, id, ...costs]) => [uuidOf(idText(id)), { costs }]));
    if (rows.length < repricedAtOnce) return;
    last = rows.at(-1)![0];
  }
}
