import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { atAnthropic } from './at-anthropic.ts';
import { atOpenai } from './at-openai.ts';
import { maxRequests } from './batch.ts';
import { crossedLines, requestInList, requestOnLine, type Making, type Request } from './making.ts';

const making: Making = {
  from: 'openai.chat',
  side: atAnthropic,
  provider: 'far',
  placeOf: (model) => ({ provider: 'far', model: `far-${model}` }),
  abilitiesOf: () => undefined,
  headers: [],
};
const body = { model: 'm', messages: [{ role: 'user', content: 'One' }] };
const many = (count: number): readonly Request[] => Array.from({ length: count }, (_, at) => ({ customId: `r${at}`, body }));

describe('requests of a batch that crosses', () => {
  test('are written in the provider’s API, under its name of the model', async () => {
    const { lines, dropped } = await crossedLines([{ customId: 'r', body: { ...body, stream: true, seed: 1, max_tokens: 5 } }], making);
    assert.equal(lines[0]!.customId, 'r');
    assert.deepEqual(JSON.parse(lines[0]!.body.toString()), {
      model: 'far-m',
      max_tokens: 5,
      messages: [{ role: 'user', content: 'One' }],
    });
    assert.deepEqual(
      [...dropped].sort((a, b) => (a < b ? -1 : 1)),
      ['field:stream', 'seed'],
    );
  });

  test('are one at least, and as many as OpenAI takes at most', async () => {
    await assert.rejects(crossedLines([], making), /one request at least/);
    assert.equal((await crossedLines(many(maxRequests), making)).lines.length, maxRequests);
    await assert.rejects(crossedLines(many(maxRequests + 1), making), /50000 requests at most/);
  });

  test('name what is missing', () => {
    assert.throws(() => requestOnLine(Buffer.from('{"url":"/v1/chat/completions"}'), 3), /line 3: custom_id must be given/);
    assert.throws(
      () => requestOnLine(Buffer.from('{"custom_id":"a"}'), 3),
      /line 3: only \/v1\/chat\/completions crosses.*not a line without url/,
    );
    assert.throws(() => requestInList({ params: body }, 4), /requests\[4\]: custom_id must be given/);
  });

  test('without a model are refused by their number', async () => {
    await assert.rejects(crossedLines([...many(1), { customId: 'x', body: {} }], making), /request 2 \("x"\): model must be given/);
  });
});

describe('names of requests', () => {
  for (const id of ['request-1', 'a b/c:1', 'mdc_1', 'naïve €', 'x'.repeat(64)])
    test(`${id.slice(0, 20)} comes back from Anthropic as it was`, () => {
      assert.match(atAnthropic.idThere(id), /^[a-zA-Z0-9_-]{1,64}$/);
      assert.equal(atAnthropic.idHere(atAnthropic.idThere(id)), id);
    });

  test('that Anthropic cannot have are refused, from the first byte that is too many', () => {
    assert.equal(atAnthropic.idThere(' '.repeat(45)).length, 64);
    for (const id of [' '.repeat(46), 'x'.repeat(65), '']) assert.throws(() => atAnthropic.idThere(id), /names of requests/);
  });

  test('OpenAI takes any', () => assert.equal(atOpenai.idThere('a b'), 'a b'));
});
