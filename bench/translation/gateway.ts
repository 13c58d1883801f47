import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Gateway {
  readonly url: string;
  /** CPU time of all its threads so far, microseconds. Linux only. */
  readonly cpuUs: () => number;
  readonly close: () => Promise<void>;
}

const startMs = 15_000;

/** Modicum as a user runs it, in a process of its own. `nodeFlags` stand before the program, `more` is added to the configuration. @throws when it does not come up */
export async function startGateway(program: string, upstreamPort: number, nodeFlags: readonly string[] = [], more = ''): Promise<Gateway> {
  const folder = mkdtempSync(join(tmpdir(), 'modicum-translation-'));
  const config = join(folder, 'modicum.yaml');
  writeFileSync(config, configOf(upstreamPort) + more);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const child = spawn(
    process.execPath,
    [...nodeFlags, program, 'serve', '--config', config, '--port', String(port), '--data', join(folder, 'data')],
    { stdio: ['ignore', 'ignore', 'inherit'], env: { ...process.env, NODE_ENV: 'production' } },
  );
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const close = async (): Promise<void> => {
    child.kill('SIGTERM');
    await ended;
    rmSync(folder, { recursive: true, force: true });
  };
  for (const lastMs = performance.now() + startMs; !(await isUp(url));) {
    if (performance.now() > lastMs || child.exitCode !== null) {
      await close();
      throw new Error('the gateway did not come up');
    }
    await sleep(50);
  }
  return { url, cpuUs: () => cpuUsOf(child.pid!), close };
}

/** A model name for each provider: which one it is decides whether a call is translated. */
const configOf = (port: number): string => `providers:
  chat: { protocol: openai, baseUrl: 'http://127.0.0.1:${port}/v1', apiKey: sk-bench }
  anthropic: { protocol: anthropic, baseUrl: 'http://127.0.0.1:${port}', apiKey: sk-bench }
  google: { protocol: google, baseUrl: 'http://127.0.0.1:${port}', apiKey: sk-bench }
models:
  at-openai: { provider: chat, model: mock-1, prices: { input: '1', output: '2' } }
  at-anthropic: { provider: anthropic, model: mock-1, prices: { input: '1', output: '2' } }
  at-google: { provider: google, model: mock-1, prices: { input: '1', output: '2' } }
server:
  limits: { shutdownGraceMs: 500 }
logging: { level: warn }
`;

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const isUp = (url: string): Promise<boolean> =>
  fetch(`${url}/healthz`).then(
    ({ ok }) => ok,
    () => false,
  );

const cpuUsOf = (pid: number): number =>
  readdirSync(`/proc/${pid}/task`).reduce((sum, thread) => sum + nanosecondsOf(`/proc/${pid}/task/${thread}/schedstat`) / 1000, 0);

/** Threads end while they are looked at. */
function nanosecondsOf(schedstat: string): number {
  try {
    return Number(readFileSync(schedstat, 'utf8').split(' ')[0]);
  } catch {
    return 0;
  }
}
