import { existsSync, statSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { linesOf } from '../../audit/read/lines.ts';
import { readAll, type ReadNotes } from '../../audit/read/read.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import type { JsonObject } from '../../core/json.ts';
import { readLedgerCalls } from '../../what-if/from-ledger.ts';
import { callsFromRead } from '../../what-if/from-read.ts';
import type { WhatIf } from '../../what-if/run.ts';
import type { Arguments } from '../arguments.ts';
import { usageError } from '../errors.ts';
import { hasLedger, ledgerDirOf } from '../ledger-dir.ts';
import { samplesDir } from '../replay/recording.ts';
import { selection } from '../report-request.ts';
import type { Terminal } from '../terminal.ts';
import { isConversation, readConversations } from './conversations.ts';

/** What was read, and how. */
export interface Input {
  readonly kind: 'conversations' | 'ledger' | 'logs';
  readonly notes?: ReadNotes;
}

export interface InputOptions {
  readonly given: Arguments;
  readonly terminal: Terminal;
  readonly catalog: Catalog;
  readonly nowMs: number;
  readonly whatIf: Pick<WhatIf, 'see'>;
}

/** Reads what the command line names: a file or folder in any form, or else the ledger. @throws a usage error, or a failure that names the line */
export async function readInput(options: InputOptions): Promise<Input> {
  const { given, terminal } = options;
  const [word] = given.words;
  if (word === undefined) return readLedger(await ledgerDirOf(given, terminal), options);
  if (word === 'samples') return readSampleFiles(options);
  const path = word === '-' ? word : resolve(terminal.cwd, word);
  if (path !== '-' && !existsSync(path)) throw usageError(`replay: there is no ${word}`);
  if (path !== '-' && statSync(path).isDirectory() && hasLedger(path)) return readLedger(path, options);
  if (path !== '-' && (await holdsConversations(path))) return readConversationFile(path, options);
  return readLogs(path, options);
}

/** What is said for conversations that leave it open; other records say it themselves. */
const conversationOptions = ['api', 'model', 'app', 'limit', 'cache'] as const;

function refuseConversationOptions(given: Arguments): void {
  const name = conversationOptions.find((option) => given.text(option) !== undefined || given.flag(option) !== undefined);
  if (name !== undefined) throw usageError(`replay: --${name} is for recorded conversations; calls of this record are as they were`);
}

function readLedger(dir: string, { given, nowMs, whatIf }: InputOptions): Input {
  refuseConversationOptions(given);
  if (!hasLedger(dir)) throw usageError(`replay: there is no ledger in ${dir}; name one with --data, or give a FILE`);
  readLedgerCalls(dir, selection(given, nowMs), (recorded) => whatIf.see(recorded));
  return { kind: 'ledger' };
}

async function readSampleFiles(options: InputOptions): Promise<Input> {
  const names = (await readdir(samplesDir)).filter((name) => name.endsWith('.jsonl')).sort();
  for (const name of names) await readConversationFile(join(fileURLToPath(samplesDir), name), options);
  return { kind: 'conversations' };
}

/** By the first line that is JSON. */
async function holdsConversations(path: string): Promise<boolean> {
  if (statSync(path).isDirectory()) return false;
  for await (const { bytes } of linesOf(path)) {
    try {
      const value = JSON.parse(bytes.toString('utf8')) as JsonObject;
      return value !== null && typeof value === 'object' && isConversation(value);
    } catch {
      return false;
    }
  }
  return false;
}

const nineOClockMs = 9 * 3600 * 1000;
const dayMs = 24 * 3600 * 1000;

/** Where the record tells no times, calls are made from nine o'clock of today on, UTC. */
const startOf = (nowMs: number): number => nowMs - (nowMs % dayMs) + nineOClockMs;

async function readConversationFile(path: string, { given, nowMs, whatIf }: InputOptions): Promise<Input> {
  if (given.text('since') !== undefined || given.text('until') !== undefined)
    throw usageError('replay: conversations hold no times, so --since and --until mean nothing with them');
  const [api, model, app] = ['api', 'model', 'app'].map((name) => given.text(name));
  const options = { api, model, app, cache: given.flag('cache'), limit: given.whole('limit'), startMs: startOf(nowMs) };
  await readConversations(path, options, (call) => whatIf.see({ call }));
  return { kind: 'conversations' };
}

async function readLogs(path: string, { given, terminal, catalog, nowMs, whatIf }: InputOptions): Promise<Input> {
  refuseConversationOptions(given);
  const recordedOf = callsFromRead(catalog, startOf(nowMs));
  const { since, until } = selection(given, nowMs);
  const isTold = terminal.errIsTerminal;
  let told = 0;
  const progress = (bytes: number, of: number): void => {
    if (!isTold || bytes - told < 8_000_000) return;
    told = bytes;
    terminal.err(`\r${Math.floor((100 * bytes) / Math.max(of, bytes))}% read\u001b[K`);
  };
  const notes = await readAll([path], {
    vendorOf: (model) => catalog.vendorOf(model),
    see: (read) => whatIf.see(recordedOf(read)),
    since,
    until,
    progress,
    stdin: process.stdin,
  });
  if (told > 0) terminal.err('\r\u001b[K');
  return { kind: 'logs', notes };
}
