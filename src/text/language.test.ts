import assert from 'node:assert/strict';
import { test } from 'node:test';
import { languageOf, minLanguageCharacters } from './language.ts';

const texts: readonly (readonly [string, string | undefined])[] = [
  ['Please summarise the attached report in three sentences for the board.', 'en'],
  ['Bitte fasse den beigefügten Bericht in drei Sätzen zusammen.', 'de'],
  ["Merci de résumer le rapport ci-joint en trois phrases pour le conseil d'administration.", 'fr'],
  ['この報告書を三つの文で要約してください。', 'ja'],
  ['请用三句话总结所附的报告。', 'zh'],
  ['Warum wirft das hier einen Fehler?\n```ts\nconst total = items.reduce((sum, item) => sum + item.price, 0);\n```', 'de'],
  ['', undefined],
  ['ok', undefined],
  ['https://example.com/some/long/path', undefined],
];

for (const [text, language] of texts)
  test(`${JSON.stringify(text.slice(0, 40))} is ${language}`, () => assert.equal(languageOf(text), language));

test('a text below the least length has no language', () => {
  assert.equal(languageOf('x'.repeat(minLanguageCharacters - 1)), undefined);
});
