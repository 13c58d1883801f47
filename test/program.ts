import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

const main = join(import.meta.dirname, '../src/cli/main.ts');

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A command line in a process of its own. */
export interface Program {
  readonly child: ChildProcess;
  /** The first match in what it has written, or writes yet. @throws when it ends before */
  readonly seen: (pattern: RegExp) => Promise<string>;
  readonly ended: Promise<Ended>;
}

export interface ProgramOptions {
  /** Beside a bare environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd: string;
  readonly program?: string;
}

/** Starts the program with a bare environment: no keys, no colours. It is killed when the test ends. */
export function startProgram(context: TestContext, argv: readonly string[], { cwd, env, program = main }: ProgramOptions): Program {
  const child = spawn(process.execPath, [program, ...argv], {
    cwd,
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  context.after(() => void child.kill('SIGKILL'));
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, out, err }));
  return {
    child,
    ended,
    async seen(pattern) {
      for (;;) {
        const [found] = pattern.exec(out + err) ?? [];
        if (found !== undefined) return found;
        const over = await Promise.race([ended, once(child.stdout, 'data'), once(child.stderr, 'data')]);
        if ('code' in over && !pattern.test(out + err)) throw new Error(`ended with ${over.code} before ${pattern}:\n${out}${err}`);
      }
    },
  };
}

/** A working folder that goes when the test ends. */
export function workingFolder(context: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'modicum-program-'));
  context.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}
