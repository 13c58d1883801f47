import assert from 'node:assert/strict';
import { test } from 'node:test';
import { linesWith, yamlOf } from './yaml.ts';

const text = yamlOf({
  server: { host: '127.0.0.1', limits: { maxBodyBytes: 10 } },
  routes: [],
  providers: { openai: { apiKey: '********' } },
});

test('a configuration reads as YAML, what is empty on its line', () =>
  assert.equal(
    text,
    'server:\n  host: 127.0.0.1\n  limits:\n    maxBodyBytes: 10\nroutes: []\nproviders:\n  openai:\n    apiKey: ********',
  ));

test('found lines stand under what they belong to, and a found part is shown whole', () => {
  assert.equal(linesWith(text, 'BodyBytes'), 'server:\n  limits:\n    maxBodyBytes: 10');
  assert.equal(linesWith(text, 'providers'), 'providers:\n  openai:\n    apiKey: ********');
  assert.equal(linesWith(text, 'nowhere'), '');
  assert.equal(linesWith(text, ' '), text);
});
