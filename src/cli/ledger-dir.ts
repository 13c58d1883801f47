import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { configuredDataDir } from '../config/data-dir.ts';
import { ledgerPath } from '../ledger/database.ts';
import { journalDir } from '../ledger/segments.ts';
import type { Arguments } from './arguments.ts';
import type { Terminal } from './terminal.ts';

/** The directory of the ledger to read: as given, else as configured. */
export function ledgerDirOf(given: Arguments, { cwd, env }: Terminal): Promise<string> {
  const data = given.text('data');
  if (data !== undefined) return Promise.resolve(resolve(cwd, data));
  return configuredDataDir({ path: given.text('config'), cwd, env });
}

/** Whether anything was ever recorded there. */
export const hasLedger = (dir: string): boolean => existsSync(ledgerPath(dir)) || existsSync(journalDir(dir));
