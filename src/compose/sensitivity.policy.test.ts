import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Body } from '../core/body.ts';
import { Call } from '../core/call.ts';
import { errorCodes, type GatewayError } from '../core/errors.ts';
import { callCodecs } from '../protocols/codecs.ts';
import { encodeError } from '../protocols/errors.ts';
import { callOf, configWith, masking, passed, scopeOf } from './sensitivity.fixture.ts';
import { guardedRaw } from './sensitivity.ts';

const said = (content: string, more: object = {}) => callOf('openai.chat', { model: 'm', messages: [{ role: 'user', content }], ...more });
const ssn = '536-22-8726';
const email = 'jane.doe@example.org';

/** Three labels, from the least to the most sensitive. */
const config = configWith({
  labels: {
    internal: { policy: 'allow', apps: { public: 'refuse' }, models: { cheap: 'mask' } },
    personal: { policy: 'mask' },
    confidential: { policy: 'local-only' },
    secret: { policy: 'refuse' },
  },
  rules: [
    { label: 'internal', words: ['Project Blue'], patterns: [String.raw`\bTICKET-\d{4,6}\b`] },
    { label: 'personal', detectors: ['personal'] },
    { label: 'confidential', detectors: ['us_ssn'], words: ['strictly confidential'] },
    { label: 'secret', detectors: ['secret'] },
  ],
});

/** The error of a call, as its client gets it. */
async function refused(content: string, more: Parameters<typeof passed>[2] = {}): Promise<GatewayError> {
  let error: GatewayError | undefined;
  await passed(config, said(content), more).catch((caught: GatewayError) => {
    error = caught;
  });
  assert.ok(error, 'the call was not refused');
  return error;
}

suite('labels', () => {
  const cases: readonly (readonly [content: string, label: string | undefined])[] = [
    ['nothing to see', undefined],
    ['about PROJECT BLUE.', 'internal'],
    ['see TICKET-12345', 'internal'],
    ['Project Bluebird', undefined],
    [`mail ${email} about Project Blue`, 'personal'],
    [`this is strictly confidential: ${email}`, 'confidential'],
    [`my SSN is ${ssn}`, 'confidential'],
  ];
  for (const [content, label] of cases)
    test(`${JSON.stringify(content)} is ${label ?? 'not labelled'}`, async () => {
      const { scope } = await passed(config, said(content));
      assert.equal(scope.annotations.sensitivity, label);
    });

  test('a client raises the label by header, and never lowers it', async () => {
    const raised = await passed(config, said('nothing'), { scope: scopeOf({ sensitivity: 'confidential' }) });
    assert.deepEqual([raised.scope.annotations.sensitivity, raised.sentScope.confined?.label], ['confidential', 'confidential']);
    const kept = await passed(config, said(`my SSN is ${ssn}`), { scope: scopeOf({ sensitivity: 'internal' }) });
    assert.deepEqual([kept.scope.annotations.sensitivity, kept.sentScope.confined?.label], ['confidential', 'confidential']);
  });

  test('a label that nobody has configured is refused, also where there are none', async () => {
    const none = configWith({});
    for (const one of [config, none])
      await assert.rejects(passed(one, said('hi'), { scope: scopeOf({ sensitivity: 'cosmic' }) }), { code: 'invalid_request' });
  });
});

suite('policies', () => {
  test('allow: the call goes on as it came', async () => {
    const call = said('about Project Blue');
    const { sent, sentScope } = await passed(config, call);
    assert.equal(sent, call.received.body.whole.toString());
    assert.equal(sentScope.confined, undefined);
  });

  test('an app and a model have policies of their own', async () => {
    const error = await refused('about Project Blue', { scope: scopeOf({ labels: { app: 'public' } }) });
    assert.equal(error.code, 'sensitive_data');
    const { sent } = await passed(config, said('about Project Blue', { model: 'cheap' }), {
      scope: scopeOf({ labels: { app: 'public' } }),
    });
    assert.match(sent, /about MASKED_WORD_/);
  });

  test('each label found is held to its own policy: masked and kept local at once', async () => {
    const { sent, sentScope } = await passed(config, said(`strictly confidential: ${email}`));
    assert.match(sent, /strictly confidential: MASKED_EMAIL_/);
    assert.deepEqual(sentScope.confined, { label: 'confidential', hosting: ['self-hosted'], providers: [] });
  });

  test('the highest label with the policy mask covers everything that was found', async () => {
    const { sent } = await passed(config, said(`Project Blue: ${email}`));
    assert.match(sent, /MASKED_WORD_\w+: MASKED_EMAIL_/);
  });

  test('refuse: the kinds are named, the values never, in the shape of each client', async () => {
    const secret = 'sk-ant-api03-abcDEF123456ghiJKL789012';
    const error = await refused(`key ${secret} of ${email}`);
    assert.equal(error.code, 'sensitive_data');
    assert.equal(error.message, 'the call is labelled "secret" and must not be sent: it holds anthropic_key, email');
    for (const family of ['openai', 'anthropic', 'google'] as const) {
      const { status, body } = encodeError(family, error, 'r');
      assert.equal(status, errorCodes.sensitive_data.status);
      assert.ok(body.includes('anthropic_key') && !body.includes(secret.slice(0, 12)) && !body.includes('jane'));
    }
  });

  test('malformed JSON is refused without quoting it', async () => {
    const body = Buffer.from(`{"model":"m","messages":[{"role":"user","more":{"a":"${email}" oops}}]}`);
    const call = callOf('openai.chat', {});
    const broken = Call.received(call.id, { codec: callCodecs['openai.chat'], body: new Body([body]) });
    await assert.rejects(
      passed(config, broken),
      (error: GatewayError) => error.code === 'invalid_request' && !error.message.includes('jane'),
    );
  });
});

