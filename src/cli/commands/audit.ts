import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createAudit, type AuditResult } from '../../audit/audit.ts';
import { readAll, type ReadNotes } from '../../audit/read/read.ts';
import { auditHtml } from '../audit/html.ts';
import { auditText } from '../audit/text.ts';
import type { Arguments } from '../arguments.ts';
import type { Run } from '../command.ts';
import { catalogForReading } from '../configured-catalog.ts';
import { plainText } from '../figure-text.ts';
import { exitCodes, usageError } from '../errors.ts';
import { selection } from '../report-request.ts';
import type { Terminal } from '../terminal.ts';

/** Findings told in the terminal, unless `--top` says otherwise. */
export const defaultTop = 10;
const progressEveryMs = 250;

/** Reads what people already have, prices it and looks for waste. Nothing recognised is a failure; findings are not. */
export const run: Run = async (given, terminal) => {
  const paths = given.words.map((word) => (word === '-' ? word : resolve(terminal.cwd, word)));
  for (const path of paths) if (path !== '-' && !existsSync(path)) throw usageError(`audit: there is no ${path}`);
  const { result, notes } = await audited(paths, given, terminal);
  if (result.totals.bySource.length === 0) {
    terminal.err(nothingFound(notes));
    return exitCodes.failed;
  }
  const html = given.text('html');
  if (html !== undefined) await writeFile(resolve(terminal.cwd, html), auditHtml(result, notes, new Date()));
  write({ result, notes }, given, terminal);
  if (html !== undefined) terminal.err(`The report is in ${html}\n`);
  return exitCodes.ok;
};

function nothingFound({ files, unknownFiles }: ReadNotes): string {
  const where = unknownFiles.length === 0 ? '' : `: ${unknownFiles.map(plainText).join(', ')}`;
  return [
    `Nothing was recognised in ${files} ${files === 1 ? 'file' : 'files'}${where}\n`,
    'What can be read is in the guide, docs/guide/audit.md. With --since or --until, calls without a time are left out.\n',
    'Conversations without usage get it by `modicum replay FILE`: audit the data directory of the gateway that answered them.\n',
  ].join('');
}

interface Audited {
  readonly result: AuditResult;
  readonly notes: ReadNotes;
}

async function audited(paths: readonly string[], given: Arguments, terminal: Terminal): Promise<Audited> {
  const catalog = await catalogForReading(given, terminal);
  const { since, until } = selection(given, Date.now());
  const audit = createAudit(catalog);
  const progress = progressOf(terminal);
  const vendorOf = (model: string): string | undefined => catalog.vendorOf(model);
  const notes = await readAll(paths, {
    vendorOf,
    see: (call) => audit.see(call),
    since,
    until,
    progress: progress?.show,
    stdin: process.stdin,
  });
  progress?.end();
  return { result: audit.result(), notes };
}

/** One line on a terminal's standard error, written over; none where nobody looks. */
function progressOf({
  err,
  errIsTerminal,
}: Terminal): { readonly show: (bytes: number, of: number) => void; readonly end: () => void } | undefined {
  if (!errIsTerminal) return undefined;
  let shownMs = 0;
  return {
    show: (bytes, of) => {
      const nowMs = performance.now();
      if (nowMs - shownMs < progressEveryMs) return;
      shownMs = nowMs;
      err(`\r${megabytes(bytes)}${of > 0 ? ` of ${megabytes(of)}, ${Math.min(100, Math.floor((100 * bytes) / of))}%` : ''} read\u001b[K`);
    },
    end: () => err(shownMs > 0 ? '\r\u001b[K' : ''),
  };
}

const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`;

function write({ result, notes }: Audited, given: Arguments, terminal: Terminal): void {
  const top = given.whole('top') ?? defaultTop;
  if (!given.flag('json')) return terminal.out(auditText(result, notes, top === 0 ? Infinity : top, terminal));
  const findings = given.text('top') === undefined || top === 0 ? result.findings : result.findings.slice(0, top);
  terminal.out(`${JSON.stringify({ ...result, findings, read: notes })}\n`);
}
