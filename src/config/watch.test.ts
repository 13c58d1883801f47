import assert from 'node:assert/strict';
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test, type TestContext } from 'node:test';
import type { ConfigError } from './config-error.ts';
import type { LoadedConfig } from './load.ts';
import { watchConfig } from './watch.ts';

/** What a watcher told, in order; `next` waits for the next of it. */
async function watching(t: TestContext, options: { readonly debounceMs?: number; readonly pollMs?: number } = {}) {
  const cwd = await mkdtemp(join(tmpdir(), 'modicum-watch-'));
  const write = (text: string) => writeFile(join(cwd, 'modicum.yaml'), text);
  await write('server: { port: 1001 }\n');
  const told: (number | string)[] = [];
  let wake = (): void => {};
  const tell = (what: number | string): void => {
    told.push(what);
    wake();
  };
  const watcher = watchConfig(
    { path: 'modicum.yaml', env: {}, cwd, debounceMs: 10, pollMs: 50, ...options },
    ({ config }: LoadedConfig) => tell(config.server.port),
    ({ message }: ConfigError) => tell(message),
  );
  t.after(async () => {
    watcher.close();
    await rm(cwd, { recursive: true });
  });
  const next = async (): Promise<number | string> => {
    while (told.length === 0)
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    return told.shift()!;
  };
  return { cwd, write, next, told, watcher };
}

test('a bad file is told with its line, the good one after it takes effect', { timeout: 10_000 }, async (t) => {
  const { write, next } = await watching(t);
  await write('server:\n  prot: 1\n');
  assert.equal(await next(), 'modicum.yaml:2:3: server.prot: unknown option; did you mean "port"?');
  await write('server: { port: 1002 }\n');
  assert.equal(await next(), 1002);
});

test('a file put in the place of the old is seen', { timeout: 10_000 }, async (t) => {
  const { cwd, next } = await watching(t);
  await writeFile(join(cwd, 'new'), 'server: { port: 1003 }\n');
  await rename(join(cwd, 'new'), join(cwd, 'modicum.yaml'));
  assert.equal(await next(), 1003);
});

test('a file that is gone or empty is no change; one that comes back is', { timeout: 10_000 }, async (t) => {
  const { cwd, write, next, told } = await watching(t);
  const wait = () =>
    new Promise((resolve) => {
      setTimeout(resolve, 150);
    });
  await rm(join(cwd, 'modicum.yaml'));
  await wait();
  await write('');
  await wait();
  assert.deepEqual(told, []);
  await write('server: { port: 1004 }\n');
  assert.equal(await next(), 1004);
});

test('a file that is being written is not read half', { timeout: 10_000 }, async (t) => {
  const { write, next, told } = await watching(t, { debounceMs: 100, pollMs: 60_000 });
  for (const text of ['', 'server: { port', 'server: { port: 1007 }\n']) await write(text);
  assert.equal(await next(), 1007);
  assert.deepEqual(told, []);
});

test('writes close together are one change', { timeout: 10_000 }, async (t) => {
  const { write, next, told } = await watching(t, { debounceMs: 150, pollMs: 60_000 });
  for (let port = 2001; port <= 2005; port++) await write(`server: { port: ${port} }\n`);
  assert.equal(await next(), 2005);
  assert.deepEqual(told, []);
});

test('polling alone sees a change', { timeout: 10_000 }, async (t) => {
  const { write, next } = await watching(t, { debounceMs: 3_600_000, pollMs: 30 });
  await write('server: { port: 1005 }\n');
  assert.equal(await next(), 1005);
});

test('after close nothing is told', { timeout: 10_000 }, async (t) => {
  const { write, told, watcher } = await watching(t);
  watcher.close();
  await write('server: { port: 1006 }\n');
  await new Promise((resolve) => {
    setTimeout(resolve, 150);
  });
  assert.deepEqual(told, []);
});
