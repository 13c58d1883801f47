/** One step of the schema. A step that has been released never changes: the next one does. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

/**
 * The ledger's tables.
 * `call`: one row a call, holding what reports filter, group and sum by. Its key is the sequence of the journal: appending to a table in
 * the order of its integer key is what SQLite does fastest. `id` is a UUID as 16 bytes. Token columns never overlap; costs are nano-USD.
 * `dimension`: one row for each combination of labels of few values that occurred; `call.dimension` names it.
 * `block`: the lines of the journal, compressed, so that the whole record of a call can be read back. Its times also say which sequences a
 * span of time can lie in, which saves an index over `call.at`.
 * `worker_checkpoint`: as `checkpoint`, of the journals of worker processes. `owner_spent`: what budgets booked, by process life and counter.
 */
export const ledgerMigrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
CREATE TABLE dimension (
  id INTEGER PRIMARY KEY,
  identity TEXT NOT NULL UNIQUE,
  api TEXT, operation TEXT, app TEXT, feature TEXT, team TEXT, client TEXT,
  request_model TEXT, model TEXT, provider TEXT, hosting TEXT, stream INTEGER,
  outcome TEXT, error_code TEXT, usage_source TEXT, price_status TEXT, price_version TEXT
);
CREATE TABLE call (
  sequence INTEGER PRIMARY KEY,
  id BLOB NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  dimension INTEGER NOT NULL,
  key TEXT, user TEXT, session TEXT, task TEXT, tags TEXT,
  status INTEGER NOT NULL,
  flags TEXT,
  input_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL, cache_write_tokens INTEGER NOT NULL,
  output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, unknown_tokens INTEGER NOT NULL,
  cost INTEGER, input_cost INTEGER, cache_read_cost INTEGER, cache_write_cost INTEGER, output_cost INTEGER, reasoning_cost INTEGER,
  parts TEXT,
  attempts INTEGER NOT NULL,
  duration_us INTEGER NOT NULL,
  first_byte_us INTEGER,
  repricing INTEGER, repriced_cost INTEGER, repriced_input_cost INTEGER, repriced_cache_read_cost INTEGER,
  repriced_cache_write_cost INTEGER, repriced_output_cost INTEGER, repriced_reasoning_cost INTEGER
);
CREATE TABLE event (
  sequence INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  type TEXT NOT NULL,
  body TEXT NOT NULL
);
CREATE TABLE block (
  first_sequence INTEGER PRIMARY KEY,
  count INTEGER NOT NULL,
  min_at INTEGER NOT NULL,
  max_at INTEGER NOT NULL,
  encoding INTEGER NOT NULL,
  payload BLOB NOT NULL
);
CREATE INDEX block_max_at ON block (max_at, first_sequence);
CREATE INDEX block_min_at ON block (min_at, first_sequence, count);
CREATE TABLE repricing (
  id INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  since INTEGER, until INTEGER, model TEXT,
  price_versions TEXT NOT NULL,
  calls INTEGER NOT NULL, changed INTEGER NOT NULL,
  before_usd TEXT NOT NULL, after_usd TEXT NOT NULL
);
CREATE TABLE checkpoint (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  segment INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  next_sequence INTEGER NOT NULL
);
INSERT INTO checkpoint VALUES (1, 0, 0, 1);
CREATE TABLE journal_fault (
  segment INTEGER NOT NULL,
  offset INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  reason TEXT NOT NULL,
  found_at INTEGER NOT NULL,
  PRIMARY KEY (segment, offset)
);
`,
  },
  {
    version: 2,
    sql: `
CREATE TABLE worker_checkpoint (
  worker INTEGER PRIMARY KEY,
  segment INTEGER NOT NULL,
  offset INTEGER NOT NULL
);
CREATE TABLE owner_spent (
  owner TEXT NOT NULL,
  counter TEXT NOT NULL,
  spent INTEGER NOT NULL,
  ends_at INTEGER,
  at INTEGER NOT NULL,
  PRIMARY KEY (owner, counter)
) WITHOUT ROWID;
`,
  },
];
