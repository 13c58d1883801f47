import assert from 'node:assert/strict';
import { test } from 'node:test';
import { nearest } from './nearest.ts';

const known = ['port', 'host', 'limits', 'adminToken', 'baseUrl'];
const cases: readonly (readonly [word: string, like: string | undefined])[] = [
  ['prot', 'port'],
  ['Port', 'port'],
  ['ports', 'port'],
  ['limit', 'limits'],
  ['admin_token', 'adminToken'],
  ['baseURL', 'baseUrl'],
  ['hots', 'host'],
  ['colour', undefined],
  ['x', undefined],
  ['', undefined],
  ['p'.repeat(100_000), undefined],
];
for (const [word, like] of cases)
  test(`${word.slice(0, 20) || 'nothing'} is like ${like ?? 'none of them'}`, () => assert.equal(nearest(word, known), like));
