import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cloudRoute, shortName } from './route.ts';

const location = '/v1/projects/p/locations/l/publishers';
type Row = readonly [
  path: string,
  expected: readonly [api: string, model: string | undefined, stream: boolean | undefined, errors: string] | undefined,
];
const rows: readonly Row[] = [
  [`${location}/google/models/g:generateContent`, ['google.generate_content', 'g', false, 'google']],
  [`${location}/google/models/g:streamGenerateContent`, ['google.generate_content', 'g', true, 'google']],
  [`${location}/google/models/g:predict`, undefined],
  [`${location}/anthropic/models/c%401:rawPredict`, ['anthropic.messages', 'c@1', false, 'google']],
  [`${location}/anthropic/models/c:streamRawPredict`, ['anthropic.messages', 'c', true, 'google']],
  [`${location}/anthropic/models/c:generateContent`, undefined],
  [`${location}/anthropic/models/count-tokens:rawPredict`, ['anthropic.count_tokens', undefined, undefined, 'google']],
  ['/model/a.b-v1%3A0/invoke', ['anthropic.messages', 'a.b-v1:0', false, 'bedrock']],
  ['/model/m/invoke-with-response-stream', ['anthropic.messages', 'm', true, 'bedrock']],
  ['/model/m/converse', ['bedrock.converse', 'm', false, 'bedrock']],
  ['/model/m/converse-stream', ['bedrock.converse', 'm', true, 'bedrock']],
  ['/model/m/count-tokens', undefined],
  ['/v1/messages', undefined],
];
for (const [path, expected] of rows)
  test(`${path} is ${expected ? expected[0] : "no cloud's"}`, () => {
    const found = cloudRoute('POST', path);
    assert.deepEqual(found && [found.route.api, found.route.model, found.route.stream, found.errors], expected);
    assert.equal(cloudRoute('GET', path), undefined);
  });

test('bodies of Claude name the version, and neither model nor stream', () => {
  const body = cloudRoute('POST', '/model/m/invoke')!.body!;
  assert.deepEqual(body({ anthropic_version: 'bedrock-2023-05-31', max_tokens: 1 }), { max_tokens: 1 });
  assert.throws(() => body({ max_tokens: 1 }), /anthropic_version/);
  assert.throws(() => body({ anthropic_version: 'bedrock-2023-05-31', stream: true }), /stream: Extra inputs/);
});

test('replies name a model without region, vendor and version', () => {
  assert.equal(shortName('us.anthropic.claude-haiku-4-5-20251001-v1:0'), 'claude-haiku-4-5-20251001');
  assert.equal(shortName('anthropic.claude-opus-4-6-v1'), 'claude-opus-4-6');
});
