import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Environment } from './interpolate.ts';
import type { ParsedProvider } from './schema.ts';

/** How long a command that prints a key may take, ms. */
export const keyCommandTimeoutMs = 10_000;
/** Longest key that is read. */
export const maxKeyBytes = 64 * 1024;

/** The key could not be had. `option` is the one at fault; the message holds nothing the file or command said. */
export class SecretError extends Error {
  override readonly name = 'SecretError';
  readonly option: 'apiKeyFile' | 'apiKeyCommand';

  constructor(option: SecretError['option'], message: string, options?: ErrorOptions) {
    super(message, options);
    this.option = option;
  }
}

/** The key of a provider, from wherever it is. `undefined`: it has none. @throws {SecretError} */
export async function keyOf(
  provider: Pick<ParsedProvider, 'apiKey' | 'apiKeyFile' | 'apiKeyCommand'>,
  dir: string,
  environment: Environment,
  timeoutMs = keyCommandTimeoutMs,
): Promise<string | undefined> {
  if (provider.apiKeyFile !== undefined) return checked('apiKeyFile', await fromFile(resolve(dir, provider.apiKeyFile)));
  if (provider.apiKeyCommand !== undefined)
    return checked('apiKeyCommand', await fromCommand(provider.apiKeyCommand, { cwd: dir, env: environment, timeout: timeoutMs }));
  return provider.apiKey;
}

function checked(option: SecretError['option'], text: string): string {
  const key = text.trim();
  if (key === '') throw new SecretError(option, 'gives an empty key');
  if (key.length > maxKeyBytes || !/^[\x21-\x7e]+$/.test(key))
    throw new SecretError(option, 'gives something other than one line with a key');
  return key;
}

async function fromFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw new SecretError('apiKeyFile', `the file cannot be read (${codeOf(cause)})`, { cause });
  }
}

interface CommandOptions {
  readonly cwd: string;
  readonly env: Environment;
  /** ms */
  readonly timeout: number;
}

async function fromCommand([program, ...words]: readonly string[], options: CommandOptions): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(program!, words, { ...options, maxBuffer: maxKeyBytes });
    return stdout;
  } catch (cause) {
    throw new SecretError('apiKeyCommand', `the command failed (${codeOf(cause)})`, { cause });
  }
}

function codeOf(error: unknown): string {
  const { code, signal } = error as { readonly code?: string | number | null; readonly signal?: string | null };
  if (typeof code === 'number') return `exit code ${code}`;
  return code ?? (signal ? 'it took too long' : 'unknown error');
}
