import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { SensitivityMemory } from '../stages/sensitivity/memory.ts';
import { callOf, configWith, masking, passed, replyOf, scopeOf } from './sensitivity.fixture.ts';

const email = 'jane.doe@example.org';
const ask = (input: string, more: object = {}) => callOf('openai.responses', { model: 'm', input, ...more }, false);
const response = (id: string, text: string) =>
  replyOf(
    [Buffer.from(JSON.stringify({ id, object: 'response', output: [{ type: 'message', content: [{ type: 'output_text', text }] }] }))],
    'application/json',
  );
const placeholderIn = (sent: string): string => /MASKED_EMAIL_[a-z2-9]{12}/.exec(sent)![0];

suite('a call that goes on from a response its provider keeps', () => {
  test('has values of earlier calls put back, though its own text holds none', async () => {
    const memory = new SensitivityMemory({ maxIds: 10 });
    const { sent } = await passed(masking, ask(email), { memory, answer: () => response('resp_1', 'ok') });
    const placeholder = placeholderIn(sent);
    const second = await passed(masking, ask('and?', { previous_response_id: 'resp_1' }), {
      memory,
      answer: () => response('resp_2', placeholder),
    });
    const third = await passed(masking, ask('bob@example.org', { previous_response_id: 'resp_2' }), {
      memory,
      answer: () => response('resp_3', placeholder),
    });
    for (const { received } of [second, third]) assert.ok(received.includes(`"text":"${email}"`), received);
    assert.equal(second.scope.annotations.sensitivity, 'personal');
  });

  test('gets nothing of another key or app, nor of a response nobody remembers', async () => {
    const memory = new SensitivityMemory({ maxIds: 10 });
    const { sent } = await passed(masking, ask(email), { memory, scope: scopeOf({ key: 'a' }), answer: () => response('resp_1', 'ok') });
    const strangers = [scopeOf({ key: 'b' }), scopeOf({ key: 'a', labels: { app: 'x' } }), scopeOf()];
    for (const scope of strangers) {
      const { received } = await passed(masking, ask('and?', { previous_response_id: 'resp_1' }), {
        memory,
        scope,
        answer: () => response('resp_2', placeholderIn(sent)),
      });
      assert.ok(!received.includes('jane'));
    }
  });

  const local = configWith({
    labels: { confidential: { policy: 'local-only' } },
    rules: [{ label: 'confidential', words: ['top secret'] }],
  });

  test('stays where the earlier one had to stay, streamed or not, call after call', async () => {
    const memory = new SensitivityMemory({ maxIds: 10 });
    const created = (id: string) =>
      replyOf([Buffer.from(`event: response.created\ndata: {"type":"response.created","response":{"id":"${id}`), Buffer.from('"}}\n\n')]);
    await passed(local, ask('top secret', { stream: true }), { memory, answer: () => created('resp_1') });
    const second = await passed(local, ask('go on', { previous_response_id: 'resp_1' }), {
      memory,
      answer: () => response('resp_2', 'ok'),
    });
    const third = await passed(local, ask('go on', { previous_response_id: 'resp_2' }), { memory });
    assert.deepEqual(
      [second, third].map(({ sentScope }) => sentScope.confined?.label),
      ['confidential', 'confidential'],
    );
    const other = await passed(local, ask('go on', { previous_response_id: 'resp_9' }), { memory });
    assert.equal(other.sentScope.confined, undefined);
  });

  test('of a label the configuration has no more counts as the highest', async () => {
    const memory = new SensitivityMemory({ maxIds: 10 });
    await passed(configWith({ labels: { old: {} }, rules: [{ label: 'old', words: ['top secret'] }] }), ask('top secret'), {
      memory,
      answer: () => response('resp_1', 'ok'),
    });
    const { sentScope } = await passed(local, ask('go on', { previous_response_id: 'resp_1' }), { memory });
    assert.equal(sentScope.confined?.label, 'confidential');
  });

  test('goes on from conversations, too', async () => {
    const memory = new SensitivityMemory({ maxIds: 10 });
    await passed(local, ask('top secret', { conversation: { id: 'conv_1' } }), { memory });
    const { sentScope } = await passed(local, ask('go on', { conversation: 'conv_1' }), { memory });
    assert.equal(sentScope.confined?.label, 'confidential');
  });
});

test('no more ids are remembered than the limit; the oldest go first', () => {
  const memory = new SensitivityMemory({ maxIds: 2 });
  for (const id of ['a', 'b', 'a', 'c']) memory.keep('o', id, { labels: [id], placeholders: undefined });
  assert.deepEqual([memory.of('o', 'a')?.labels, memory.of('o', 'b'), memory.of('o', 'c')?.labels], [['a'], undefined, ['c']]);
});
