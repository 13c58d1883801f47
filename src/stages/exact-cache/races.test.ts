import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { pipeline, type Handler, type Scope } from '../../core/pipeline.ts';
import type { Attempt } from '../../core/record.ts';
import type { Reply } from '../../core/reply.ts';
import type { ReplyStore } from '../../core/stores.ts';
import { testScope } from '../../core/testing.ts';
import { exactCache } from './index.ts';
import { callOf, eventStream, memoryStore, optionsWith, settled, Source, stateOf, textOf } from './testing.ts';

/** A store whose answers and acknowledgements come when a test says so. */
class SlowStore implements ReplyStore {
  readonly #kept = memoryStore();
  readonly gets: (() => void)[] = [];
  readonly puts: (() => void)[] = [];

  /** Answers with what was there when it was asked. */
  async get(key: string): Promise<Uint8Array | undefined> {
    const found = await this.#kept.get(key);
    await new Promise<void>((resolve) => this.gets.push(resolve));
    return found;
  }

  async put(key: string, value: Uint8Array): Promise<void> {
    await new Promise<void>((resolve) => this.puts.push(resolve));
    await this.#kept.put(key, value, 1);
  }

  delete = (key: string): Promise<void> => this.#kept.delete(key);
}

/** Nothing is kept open in the process: all hangs on the store. */
function stand(headers: readonly string[] = eventStream) {
  const store = new SlowStore();
  const source = new Source();
  source.headers = headers;
  const handler = pipeline([exactCache(optionsWith({ store, maxBytes: 0 }))], source.handler);
  return { store, source, ask: asker(handler) };
}

interface Asked {
  readonly scope: Scope;
  readonly reply: Promise<Reply>;
  readonly text: Promise<string>;
}

type Ask = (headers?: Readonly<Record<string, string>>) => Asked;

const asker =
  (handler: Handler): Ask =>
  (headers = {}) => {
    const scope = testScope({ headers: Object.entries(headers).flat() });
    const reply = handler(callOf(), scope);
    return { scope, reply, text: reply.then(textOf) };
  };

async function answer(source: Source, at = 0, over: Partial<Attempt> = {}): Promise<void> {
  source.say('ok', at);
  source.end(at, over);
}

suite('a call that comes when the same one has just ended', () => {
  for (const [name, headers] of [
    ['a stream', eventStream],
    ['a whole reply', ['content-type', 'application/json']],
  ] as const) {
    test(`is answered by it before the meter has said what it used: ${name}`, async () => {
      const { store, source, ask } = stand(headers);
      const first = ask();
      await settled();
      store.gets.shift()!();
      await settled();
      await answer(source); // its only client has all, and nothing is kept yet
      const second = ask();
      assert.equal(await first.text, 'ok');
      assert.equal(await second.text, 'ok');
      assert.deepEqual([source.scopes.length, stateOf(second.scope)], [1, 'hit']);
    });

    test(`is answered by it while the store still writes: ${name}`, async () => {
      const { store, source, ask } = stand(headers);
      const first = ask();
      await settled();
      store.gets.shift()!();
      await settled();
      await answer(source);
      await first.text;
      await settled();
      assert.equal(store.puts.length, 1);
      const second = ask();
      assert.equal(await second.text, 'ok');
      assert.deepEqual([source.scopes.length, store.gets.length], [1, 0]);
    });
  }

  test('is answered by it while the store still looks for what another asked before that one was put there', async () => {
    const { store, source, ask } = stand();
    const first = ask();
    await settled();
    store.gets.shift()!();
    await settled();
    const other = ask({ 'cache-control': 'only-if-cached' });
    await settled();
    await answer(source);
    await first.text;
    await settled();
    store.puts.shift()!();
    await settled();
    assert.equal(await ask().text, 'ok');
    store.gets.shift()!(); // knows nothing of it
    await assert.rejects(other.text, { code: 'not_cached' });
    await settled();
    const late = ask();
    await settled();
    assert.equal(store.gets.length, 1, 'now the store knows it');
    store.gets.shift()!();
    assert.equal(await late.text, 'ok');
    assert.equal(source.scopes.length, 1);
  });

  test('asks the store once for all who want the same', async () => {
    const { store, source, ask } = stand();
    const all = Array.from({ length: 20 }, () => ask());
    await settled();
    assert.equal(store.gets.length, 1);
    store.gets.shift()!();
    await settled();
    await answer(source);
    assert.deepEqual(new Set(await Promise.all(all.map(({ text }) => text))), new Set(['ok']));
    assert.equal(source.scopes.length, 1);
  });

  test('makes the call anew when the one that ended is not kept, and only one of many does', async () => {
    const { store, source, ask } = stand();
    const first = ask();
    await settled();
    store.gets.shift()!();
    await settled();
    await answer(source, 0, { finishReason: 'length' });
    const late = Array.from({ length: 5 }, () => ask());
    await first.text;
    await settled();
    store.gets.shift()!();
    await settled();
    await answer(source, 1);
    assert.deepEqual(new Set(await Promise.all(late.map(({ text }) => text))), new Set(['ok']));
    assert.equal(source.scopes.length, 2);
  });
});
