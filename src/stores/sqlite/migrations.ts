import type { Migration } from '../../ledger/migrations.ts';

/** `share`: what one owner said of one counter, see `memory/book.ts`. `run.clean`: 1 when the last process to write here closed it. */
export const stateMigrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
CREATE TABLE counter (purpose TEXT NOT NULL, id TEXT NOT NULL, spent INTEGER NOT NULL, ends_at INTEGER, PRIMARY KEY (purpose, id)) WITHOUT ROWID;
CREATE TABLE owner (purpose TEXT NOT NULL, id TEXT NOT NULL, expires_at INTEGER NOT NULL, died_at INTEGER, PRIMARY KEY (purpose, id)) WITHOUT ROWID;
CREATE TABLE share (
  purpose TEXT NOT NULL,
  counter TEXT NOT NULL,
  owner TEXT NOT NULL,
  spent INTEGER NOT NULL,
  lease INTEGER NOT NULL,
  open INTEGER NOT NULL,
  PRIMARY KEY (purpose, counter, owner)
) WITHOUT ROWID;
CREATE INDEX share_owner ON share (purpose, owner);
CREATE TABLE run (clean INTEGER NOT NULL);
INSERT INTO run VALUES (1);
CREATE TABLE virtual_key (id TEXT PRIMARY KEY, name TEXT NOT NULL UNIQUE, made_at INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE key_version (version INTEGER NOT NULL);
INSERT INTO key_version VALUES (0);
CREATE TABLE session (id TEXT PRIMARY KEY, value TEXT NOT NULL, ends_at INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX session_end ON session (ends_at);
`,
  },
  {
    version: 2,
    sql: `CREATE TABLE setting (name TEXT PRIMARY KEY, version INTEGER NOT NULL, value TEXT NOT NULL) WITHOUT ROWID;`,
  },
];

/** `used`: a running number of the last use. */
export const cacheMigrations: readonly Migration[] = [
  {
    version: 1,
    sql: `
CREATE TABLE reply (
  number INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  used INTEGER NOT NULL,
  ends_at INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  value BLOB NOT NULL
);
CREATE INDEX reply_end ON reply (ends_at);
CREATE INDEX reply_used ON reply (used, bytes);
`,
  },
];
