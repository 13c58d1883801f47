import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { isDimension, subjectFinder, type Match, type Who } from './subject.ts';

const who: Who = { labels: { team: 'search', user: 'ann/1', tags: { env: 'prod' } }, key: 'key_1', model: 'gpt-5-mini' };

describe('the counter of a call', () => {
  const cases: readonly (readonly [name: string, match: Match, subject: string | undefined])[] = [
    ['no terms: one for all', {}, 'all'],
    ['a value: one for all who have it', { team: 'search' }, 'all'],
    ['another value', { team: 'ads' }, undefined],
    ['a star: one each', { team: '*' }, 'team=search'],
    ['a star, without the label', { app: '*' }, undefined],
    ['a beginning', { model: 'gpt-5*' }, 'all'],
    ['another beginning', { model: 'claude-*' }, undefined],
    ['several', { team: 'search', key: '*', model: '*' }, 'key=key_1,model=gpt-5-mini'],
    ['several values', { team: 'search', model: 'gpt-5-mini' }, 'all'],
    ['several, one missing', { team: '*', session: '*' }, undefined],
    ['a tag', { 'tag.env': '*' }, 'tag.env=prod'],
    ['a tag that is not there', { 'tag.constructor': '*' }, undefined],
    ['a value that would break an id apart', { user: '*' }, 'user=ann%2F1'],
  ];
  for (const [name, match, subject] of cases) test(name, () => assert.equal(subjectFinder(match)(who), subject));
});

test('two values never share a counter', () => {
  const find = subjectFinder({ user: '*', team: '*' });
  const of = (user: string, team: string) => find({ ...who, labels: { user, team } });
  assert.notEqual(of('a,team=b', 'c'), of('a', 'b,team=c'));
  assert.notEqual(of('a%2C', 'c'), of('a,', 'c'));
});

test('dimensions', () => {
  assert.deepEqual(['app', 'tag.env', 'tag.', 'client', '__proto__'].map(isDimension), [true, true, false, false, false]);
});
