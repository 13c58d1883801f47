import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Family } from '../../core/api.ts';
import { promptOf, type MarkTtl, type Prompt, type Segment } from '../prompt/prompt.ts';
import type { CacheOptions } from './options.ts';
import { PrefixStore } from './prefix-store.ts';
import { PromptCache, type InputUsage } from './prompt-cache.ts';

const minute = 60_000;

/** A cache with a clock one can turn; `ask` is one call whose reply begins at once. */
function bench() {
  let now = Date.UTC(2026, 10, 25);
  const cache = new PromptCache(10_000, () => now);
  const ask = (vendor: Family, model: string, prompt: Prompt, options: CacheOptions = {}, credential = 'key'): InputUsage => {
    const { usage, commit } = cache.account(vendor, model, credential, prompt, options);
    commit();
    return usage;
  };
  return { cache, ask, pass: (ms: number) => (now += ms) };
}

const piece = (content: string, tokens: number, mark?: MarkTtl): Segment => ({ content, tokens, ...(mark === undefined ? {} : { mark }) });
const prompt = (...segments: readonly Segment[]): Prompt => promptOf(segments);

// Anthropic
const claude = 'claude-sonnet-5'; // minimum 1,024, lifetime 5 minutes
const marked = prompt(piece('system', 2000, '5m'), piece('hello', 100));

test('Anthropic: a marked prefix is written once, then read', () => {
  const { ask } = bench();
  assert.deepEqual(ask('anthropic', claude, marked), { fresh: 100, read: 0, written: { '5m': 2000 } });
  assert.deepEqual(ask('anthropic', claude, marked), { fresh: 100, read: 2000, written: {} });
});

test('Anthropic: without a mark nothing is cached', () => {
  const { ask } = bench();
  const plain = prompt(piece('system', 2000), piece('hello', 100));
  ask('anthropic', claude, plain);
  assert.deepEqual(ask('anthropic', claude, plain), { fresh: 2100, read: 0, written: {} });
});

for (const [tokens, written] of [
  [1023, {}],
  [1024, { '5m': 1024 }],
] as const)
  test(`Anthropic: a prefix of ${tokens} tokens is ${tokens < 1024 ? 'silently not' : ''} cached`, () => {
    assert.deepEqual(bench().ask('anthropic', claude, prompt(piece('system', tokens, '5m'))).written, written);
  });

test('Anthropic: a read prolongs five minutes; unused they end', () => {
  const { ask, pass } = bench();
  ask('anthropic', claude, marked);
  for (let turn = 0; turn < 3; turn++) {
    pass(4 * minute);
    assert.equal(ask('anthropic', claude, marked).read, 2000);
  }
  pass(5 * minute);
  assert.equal(ask('anthropic', claude, marked).read, 0);
});

test('Anthropic: an hour lasts an hour', () => {
  const { ask, pass } = bench();
  const long = prompt(piece('system', 2000, '1h'));
  assert.deepEqual(ask('anthropic', claude, long).written, { '1h': 2000 });
  pass(59 * minute);
  assert.equal(ask('anthropic', claude, long).read, 2000);
  pass(60 * minute);
  assert.equal(ask('anthropic', claude, long).read, 0);
});

test('Anthropic: writes are split by lifetime, the longer first', () => {
  const both = prompt(piece('system', 2000, '1h'), piece('first', 500), piece('second', 300, '5m'), piece('last', 50));
  assert.deepEqual(bench().ask('anthropic', claude, both), { fresh: 50, read: 0, written: { '1h': 2000, '5m': 800 } });
});

test('Anthropic: a growing conversation reads its old end and writes the new turn', () => {
  const { ask } = bench();
  ask('anthropic', claude, prompt(piece('system', 2000), piece('one', 100, '5m')));
  const usage = ask('anthropic', claude, prompt(piece('system', 2000), piece('one', 100), piece('answer', 40), piece('two', 60, '5m')));
  assert.deepEqual(usage, { fresh: 0, read: 2100, written: { '5m': 100 } });
});

for (const [between, read] of [
  [19, 2000],
  [20, 0],
] as const)
  test(`Anthropic: an old end ${between} blocks before the mark is ${read ? '' : 'not '}found`, () => {
    const { ask } = bench();
    ask('anthropic', claude, prompt(piece('system', 2000, '5m')));
    const blocks = Array.from({ length: between }, (_, at) => piece(`block ${at}`, 10, at === between - 1 ? '5m' : undefined));
    assert.equal(ask('anthropic', claude, prompt(piece('system', 2000), ...blocks)).read, read);
  });

test('Anthropic: what changes early changes everything after it', () => {
  const { ask } = bench();
  ask('anthropic', claude, prompt(piece('tool', 1500), piece('system', 2000, '5m')));
  assert.equal(ask('anthropic', claude, prompt(piece('other tool', 1500), piece('system', 2000, '5m'))).read, 0);
});

// OpenAI up to 5.5
const old = 'gpt-5.5';

for (const [tokens, read] of [
  [1023, 0],
  [1024, 1024],
  [2006, 1920],
] as const)
  test(`OpenAI up to 5.5: of ${tokens} tokens seen before, ${read} are read: steps of 128 from 1,024 on`, () => {
    const { ask } = bench();
    ask('openai', old, prompt(piece('all', tokens)));
    assert.deepEqual(ask('openai', old, prompt(piece('all', tokens))), { fresh: tokens - read, read, written: {} });
  });

