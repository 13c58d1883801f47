import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { signalText } from './signals.ts';

const unknown = signalText('something else');
const guide = (page: string): string => readFileSync(new URL(`../../docs/guide/${page}.md`, import.meta.url), 'utf8');

/** What stands under a heading. */
const section = (text: string, heading: string): string => text.split(/^## /m).find((part) => part.startsWith(`${heading}\n`))!;

test('each signal that the guides name is told in words', () => {
  const named = [
    ...guide('prompt-repair').matchAll(/`(prefix:\w+)`/g),
    ...guide('loops').matchAll(/`(loop:\w+)`/g),
    ...section(guide('analytics'), 'Signals').matchAll(/^\| `(\w+)` +\| [^`]+\|$/gm),
  ].map(([, signal]) => signal!);
  assert.ok(named.length > 25, String(named.length));
  assert.deepEqual(
    named.filter((signal) => signalText(signal) === unknown),
    [],
  );
});

test('a breaker of the prompt cache that nobody named yet is told as what it is', () =>
  assert.match(signalText('prefix:moon_phase').says, /broke the prompt cache/));
