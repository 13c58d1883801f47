import assert from 'node:assert/strict';
import { test } from 'node:test';
import { matcherOf, type MatchRule } from './match.ts';

const cases: readonly (readonly [rule: MatchRule, name: string, matches: boolean])[] = [
  [{ equals: 'GPT-5' }, 'gpt-5', true],
  [{ equals: 'gpt-5' }, 'gpt-5-mini', false],
  [{ starts_with: 'Claude-' }, 'claude-opus-5', true],
  [{ starts_with: 'claude-' }, 'my-claude-', false],
  [{ ends_with: '-Latest' }, 'mistral-latest', true],
  [{ ends_with: '-latest' }, '-latest-1', false],
  [{ contains: 'Gemini' }, 'models/gemini-2.5', true],
  [{ contains: 'gemini' }, 'gemma', false],
  [{ regex: '^o[134]' }, 'o3-mini', true],
  [{ regex: '^o[134]' }, 'o2', false],
  [{ or: [{ equals: 'a' }, { equals: 'b' }] }, 'b', true],
  [{ or: [{ equals: 'a' }, { equals: 'b' }] }, 'c', false],
  [{ or: [] }, '', false],
  [{ and: [{ contains: 'a' }, { contains: 'b' }] }, 'ab', true],
  [{ and: [{ contains: 'a' }, { contains: 'b' }] }, 'a', false],
];

for (const [rule, name, matches] of cases)
  test(`${JSON.stringify(rule)} ${matches ? 'matches' : 'does not match'} ${JSON.stringify(name)}`, () =>
    assert.equal(matcherOf(rule)(name), matches));
