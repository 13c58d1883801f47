import assert from 'node:assert/strict';
import { test } from 'node:test';
import { estimateTokens, isBase64 } from './density.ts';
import { countTokens } from './tokenizer.ts';

const texts: Readonly<Record<string, string>> = {
  English: 'The morning boat was late three days in a row, and nobody at the office could say why. '.repeat(4),
  code: 'export function share(total: number, parts: readonly number[]): number[] {\n  const sum = parts.reduce((a, b) => a + b, 0);\n  return parts.map((part) => (total * part) / sum);\n}\n',
  JSON: JSON.stringify(Array.from({ length: 12 }, (_, at) => ({ id: at, name: `boat ${at}`, delayed: at % 2 === 0, at: '2026-03-04' }))),
  Chinese: '我们早上出发的船连续三天晚点，去医院上班的乘客没有赶上公共汽车。请说明潮汐是否能解释这个情况。',
};
const asString = (text: string, print = JSON.stringify) => Buffer.from(print(text));
const ascii = (text: string) =>
  JSON.stringify(text).replaceAll(/[\u0080-\uffff]/g, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);

for (const [what, text] of Object.entries(texts))
  test(`${what} is estimated within 20 %, and the same in ASCII`, () => {
    const estimate = (json: Buffer) => estimateTokens(json, 1, json.length - 1);
    const plain = estimate(asString(text));
    const ratio = plain / countTokens(text);
    assert.ok(ratio > 0.8 && ratio < 1.2, `${ratio}`);
    assert.ok(Math.abs(estimate(asString(text, ascii)) / plain - 1) < 0.01);
  });

test('a window that begins inside an escape skips the rest of it', () => {
  const json = Buffer.from('"\\u4e2d\\u6587"');
  for (let from = 2; from <= 6; from += 1)
    assert.equal(estimateTokens(json, from, json.length - 1), estimateTokens(json, 7, json.length - 1), `from ${from}`);
});

test('an empty window, and one beyond the end, have no tokens to speak of', () => {
  const json = Buffer.from('"abc\\');
  assert.equal(estimateTokens(json, 2, 2), 0);
  assert.ok(Number.isFinite(estimateTokens(json, 1, 5)));
});

const windows: readonly (readonly [string, boolean])[] = [
  [Buffer.from(Uint8Array.from({ length: 36 }, (_, at) => (at * 7919) & 255)).toString('base64'), true],
  ['x'.repeat(48), false],
  ['0123456789abcdef'.repeat(3), false],
  ['The quick brown fox jumps over 13 lazy dogs today', false],
  ['iVBORw0KGgoAAAANSUhEUgAABAAAAAQ', false], // 31 bytes: too few to tell
  ['iVBORw0KGgoAAAANSUhEUgAABAAAAAQA', true],
];
for (const [text, expected] of windows)
  test(`${text.slice(0, 24)}... is ${expected ? '' : 'not '}taken for base64`, () =>
    assert.equal(isBase64(Buffer.from(text), 0, text.length), expected));
