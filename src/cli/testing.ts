import type { TestContext } from 'node:test';
import type { CallRecord } from '../core/record.ts';
import { temporaryDir } from '../ledger/fixtures.ts';
import { openLedger } from '../ledger/ledger.ts';
import { commands } from './commands.ts';
import { runCli } from './run.ts';
import { painter, type Terminal } from './terminal.ts';

export interface Ran {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs a command line as `main.ts` does, and keeps what it writes. */
export async function ran(argv: readonly string[], changes: Partial<Terminal> = {}): Promise<Ran> {
  let out = '';
  let err = '';
  const terminal: Terminal = {
    out: (text) => void (out += text),
    err: (text) => void (err += text),
    paint: painter(false),
    paintErr: painter(false),
    columns: 100,
    isTerminal: false,
    errIsTerminal: false,
    env: {},
    cwd: import.meta.dirname,
    interrupted: () => new AbortController().signal,
    ...changes,
  };
  const code = await runCli(commands, argv, terminal);
  return { code, out, err };
}

/** A ledger with these calls, closed again. */
export async function ledgerWith(context: TestContext, calls: readonly CallRecord[]): Promise<string> {
  const dir = temporaryDir(context);
  const ledger = await openLedger({ dir });
  for (const call of calls) ledger.append(call);
  await ledger.close();
  return dir;
}
