import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { Body } from '../../core/body.ts';
import { Call } from '../../core/call.ts';
import { callCodecs } from '../../protocols/codecs.ts';
import { openaiChat } from '../../protocols/translate/openai-chat/index.ts';
import type { ProtocolTranslator } from '../../protocols/translate/translator.ts';
import { defaultMaxOutputTokens, translateCall } from './request.ts';
import { callOf, deployment, destination, neighbour, scopeOf, state } from './testing.ts';

describe('the request', () => {
  test("goes to the provider's path and model, and names what was left behind", () => {
    const { call, scope, dropped } = translateCall(callOf({ top_k: 3, store_for: 'a day' }), scopeOf(), {
      from: openaiChat,
      to: neighbour,
      destination,
      state,
    });
    assert.deepEqual(
      [call.api, call.model, scope.target, scope.method, scope.deployment],
      ['anthropic.messages', 'model-9', '/v1/chat/completions', 'POST', deployment],
    );
    assert.deepEqual(
      dropped.map(({ what }) => what),
      ['top_k', 'field:store_for'],
    );
    assert.deepEqual(scope.translated, { from: 'openai.chat', dropped: ['top_k', 'field:store_for'] });
    assert.equal((JSON.parse(call.encode().body.whole.toString()) as { model: string }).model, 'model-9');
  });

  test('goes without what its model refuses, and with the limit its model has', () => {
    const knowing = { ...destination, abilities: { refuses: ['temperature'], maxOutputTokens: 77 } } as const;
    let limit: number | undefined;
    const to: ProtocolTranslator = {
      ...neighbour,
      encodeCall: (call, target) => ((limit = target.defaultMaxOutputTokens), openaiChat.encodeCall(call, target)),
    };
    const { call, dropped } = translateCall(callOf({ temperature: 1, top_p: 0.5 }), scopeOf(), {
      from: openaiChat,
      to,
      destination: knowing,
      state,
    });
    const body = JSON.parse(call.encode().body.whole.toString()) as Readonly<Record<string, unknown>>;
    assert.deepEqual([body['temperature'], body['top_p'], limit], [undefined, 0.5, 77]);
    assert.deepEqual(dropped, [{ what: 'temperature', why: 'the model does not take it' }]);
  });

  for (const [known, expected] of [
    [undefined, defaultMaxOutputTokens],
    [defaultMaxOutputTokens - 1, defaultMaxOutputTokens - 1],
    [128_000, defaultMaxOutputTokens],
  ] as const)
    test(`asks for ${expected} tokens where the client says nothing and the model's limit is ${known ?? 'unknown'}`, () => {
      let limit: number | undefined;
      const to: ProtocolTranslator = {
        ...neighbour,
        encodeCall: (call, target) => ((limit = target.defaultMaxOutputTokens), openaiChat.encodeCall(call, target)),
      };
      translateCall(callOf({}), scopeOf(), {
        from: openaiChat,
        to,
        destination: { ...destination, abilities: { maxOutputTokens: known } },
        state,
      });
      assert.equal(limit, expected);
    });

  test("leaves the client's credentials and its vendor's headers behind, and asks for a reply that is not compressed", () => {
    const headers = [
      'User-Agent',
      'x/1',
      'OpenAI-Beta',
      'b',
      'X-Stainless-Lang',
      'js',
      'Accept-Encoding',
      'br',
      'traceparent',
      't',
      'Content-Type',
      'application/json',
    ];
    const { scope } = translateCall(callOf({}), scopeOf({ headers, credentials: ['authorization', 'Bearer of-another-vendor'] }), {
      from: openaiChat,
      to: neighbour,
      destination,
      state,
    });
    assert.deepEqual(scope.credentials, []);
    assert.deepEqual(scope.headers, [
      'User-Agent',
      'x/1',
      'traceparent',
      't',
      'content-type',
      'application/json',
      'accept',
      '*/*',
      'accept-encoding',
      'identity',
    ]);
  });

  test('keeps the credentials within a family', () => {
    const to = { ...openaiChat, api: 'openai.responses' } as const;
    const { scope } = translateCall(callOf({}), scopeOf({ credentials: ['authorization', 'Bearer k'] }), {
      from: openaiChat,
      to,
      destination,
      state,
    });
    assert.deepEqual(scope.credentials, ['authorization', 'Bearer k']);
  });

  test('a body that is no JSON is refused', () => {
    const body = new Body([Buffer.from('{"model":"model-1","messages":[nope]}')]);
    const call = Call.received('call-1', { codec: callCodecs['openai.chat'], body });
    assert.throws(() => translateCall(call, scopeOf(), { from: openaiChat, to: neighbour, destination, state }), {
      code: 'invalid_request',
    });
  });
});