test('OpenAI up to 5.5: a long message that goes on differently is read in part', () => {
  const { ask } = bench();
  ask('openai', old, prompt(piece(`${'a'.repeat(8192)}b`, 8193)));
  const { read } = ask('openai', old, prompt(piece(`${'a'.repeat(8192)}c`, 8193)));
  assert.equal(read, 8192);
});

test('OpenAI up to 5.5: ten minutes unused, or a day when asked for', () => {
  for (const [options, readAfterAnHour] of [
    [{}, 0],
    [{ retentionMs: 24 * 60 * minute }, 1920],
  ] as const) {
    const { ask, pass } = bench();
    ask('openai', old, prompt(piece('all', 2000)), options);
    pass(60 * minute);
    assert.equal(ask('openai', old, prompt(piece('all', 2000)), options).read, readAfterAnHour);
  }
});

// OpenAI from 5.6
const sol = 'gpt-5.6-sol';

test('OpenAI from 5.6: implicit mode writes the whole prompt, and reads it in the next turn', () => {
  const { ask } = bench();
  assert.deepEqual(ask('openai', sol, prompt(piece('system', 2000), piece('one', 100))), { fresh: 0, read: 0, written: { '30m': 2100 } });
  const next = prompt(piece('system', 2000), piece('one', 100), piece('answer', 30), piece('two', 50));
  assert.deepEqual(ask('openai', sol, next, { ttl: '12h' }), { fresh: 0, read: 2100, written: { '12h': 80 } });
});

test('OpenAI from 5.6: explicit mode without marks does not cache at all', () => {
  const { ask } = bench();
  ask('openai', sol, prompt(piece('system', 2000)), { mode: 'implicit' });
  assert.deepEqual(ask('openai', sol, prompt(piece('system', 2000)), { mode: 'explicit' }), { fresh: 2000, read: 0, written: {} });
});

test('OpenAI from 5.6: explicit mode writes up to the last mark, by the latest four', () => {
  const { ask } = bench();
  const five = prompt(...[1, 2, 3, 4, 5].map((at) => piece(`block ${at}`, 2000, '30m')), piece('rest', 70));
  assert.deepEqual(ask('openai', sol, five, { mode: 'explicit' }), { fresh: 70, read: 0, written: { '30m': 10_000 } });
  const first = prompt(piece('block 1', 2000, '30m'));
  assert.equal(ask('openai', sol, first, { mode: 'explicit' }).read, 0, 'the oldest of five marks does not count');
});

test('OpenAI from 5.6: thirty minutes unused', () => {
  const { ask, pass } = bench();
  const all = prompt(piece('all', 2000));
  ask('openai', sol, all);
  pass(30 * minute);
  assert.equal(ask('openai', sol, all).read, 0);
});

// Google
test('Gemini: the minimum is the model’s, and writing is free', () => {
  for (const [model, read] of [
    ['gemini-2.5-pro', 3000],
    ['gemini-3.6-flash', 0],
  ] as const) {
    const { ask } = bench();
    assert.deepEqual(ask('google', model, prompt(piece('all', 3000))).written, {});
    assert.equal(ask('google', model, prompt(piece('all', 3000))).read, read);
  }
});

// All
test('caches are apart by model and by credential', () => {
  const { ask } = bench();
  ask('openai', old, prompt(piece('all', 2000)));
  assert.equal(ask('openai', 'gpt-5', prompt(piece('all', 2000))).read, 0);
  assert.equal(ask('openai', old, prompt(piece('all', 2000)), {}, 'another key').read, 0);
  assert.equal(ask('openai', old, prompt(piece('all', 2000))).read, 1920);
});

test('what a call writes is not readable before its reply begins', () => {
  const { cache, ask } = bench();
  const first = cache.account('anthropic', claude, 'key', marked, {});
  assert.equal(cache.account('anthropic', claude, 'key', marked, {}).usage.read, 0);
  first.commit();
  assert.equal(ask('anthropic', claude, marked).read, 2000);
});

test('the parts of the input sum to the prompt, whatever is asked in whatever order', () => {
  const marks = fc.option(fc.constantFrom<MarkTtl>('5m', '1h'), { nil: undefined });
  const segments = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 0, max: 3000 }), marks), {
    minLength: 1,
    maxLength: 12,
  });
  const models = fc.constantFrom(
    ['anthropic', claude] as const,
    ['openai', old] as const,
    ['openai', sol] as const,
    ['google', 'gemini-2.5-pro'] as const,
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(models, segments), { maxLength: 20 }), (calls) => {
      const { ask, pass } = bench();
      for (const [[vendor, model], parts] of calls) {
        const asked = promptOf(parts.map(([content, tokens, mark]) => piece(`${content}${tokens}`, tokens, mark)));
        const { fresh, read, written } = ask(vendor, model, asked);
        const all = Object.values(written).reduce((sum, tokens) => sum + tokens, fresh + read);
        assert.equal(all, asked.tokens);
        assert.ok(fresh >= 0 && read >= 0);
        pass(minute);
      }
    }),
  );
});

test('beyond its limit the least recently used prefix goes', () => {
  const store = new PrefixStore(2, () => 0);
  for (const key of ['one', 'two']) store.put(key, minute);
  store.refresh('one');
  store.put('three', minute);
  assert.deepEqual([store.size, store.has('one'), store.has('two'), store.has('three')], [2, true, false, true]);
});