suite('a call with more text than may be looked at', () => {
  const limit = 1024;
  const limited = (policy: 'mask' | 'local-only' | 'refuse' | 'allow') =>
    configWith({ labels: { low: {}, high: { policy } }, rules: [{ label: 'low', detectors: ['email'] }], maxTextBytes: limit });
  const frame = Buffer.byteLength('user');
  const full = 'x'.repeat(limit - frame);

  test('at the limit is looked at in full', async () => {
    const { scope } = await passed(limited('refuse'), said(full));
    assert.equal(scope.annotations.sensitivity, undefined);
  });
  for (const policy of ['refuse', 'mask'] as const)
    test(`one byte over counts as the highest label: ${policy} refuses it`, async () => {
      const message = `the call is labelled "high" and must not be sent: it holds more text than may be looked at (sensitivity.maxTextBytes: ${limit})`;
      await assert.rejects(passed(limited(policy), said(`${full}x`)), { code: 'sensitive_data', message });
    });
  test('one byte over stays local where that is the policy', async () => {
    const { sentScope } = await passed(limited('local-only'), said(`${full}x`));
    assert.equal(sentScope.confined?.label, 'high');
  });
  test('the configuration may say that such calls are of another label', async () => {
    const open = configWith({ labels: { low: {}, high: { policy: 'refuse' } }, maxTextBytes: limit, unread: 'low' });
    const { scope } = await passed(open, said(`${full}x`));
    assert.equal(scope.annotations.sensitivity, 'low');
  });
});

suite('what the guard looks at', () => {
  test('media and seals of vendors are not text, and keep their bytes', async () => {
    const encoded = 'AKIAIOSFODNN7EXAMPLE'.repeat(40);
    const content = [
      { type: 'image', source: { type: 'base64', media_type: 'image/png', data: encoded } },
      { type: 'thinking', thinking: 'x', signature: encoded },
    ];
    const call = callOf('anthropic.messages', { model: 'm', messages: [{ role: 'user', content }] });
    const { scope } = await passed(masking, call);
    assert.equal(scope.annotations.sensitivity, undefined);
  });
  test('a document given as text is text', async () => {
    const call = callOf('anthropic.messages', {
      model: 'm',
      messages: [{ role: 'user', content: [{ type: 'document', source: { type: 'text', data: `${'a '.repeat(400)}${email}` } }] }],
    });
    const { sent } = await passed(masking, call);
    assert.ok(!sent.includes('jane'));
  });
  test('numbers of tool results are text, too', async () => {
    const call = callOf('anthropic.messages', {
      model: 'm',
      messages: [{ role: 'assistant', content: [{ type: 'tool_use', id: 't', name: 'pay', input: { card: 4111111111111111 } }] }],
    });
    const { sent } = await passed(masking, call);
    assert.match(sent, /"card":"MASKED_CREDIT_CARD_[a-z2-9]{12}"/);
  });
});

suite('requests that are passed through', () => {
  const request = { path: '/v1/files', method: 'POST', contentEncoding: undefined };
  const body = new Body([Buffer.from('x')]);
  const sentBy = async (one: typeof config, given: object, scope = scopeOf()) => {
    let confined: unknown = 'not sent';
    const raw = guardedRaw(one, async (_provider, _request, sentScope) => {
      confined = sentScope.confined;
      throw new Error('sent');
    });
    await assert.rejects(raw('p', { ...request, body: null, ...given }, scope), { message: 'sent' });
    return confined;
  };

  test('go on where there are no labels, and without a body', async () => {
    assert.equal(await sentBy(configWith({}), { body }), undefined);
    assert.equal(await sentBy(config, {}), undefined);
  });
  test('with a body count as the highest label', async () => {
    await assert.rejects(guardedRaw(config, () => assert.fail('sent'))('p', { ...request, body }, scopeOf()), { code: 'sensitive_data' });
    assert.deepEqual(await sentBy(configWith({ labels: { high: { policy: 'local-only' } } }), { body }), {
      label: 'high',
      hosting: ['self-hosted'],
      providers: [],
    });
  });
  test('are held to the label their client gives', async () => {
    const scope = scopeOf({ sensitivity: 'confidential' });
    assert.deepEqual(await sentBy(config, {}, scope), { label: 'confidential', hosting: ['self-hosted'], providers: [] });
    await assert.rejects(guardedRaw(config, () => assert.fail('sent'))('p', { ...request, body: null }, scopeOf({ sensitivity: 'x' })), {
      code: 'invalid_request',
    });
  });
});
