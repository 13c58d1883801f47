import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Family } from '../core/api.ts';
import { imageTokens, mediaTokens } from './media.ts';

const images: readonly (readonly [Family, number, number, number])[] = [
  ['openai', 1024, 1024, 765],
  ['openai', 2048, 4096, 1105],
  ['openai', 512, 512, 255],
  ['anthropic', 1000, 1000, 1296],
  ['anthropic', 200, 200, 64],
  ['anthropic', 8000, 8000, 1568],
  ['google', 384, 384, 258],
  ['google', 385, 100, 258],
  ['google', 1000, 800, 1032],
];
for (const [family, width, height, tokens] of images)
  test(`${family}: an image of ${width} x ${height} is ${tokens} tokens`, () =>
    assert.equal(imageTokens(family, { width, height }), tokens));

test('low detail is 85 tokens', () => assert.equal(imageTokens('openai', { width: 4000, height: 3000 }, true), 85));

function png(width: number, height: number, bytes = 4000): string {
  const file = Buffer.alloc(bytes, 7);
  Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex').copy(file);
  file.writeUInt32BE(width, 16);
  file.writeUInt32BE(height, 20);
  return file.toString('base64');
}
const tokensOf = (family: Family, block: object): number => {
  const json = Buffer.from(JSON.stringify(block));
  return mediaTokens(family, json, 0, json.length);
};

test('a PNG is weighed by the size in its header, in every protocol', () => {
  assert.equal(tokensOf('openai', { type: 'image_url', image_url: { url: `data:image/png;base64,${png(1024, 1024)}` } }), 765);
  assert.equal(
    tokensOf('openai', { type: 'image_url', image_url: { url: `data:image/png;base64,${png(1024, 1024)}`, detail: 'low' } }),
    85,
  );
  assert.equal(tokensOf('anthropic', { type: 'image', source: { type: 'base64', media_type: 'image/png', data: png(1000, 1000) } }), 1296);
  assert.equal(tokensOf('google', { inlineData: { mimeType: 'image/png', data: png(1000, 800) } }), 1032);
});

test('a header that claims an absurd size is held to the largest side', () => {
  assert.equal(tokensOf('google', { inlineData: { mimeType: 'image/png', data: png(0xffffffff, 1) } }), 258 * Math.ceil(16_384 / 768));
  assert.equal(tokensOf('openai', { type: 'image_url', image_url: { url: `data:image/png;base64,${png(0, 0)}` } }), 255);
});

test('an image only named is a typical one', () => {
  assert.equal(tokensOf('openai', { type: 'image_url', image_url: { url: 'https://example.com/a.jpg' } }), 765);
  assert.equal(tokensOf('google', { fileData: { fileUri: 'https://example.com/a' } }), 1032);
});

test('a larger file of unknown size is a larger image, up to the cap', () => {
  const jpeg = (bytes: number) =>
    tokensOf('anthropic', { type: 'image', source: { type: 'base64', media_type: 'image/jpeg', data: 'x'.repeat(bytes) } });
  assert.ok(jpeg(20_000) < jpeg(100_000));
  assert.equal(jpeg(10_000_000), 1568);
});

test('audio and video are weighed by their seconds, documents by their pages', () => {
  const near = (value: number, expected: number) => assert.ok(Math.abs(value / expected - 1) < 0.01, `${value} for ${expected}`);
  near(tokensOf('google', { inlineData: { mimeType: 'audio/mp3', data: 'x'.repeat((160_000 * 4) / 3) } }), 320);
  near(tokensOf('openai', { type: 'input_audio', input_audio: { data: 'x'.repeat((160_000 * 4) / 3), format: 'mp3' } }), 100);
  near(tokensOf('google', { inlineData: { mimeType: 'video/mp4', data: 'x'.repeat((1_250_000 * 4) / 3) } }), 2630);
  near(
    tokensOf('anthropic', {
      type: 'document',
      source: { type: 'base64', media_type: 'application/pdf', data: 'x'.repeat((200_000 * 4) / 3) },
    }),
    8000,
  );
  assert.equal(tokensOf('openai', { type: 'input_file', file_id: 'file-1' }), 2000);
});
