import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import type { BudgetView } from '../src/compose/budget-admin.ts';
import type { ConfigInput } from '../src/config/schema.ts';
import type { CallRecord } from '../src/core/record.ts';
import { createEmulator, type Emulator } from '../src/emulator/emulator.ts';
import type { EmulatorOptions } from '../src/emulator/options.ts';
import { ingest } from '../src/ledger/ingest.ts';
import { tail } from '../src/ledger/calls.ts';
import { startProgram, type Program } from './program.ts';

/** A gateway started by the command line, in processes of its own. */
export interface Served extends Program {
  readonly url: string;
  readonly dataDir: string;
}

export async function emulatorFor(
  t: TestContext,
  options: EmulatorOptions = {},
): Promise<{ readonly emulator: Emulator; readonly url: string }> {
  const emulator = createEmulator(options);
  const { url } = await emulator.listen();
  t.after(() => emulator.close());
  return { emulator, url };
}

/** `name`: of its configuration and its data, in `cwd`. */
export async function serve(t: TestContext, cwd: string, upstream: string, config: Partial<ConfigInput>, name = 'a'): Promise<Served> {
  const providers = { openai: { protocol: 'openai', baseUrl: `${upstream}/v1`, apiKey: 'k' } };
  const whole = { dataDir: name, providers, ...config, server: { port: 0, ...config.server } };
  writeFileSync(join(cwd, `${name}.yaml`), JSON.stringify(whole));
  const program = startProgram(t, ['serve', '--config', `${name}.yaml`], { cwd });
  const url = /http:[^"]+/.exec(await program.seen(/"listening","url":"[^"]+"/))![0];
  return { ...program, url, dataDir: join(cwd, name) };
}

export interface Answer {
  readonly status: number;
  readonly text: string;
}

/** One chat call, read to its end. 0: the connection broke. */
export async function ask(url: string, more: object = {}, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const body = {
    model: 'gpt-5-mini',
    max_completion_tokens: 2000,
    messages: [{ role: 'user', content: 'Tell me about the sea.' }],
    ...more,
  };
  try {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  } catch {
    return { status: 0, text: '' };
  }
}

/** Calls at one time, given to the gateways in turn. */
export const many = (count: number, one: (index: number) => Promise<Answer>): Promise<readonly Answer[]> =>
  Promise.all(Array.from({ length: count }, (_, index) => one(index)));

export async function budgetOf(url: string): Promise<BudgetView> {
  const response = await fetch(`${url}/api/budgets`);
  return ((await response.json()) as { readonly budgets: readonly BudgetView[] }).budgets[0]!;
}

/** All records of a data directory, journals of workers included. */
export function recordsIn(dataDir: string): readonly CallRecord[] {
  ingest(dataDir);
  return tail(dataDir, { limit: 1_000_000 }).map(({ record }) => record);
}

export const spentIn = (dataDir: string): number => recordsIn(dataDir).reduce((sum, { cost }) => sum + (cost.total ?? 0), 0);
