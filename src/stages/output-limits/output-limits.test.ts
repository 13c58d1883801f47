import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { Body } from '../../core/body.ts';
import { Call } from '../../core/call.ts';
import { pull } from '../../core/flow.ts';
import type { OutputLimits } from '../../core/output-limits.ts';
import { pipeline, type Handler, type Scope } from '../../core/pipeline.ts';
import type { CallRecord } from '../../core/record.ts';
import { Reply, type FinishReason, type ReplyMeter } from '../../core/reply.ts';
import { testScope } from '../../core/testing.ts';
import { callCodecs } from '../../protocols/codecs.ts';
import { outputLimits, type OutputLimitsOptions } from './index.ts';

const cut = 'finish: length';
const whole = 'finish: stop';

/** Finds the reason in the words of these tests. */
function meterOf(): ReplyMeter {
  let text = '';
  return {
    write: (chunk) => void (text += chunk.toString()),
    facts: () => ({ finishReason: /finish: (\w+)/.exec(text)?.[1] as FinishReason | undefined }) as never,
    text: () => text,
  };
}

const replyOf = (texts: readonly string[], status = 200): Reply =>
  new Reply(
    { kind: 'provider', name: 'p', hosting: 'api', model: 'm' },
    { status, headers: ['content-type', 'application/json'] },
    {
      to: (sink) => {
        sink.open({ pause: () => {}, resume: () => {}, abort: () => {} });
        for (const text of texts) sink.write(Buffer.from(text));
        sink.end();
      },
    },
  );

const callOf = (body: object): Call =>
  Call.received('test', { codec: callCodecs['openai.chat'], body: new Body([Buffer.from(JSON.stringify(body))]) });

interface Ran {
  readonly sent: readonly string[];
  readonly answer: string;
  readonly scope: Scope;
}

async function ran(
  limits: OutputLimits | undefined,
  replies: readonly (Reply | Error)[],
  more: Partial<OutputLimitsOptions> & { readonly body?: object } = {},
): Promise<Ran> {
  const { body = { model: 'm', messages: [] }, ...options } = more;
  const stage = outputLimits({
    isIdle: false,
    limitsOf: () => limits,
    abilitiesOf: () => ({}),
    scale: { effortOf: () => 'low', tokensOf: () => 1 },
    modeOf: () => 'on',
    meterOf,
    maxReplyBytes: 1000,
    ...options,
  });
  const sent: string[] = [];
  const next: Handler = async (call) => {
    const reply = replies[sent.push(call.body.whole.toString()) - 1]!;
    if (reply instanceof Error) throw reply;
    return reply;
  };
  const scope = testScope();
  const reply = await pipeline([stage], next)(callOf(body), scope);
  const answer = Buffer.concat(await Array.fromAsync(pull(reply.bytes))).toString();
  return { sent, answer, scope };
}

const written = (scope: Scope, record: Partial<CallRecord>): void => {
  for (const write of scope.atRecord) write(record as CallRecord);
};
const plain = '{"model":"m","messages":[]}';
const capped = '{"model":"m","messages":[],"max_completion_tokens":9}';
const cap = { maxOutputTokens: 9 };

