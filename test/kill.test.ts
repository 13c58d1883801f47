import assert from 'node:assert/strict';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import http from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { test, type TestContext } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CallRecord } from '../src/core/record.ts';
import { createEmulator } from '../src/emulator/emulator.ts';
import { tail } from '../src/ledger/calls.ts';
import { scripted, ways, words } from './calls.ts';
import { filled, temporaryFolder, until } from './harness.ts';

/** 20 for the full run. */
const rounds = Number(process.env['MODICUM_KILL_ROUNDS'] ?? 4);
const concurrency = 8;
const headers = { ...scripted(words(20)), 'anthropic-version': '2023-06-01', 'content-type': 'application/json' };

/** A gateway in a process of its own, by the command line, as a person starts it. */
interface Served {
  readonly url: string;
  kill(): Promise<void>;
}

async function serve(t: TestContext, configPath: string): Promise<Served> {
  const main = join(import.meta.dirname, '../src/cli/main.ts');
  const child = spawn(process.execPath, [main, 'serve', '--config', configPath, '--port', '0'], { stdio: ['ignore', 'ignore', 'pipe'] });
  t.after(() => child.kill('SIGKILL'));
  const url = await listening(child);
  return {
    url,
    kill: async () => {
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    },
  };
}

async function listening(child: ChildProcess): Promise<string> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: child.stderr! })) {
    lines.push(line);
    const { url } = JSON.parse(line) as { readonly url?: string };
    if (url !== undefined) {
      child.stderr!.resume();
      return url;
    }
  }
  throw new Error(`the gateway did not start: ${lines.join('\n')}`);
}

/** Clients that ask without end, until the gateway is gone. */
function load(url: string): { stop(): Promise<void> } {
  const agent = new http.Agent({ keepAlive: true, maxSockets: concurrency });
  let asked = 0;
  const stopping = new AbortController();
  const client = async (): Promise<void> => {
    while (!stopping.signal.aborted) await one(url, agent, asked++);
  };
  const clients = Array.from({ length: concurrency }, client);
  return {
    stop: async () => {
      stopping.abort();
      await Promise.all(clients);
      agent.destroy();
    },
  };
}

function one(url: string, agent: http.Agent, index: number): Promise<void> {
  const way = ways[index % ways.length]!;
  const stream = index % 3 !== 0;
  const request = http.request(`${url}${way.path(stream)}`, { method: 'POST', headers, agent });
  return new Promise((resolve) => {
    request.on('error', () => setTimeout(resolve, 5));
    request.on('response', (response) =>
      response
        .on('error', () => {})
        .on('close', resolve)
        .resume(),
    );
    request.end(JSON.stringify(way.body(stream)));
  });
}

interface Acknowledged {
  /** Records of this process that it said were on disk. */
  count: number;
  /** Records that a report showed. */
  readonly ids: Set<string>;
}

interface Status {
  readonly ledger: { readonly appended: number; readonly queuedBytes: number };
}

/** `undefined`: the gateway is gone. */
async function statusAt(url: string): Promise<Status | undefined> {
  try {
    return (await (await fetch(`${url}/api/status`)).json()) as Status;
  } catch {
    return undefined;
  }
}

/** Asks the gateway and its ledger what is safe, until told to stop. */
function watch(url: string, dataDir: string): { readonly seen: Acknowledged; stop(): Promise<Acknowledged> } {
  const seen: Acknowledged = { count: 0, ids: new Set() };
  const stopping = new AbortController();
  const watching = (async () => {
    while (!stopping.signal.aborted) {
      const status = await statusAt(url);
      if (status?.ledger.queuedBytes === 0) seen.count = Math.max(seen.count, status.ledger.appended);
      for (const { record } of tail(dataDir, { limit: 200 })) seen.ids.add(record.id);
      await sleep(7);
    }
  })();
  return {
    seen,
    stop: async () => {
      stopping.abort();
      await watching;
      return seen;
    },
  };
}

const stored = (dataDir: string): readonly CallRecord[] => tail(dataDir, { limit: 1_000_000 }).map(({ record }) => record);

test(`kill -9 under load, ${rounds} times: what was acknowledged is there exactly once, and the gateway starts again by itself`, async (t) => {
  const folder = await temporaryFolder(t);
  const dataDir = join(folder, 'data');
  const emulator = createEmulator();
  const { url } = await emulator.listen();
  t.after(() => emulator.close());
  const provider = (protocol: string, baseUrl: string) => ({ protocol, baseUrl, apiKey: 'sk-emulator', prices: protocol });
  const providers = { openai: provider('openai', `${url}/v1`), anthropic: provider('anthropic', url), google: provider('google', url) };
  const configPath = join(folder, 'modicum.json');
  await writeFile(configPath, JSON.stringify({ dataDir, providers, logging: { level: 'info', format: 'json' } }));

  let before = new Set<string>();
  for (let round = 0; round < rounds; round += 1) {
    const gateway = await serve(t, configPath);
    const watching = watch(gateway.url, dataDir);
    const loading = load(gateway.url);
    await until(() => watching.seen.count > 0 && watching.seen.ids.size > 0, 'the first record on disk');
    await sleep(Math.random() * 700);
    await gateway.kill();
    const acknowledged = await watching.stop();
    await loading.stop();
    const ids = stored(dataDir).map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length, `round ${round}: an id stands once`);
    assert.deepEqual(
      [...before, ...acknowledged.ids].filter((id) => !ids.includes(id)),
      [],
      `round ${round}: nothing acknowledged is lost`,
    );
    assert.ok(
      ids.length - before.size >= acknowledged.count,
      `round ${round}: ${ids.length - before.size} of ${acknowledged.count} records`,
    );
    before = new Set(ids);
  }

  const last = await serve(t, configPath);
  const report = (await (await fetch(`${last.url}/readyz`)).json()) as { readonly status: string };
  assert.equal(report.status, 'ready');
  await last.kill();
  assertWholeCallsAreBilled(stored(dataDir), emulator.bill().calls);
  t.diagnostic(`${before.size} records of ${emulator.bill().calls.length} billed calls over ${rounds} kills`);
});

/** Each call recorded as whole is on the provider's bill, once, at the same price. */
function assertWholeCallsAreBilled(
  records: readonly CallRecord[],
  bill: ReturnType<ReturnType<typeof createEmulator>['bill']>['calls'],
): void {
  const byId = new Map(bill.map((entry) => [entry.responseId, entry]));
  const whole = records.filter(({ outcome }) => outcome === 'ok');
  assert.equal(new Set(whole.map(({ attempts }) => attempts[0]!.responseId)).size, whole.length, 'no call is recorded twice');
  for (const { attempts, buckets, cost } of whole) {
    const entry = byId.get(attempts[0]!.responseId!)!;
    assert.deepEqual([filled(buckets), cost.total], [filled(entry.buckets), Number(entry.costNanoUsd)]);
  }
}
