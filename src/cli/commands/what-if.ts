import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { catalogOf } from '../../compose/catalog.ts';
import { createRehearsal } from '../../compose/rehearsal.ts';
import { createWhatIf, type WhatIf } from '../../what-if/run.ts';
import type { Arguments } from '../arguments.ts';
import { exitCodes, usageError, type ExitCode } from '../errors.ts';
import { progressOf } from '../replay/progress.ts';
import type { Terminal } from '../terminal.ts';
import { whatIfConfigs } from '../what-if/configs.ts';
import { whatIfHtml } from '../what-if/html.ts';
import { readInput, type Input } from '../what-if/input.ts';
import { whatIfText } from '../what-if/text.ts';
import { noteLines, passedText, type Told } from '../what-if/words.ts';

const sendingOptions = ['url', 'stream', 'concurrency'] as const;

/** Prices a recording under a policy, without calling anyone. Nothing that could be rehearsed is a failure. */
export async function runWhatIf(policyPath: string, given: Arguments, terminal: Terminal): Promise<ExitCode> {
  const sending = sendingOptions.find((name) => given.text(name) !== undefined || given.flag(name) !== undefined);
  if (sending !== undefined) throw usageError(`replay: --${sending} is for sending; with --what-if nothing is sent`);
  const configs = await whatIfConfigs({ configPath: given.text('config'), policyPath }, terminal);
  const catalog = catalogOf(configs.before);
  const signal = terminal.interrupted();
  const progress = lazyProgress(terminal);
  const whatIf = createWhatIf({
    ...configs,
    ablation: given.flag('stages') === true,
    open: createRehearsal,
    signal,
    progress: progress.step,
  });
  try {
    const input = await readInput({ given, terminal, catalog, nowMs: Date.now(), whatIf });
    if (whatIf.size === 0) return nothingToRehearse(whatIf, input, terminal);
    const result = await whatIf.run();
    progress.end();
    if (signal.aborted) return exitCodes.interrupted;
    await write({ result, input, policy: configs.policy, pricesAsOf: catalog.asOf }, given, terminal);
    return exitCodes.ok;
  } finally {
    whatIf.close();
  }
}

/** Begins when it is known how many calls there are. */
function lazyProgress({ errIsTerminal, err }: Terminal): { readonly step: (done: number, of: number) => void; readonly end: () => void } {
  let progress: ReturnType<typeof progressOf> | undefined;
  return {
    step: (_, of) => {
      progress ??= progressOf({ total: of, what: 'calls', isTerminal: errIsTerminal, write: err });
      progress.step(false);
    },
    end: () => progress?.end(),
  };
}

function nothingToRehearse(whatIf: WhatIf, { kind }: Input, { err }: Terminal): ExitCode {
  const passed = whatIf.passedOver();
  err(`There is nothing to rehearse.\n${passed.map((each) => `${passedText(each)}\n`).join('')}`);
  const isWithoutContent = passed.some(({ reason }) => reason === 'no_content');
  if (kind === 'ledger' && isWithoutContent)
    err(
      'The ledger keeps no bodies unless told to: set `ledger.bodies.store: on` in the configuration; calls from then on can be rehearsed.\n',
    );
  if (kind === 'logs') err('What can be read is in the guide, docs/guide/what-if.md.\n');
  return exitCodes.failed;
}

async function write(told: Told, given: Arguments, terminal: Terminal): Promise<void> {
  const html = given.text('html');
  if (html !== undefined) await writeFile(resolve(terminal.cwd, html), whatIfHtml(told, new Date()));
  const { result, input, pricesAsOf } = told;
  terminal.out(
    given.flag('json')
      ? `${JSON.stringify({ ...result, source: input.kind, pricesAsOf, notes: noteLines(told) })}\n`
      : whatIfText(told, terminal),
  );
  if (html !== undefined) terminal.err(`The report is in ${html}\n`);
}
