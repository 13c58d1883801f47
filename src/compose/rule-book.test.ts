import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { LogFields } from '../core/log.ts';
import type { SettingStore } from '../core/stores.ts';
import { createMemorySettings } from '../stores/memory/settings.ts';
import { maxStoredRules, RuleBook } from './rule-book.ts';
import { merged } from './rules.ts';

interface Named {
  readonly name: string;
}
const read = (value: unknown): Named => {
  if (typeof (value as Named).name !== 'string') throw new Error('no rule');
  return value as Named;
};

function bookOn(store: SettingStore, logged: string[] = []): RuleBook<Named> {
  const say = (message: string, fields?: LogFields): void => void logged.push([message, fields?.['error']].filter(Boolean).join(': '));
  const log = { debug: say, info: say, warn: say, error: say };
  return new RuleBook<Named>({ store, kind: 'things', read, refreshMs: 5, log });
}
const named = (...names: readonly string[]): readonly Named[] => names.map((name) => ({ name }));
const adding =
  (name: string) =>
  (rules: readonly Named[]): readonly Named[] => [...rules, { name }];

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 5));
}

suite('rules made by command', () => {
  test('are there for other processes after one look, and after a restart', async () => {
    const store = createMemorySettings();
    const [first, second] = [await bookOn(store).open(), await bookOn(store).open()];
    await first.change(adding('a'));
    assert.deepEqual(first.rules, named('a'));
    await until(() => second.rules.length === 1);
    assert.deepEqual((await bookOn(store).open()).rules, named('a'));
    first.close();
    second.close();
  });

  test('of many that are added at once by two processes, none is lost', async () => {
    const store = createMemorySettings();
    const books = [bookOn(store), bookOn(store)];
    await Promise.all(Array.from({ length: 10 }, (_, index) => books[index % 2]!.change(adding(`r${index}`))));
    await Promise.all(books.map((book) => book.refresh()));
    for (const { rules } of books) assert.equal(new Set(rules.map(({ name }) => name)).size, 10);
  });

  test('are the same list until something changes', async () => {
    const book = bookOn(createMemorySettings());
    await book.change(adding('a'));
    const { rules } = book;
    await book.refresh();
    assert.equal(book.rules, rules);
  });

  test('are as many as the limit and no more', async () => {
    const book = bookOn(createMemorySettings());
    const all = Array.from({ length: maxStoredRules }, (_, index) => ({ name: `r${index}` }));
    await book.change(() => all);
    await assert.rejects(book.change(adding('one more')), { code: 'invalid_request' });
    assert.equal(book.rules.length, maxStoredRules);
  });

  test('stay while the store is away, which is said once, and again when it is back', async () => {
    const kept = createMemorySettings();
    let isAway = false;
    const away = async (): Promise<never> => Promise.reject(new Error('away'));
    const logged: string[] = [];
    const book = bookOn({ ...kept, version: (name) => (isAway ? away() : kept.version(name)) }, logged);
    await book.change(adding('a'));
    await book.open();
    isAway = true;
    await until(() => logged.length === 1);
    assert.deepEqual(book.rules, named('a'));
    isAway = false;
    await until(() => logged.length === 2);
    assert.deepEqual(logged, ['things made by command cannot be read; those known go on: away', 'things made by command are read again']);
    book.close();
  });

  test('that cannot be read keep a gateway from starting: it would serve without its guards', async () => {
    const store = createMemorySettings();
    await store.write('things', '[{"nom":"a"}]', 0);
    await assert.rejects(bookOn(store).open(), /no rule/);
  });
});

test('a name of the configuration hides that of a command, and what was made of rules is kept until they change', async () => {
  const book = bookOn(createMemorySettings());
  const made: (readonly Named[])[] = [];
  const rules = merged(named('a', 'b'), book, (some) => (made.push(some), some));
  assert.deepEqual(rules(), named('a', 'b'));
  await book.change(() => named('b', 'c'));
  assert.deepEqual(rules(), named('a', 'b', 'c'));
  assert.equal(rules(), rules());
  assert.deepEqual(made, [named('a', 'b'), named('c')]);
});
