/** One step of the schema. A step that has been released never changes: the next one does. */
export interface Migration {
  readonly version: number;
  readonly sql: string;
}

/** Part of migration 3: never changes. */
const rollupColumns = `
  kind INTEGER NOT NULL, at INTEGER NOT NULL, value TEXT NOT NULL, model TEXT NOT NULL,
  calls INTEGER NOT NULL, failures INTEGER NOT NULL, input_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, priced INTEGER NOT NULL,
  cost INTEGER NOT NULL, input_cost INTEGER NOT NULL, cache_read_cost INTEGER NOT NULL, cache_write_cost INTEGER NOT NULL,
  output_cost INTEGER NOT NULL, reasoning_cost INTEGER NOT NULL, estimated INTEGER NOT NULL, task_cost INTEGER NOT NULL,
  user_cost INTEGER NOT NULL, session_cost INTEGER NOT NULL, cache_saved_known INTEGER NOT NULL, cache_saved INTEGER NOT NULL,
  attempts INTEGER NOT NULL, extra_cost INTEGER NOT NULL, duration_us INTEGER NOT NULL, gateway_known INTEGER NOT NULL,
  gateway_us INTEGER NOT NULL, generated_tokens INTEGER NOT NULL, generation_us INTEGER NOT NULL, saved_cost INTEGER NOT NULL,
  saved_tokens INTEGER NOT NULL, scored INTEGER NOT NULL, score_micro INTEGER NOT NULL, priced_score_micro INTEGER NOT NULL,
  scored_cost INTEGER NOT NULL, scored_tokens INTEGER NOT NULL, part_system INTEGER NOT NULL, part_tools INTEGER NOT NULL,
  part_history INTEGER NOT NULL, part_retrieved INTEGER NOT NULL, part_tool_results INTEGER NOT NULL, part_media INTEGER NOT NULL,
  part_user INTEGER NOT NULL,
  latency TEXT NOT NULL, first_byte TEXT NOT NULL,
  PRIMARY KEY (kind, at, value, model)
`;

/**
 * The ledger's tables.
 * `call`: one row a call, holding what reports filter, group and sum by. Its key is the sequence of the journal: appending to a table in
 * the order of its integer key is what SQLite does fastest. `id` is a UUID as 16 bytes. Token columns never overlap; costs are nano-USD.
 * `dimension`: one row for each combination of labels of few values that occurred; `call.dimension` names it.
 * `block`: the lines of the journal, compressed, so that the whole record of a call can be read back. Its times also say which sequences a
 * span of time can lie in, which saves an index over `call.at`.
 * `worker_checkpoint`: as `checkpoint`, of the journals of worker processes. `owner_spent`: what budgets booked, by process life and counter.
 * `rollup_hour`, `rollup_day`: sums over the calls up to `rollup_state.through_sequence`, by one label and model; see query/rollup.ts.
 * `person_day`: the same of users and keys by the day, in few sums. `seen_day`:
 * tasks and sessions by the day. `erasure`: users whose calls were deleted. `sink`: how far another store has the ledger.
 * `call.score_micro`: the newest feedback, in millionths.
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
  {
    version: 3,
    sql: `
ALTER TABLE dimension ADD COLUMN finish_reason TEXT;
ALTER TABLE dimension ADD COLUMN region TEXT;
ALTER TABLE dimension ADD COLUMN language TEXT;
ALTER TABLE dimension ADD COLUMN tier TEXT;
ALTER TABLE dimension ADD COLUMN arm TEXT;
ALTER TABLE dimension ADD COLUMN route TEXT;
ALTER TABLE dimension ADD COLUMN sensitivity TEXT;
ALTER TABLE call ADD COLUMN signals TEXT;
ALTER TABLE call ADD COLUMN saved_cost INTEGER;
ALTER TABLE call ADD COLUMN saved_tokens INTEGER;
ALTER TABLE call ADD COLUMN gateway_us INTEGER;
ALTER TABLE call ADD COLUMN extra_cost INTEGER;
ALTER TABLE call ADD COLUMN score_micro INTEGER;
CREATE INDEX call_session ON call (session) WHERE session IS NOT NULL;
CREATE INDEX call_task ON call (task) WHERE task IS NOT NULL;
CREATE TABLE rollup_hour (${rollupColumns}) WITHOUT ROWID;
CREATE TABLE rollup_day (${rollupColumns}) WITHOUT ROWID;
CREATE TABLE person_day (
  kind INTEGER NOT NULL, day INTEGER NOT NULL, value TEXT NOT NULL,
  calls INTEGER NOT NULL, failures INTEGER NOT NULL, input_tokens INTEGER NOT NULL, cache_read_tokens INTEGER NOT NULL,
  cache_write_tokens INTEGER NOT NULL, output_tokens INTEGER NOT NULL, reasoning_tokens INTEGER NOT NULL, priced INTEGER NOT NULL,
  cost INTEGER NOT NULL, duration_us INTEGER NOT NULL, scored INTEGER NOT NULL, score_micro INTEGER NOT NULL,
  PRIMARY KEY (kind, day, value)
) WITHOUT ROWID;
CREATE TABLE seen_day (
  kind INTEGER NOT NULL, day INTEGER NOT NULL, value TEXT NOT NULL, calls INTEGER NOT NULL,
  PRIMARY KEY (kind, day, value)
) WITHOUT ROWID;
CREATE TABLE rollup_state (one INTEGER PRIMARY KEY CHECK (one = 1), through_sequence INTEGER NOT NULL);
INSERT INTO rollup_state VALUES (1, 0);
`,
  },
  {
    version: 4,
    sql: `
CREATE TABLE erasure (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  at INTEGER NOT NULL,
  user TEXT NOT NULL,
  journal_cleared INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE sink (
  name TEXT PRIMARY KEY,
  ledger TEXT NOT NULL,
  through_sequence INTEGER NOT NULL,
  pending_sequence INTEGER,
  repricing INTEGER NOT NULL,
  erasure INTEGER NOT NULL
) WITHOUT ROWID;
`,
  },
];