suite('an answer within limits', () => {
  test('no limits, or limits that change nothing: the same bytes go on', async () => {
    assert.deepEqual((await ran(undefined, [replyOf([whole])])).sent, [plain]);
    const { sent, scope } = await ran({ maxOutputTokens: 9 }, [replyOf([whole])], { body: { max_tokens: 5, model: 'm' } });
    assert.deepEqual([sent, scope.annotations, scope.replyHeaders], [['{"max_tokens":5,"model":"m"}'], {}, []]);
  });

  test('observed, it is recorded and nothing changes', async () => {
    const { sent, scope } = await ran(cap, [replyOf([whole])], { modeOf: () => 'observe' });
    assert.deepEqual(sent, [plain]);
    assert.deepEqual(scope.annotations.savings, [
      { stage: 'output-limits', mode: 'observe', rule: 'maxOutputTokens', inputTokens: 0, outputTokens: 0, cost: null, basis: 'estimated' },
    ]);
    assert.deepEqual(scope.replyHeaders, []);
  });

  test('a whole answer goes on as it came, and the client can know the limit', async () => {
    const { sent, answer, scope } = await ran(cap, [replyOf(['a', 'b ', whole])]);
    assert.deepEqual([sent, answer, scope.replyHeaders], [[capped], `ab ${whole}`, ['x-modicum-max-output-tokens', '9']]);
    assert.equal(scope.annotations.signals, undefined);
  });

  test('an answer that was cut is told', async () => {
    const { answer, scope } = await ran(cap, [replyOf(['a ', cut])]);
    assert.equal(answer, `a ${cut}`);
    assert.deepEqual(scope.replyHeaders, ['x-modicum-max-output-tokens', '9', 'x-modicum-truncated', 'max_output_tokens=9']);
    assert.deepEqual(scope.annotations.signals, ['truncated:limit']);
  });

  test("an answer cut at the client's own limit is the client's business", async () => {
    const { scope } = await ran(cap, [replyOf([cut])], { body: { model: 'm', max_tokens: 9 } });
    assert.deepEqual([scope.replyHeaders, scope.annotations], [[], {}]);
  });

  test('made once more without the limit, and what the first cost is a loss', async () => {
    const { sent, answer, scope } = await ran({ ...cap, stop: ['x'], onTruncation: 'rerun' }, [replyOf([cut]), replyOf([whole])]);
    assert.deepEqual(sent, [`${capped.slice(0, -1)},"stop":["x"]}`, `${plain.slice(0, -1)},"stop":["x"]}`]);
    assert.deepEqual([answer, scope.replyHeaders, scope.annotations.signals], [whole, [], ['limit:rerun']]);
    const attempt = { finishReason: 'length', cost: { total: 70 }, usage: { buckets: { output: 9 } } };
    written(scope, { attempts: [attempt, { ...attempt, finishReason: 'stop' }] as never });
    assert.deepEqual(scope.annotations.savings!.at(-1), {
      stage: 'output-limits',
      mode: 'on',
      rule: 'rerun',
      inputTokens: 0,
      outputTokens: -9,
      cost: -70,
      basis: 'measured',
    });
  });

  for (const [what, second] of [
    ['is refused', replyOf(['no'], 429)],
    ['breaks', new Error('broken')],
  ] as const)
    test(`when the second answer ${what}, the first one serves and is told`, async () => {
      const { answer, scope } = await ran({ ...cap, onTruncation: 'rerun' }, [replyOf([cut]), second]);
      assert.deepEqual([answer, scope.replyHeaders.slice(-2)], [cut, ['x-modicum-truncated', 'max_output_tokens=9']]);
    });

  test('a stream goes on at once, and its record says that it was cut', async () => {
    const { answer, scope } = await ran({ ...cap, onTruncation: 'rerun' }, [replyOf(['a', cut])], { body: { model: 'm', stream: true } });
    assert.equal(answer, `a${cut}`);
    written(scope, { finishReason: 'length' });
    assert.deepEqual([scope.annotations.signals, scope.replyHeaders], [['truncated:limit'], ['x-modicum-max-output-tokens', '9']]);
  });

  for (const [size, told] of [
    [10, ['truncated:limit']],
    [11, undefined],
  ] as const)
    test(`a reply of ${size} bytes where 10 are read: ${told ? 'looked at' : 'goes on unread'}`, async () => {
      const text = 'x'.repeat(size);
      const { answer, scope } = await ran(cap, [replyOf([text.slice(0, 4), text.slice(4)])], {
        maxReplyBytes: 10,
        meterOf: () => ({ ...meterOf(), facts: () => ({ finishReason: 'length' }) as never }),
      });
      assert.deepEqual([answer, scope.annotations.signals], [text, told]);
    });

  test('an error of the provider goes on as it is', async () => {
    const { answer, scope } = await ran(cap, [replyOf([cut], 500)]);
    assert.deepEqual([answer, scope.annotations.signals], [cut, undefined]);
  });

  test('limits that the model does not take are named, once however many attempts there are', async () => {
    const { sent, scope } = await ran({ effort: 'low' }, [replyOf([whole])]);
    assert.deepEqual([sent, scope.annotations.signals], [[plain], ['limit:omitted:effort']]);
  });

  test('a body that cannot be read goes on, for the provider to say', async () => {
    const { sent, scope } = await ran(cap, [replyOf([whole])], {
      abilitiesOf: () => {
        throw new Error('broken');
      },
    });
    assert.deepEqual([sent, scope.annotations.signals], [[plain], ['limit:unreadable']]);
  });
});
