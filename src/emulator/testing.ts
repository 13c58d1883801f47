import { createEmulator, type Emulator } from './emulator.ts';
import type { EmulatorOptions } from './options.ts';
import type { RateStrings } from './bill/rates.ts';

/** Rates of the tests: every model, 1 USD per million of anything read, 10 of output. */
export const testRates: RateStrings = { input: '1', cacheRead: '0.1', cacheWrite: '1.25', cacheWrite1h: '2', output: '10' };

export interface Running {
  readonly emulator: Emulator;
  readonly url: string;
  readonly post: (path: string, body: unknown, headers?: Readonly<Record<string, string>>) => Promise<Response>;
}

/** Runs `use` against an emulator of its own and closes it. */
export async function withEmulator(options: EmulatorOptions, use: (running: Running) => Promise<void>): Promise<void> {
  const emulator = createEmulator({ rates: () => testRates, ...options });
  const { url } = await emulator.listen();
  const post: Running['post'] = (path, body, headers = {}) =>
    fetch(url + path, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
  try {
    await use({ emulator, url, post });
  } finally {
    await emulator.close();
  }
}

/** The `data:` of each event, parsed; `[DONE]` stays text. */
export function eventsOf(text: string): readonly Record<string, unknown>[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('data: '))
    .map((line) => line.slice(6))
    .map((data) => (data === '[DONE]' ? { done: true } : (JSON.parse(data) as Record<string, unknown>)));
}
