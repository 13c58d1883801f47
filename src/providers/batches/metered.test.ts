import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import fc from 'fast-check';
import { pull, type Sink, type Valve } from '../../core/flow.ts';
import { Reply } from '../../core/reply.ts';
import { maxRemembered, Remembered } from './memory.ts';
import { meteredResults, type ResultsLimits } from './metered.ts';

const servedBy = { kind: 'provider', name: 'p', hosting: 'api', model: '' } as const;
const line = (id: string): string => `${JSON.stringify({ custom_id: id, result: { type: 'succeeded', message: { id } } })}\n`;

/** An upstream that sends these chunks, one a turn, while it is not paused. */
function replyOf(chunks: readonly Buffer[], headers: readonly string[] = []): Reply {
  return new Reply(
    servedBy,
    { status: 200, headers },
    {
      to(sink: Sink) {
        let paused = false;
        const left = [...chunks];
        const send = (): void => {
          if (paused) return;
          const chunk = left.shift();
          if (!chunk) return sink.end();
          sink.write(chunk);
          setImmediate(send);
        };
        const valve: Valve = {
          pause: () => void (paused = true),
          resume() {
            paused = false;
            setImmediate(send);
          },
          abort: (reason) => sink.end(reason),
        };
        sink.open(valve);
        setImmediate(send);
      },
    },
  );
}

async function read(reply: Reply, form: 'lines' | 'operation' = 'lines', limits?: ResultsLimits, isCongested = () => false) {
  const heard: string[] = [];
  const metered = meteredResults(
    reply,
    form,
    { result: ({ customId }) => heard.push(customId), whole: () => heard.push('whole'), unread: () => heard.push('unread'), isCongested },
    limits,
  );
  const bytes = Buffer.concat(await Array.fromAsync(pull(metered.bytes)));
  return { heard, bytes };
}

describe('results are read along', () => {
  test('wherever the chunks are cut, each line is heard once and the bytes stay the same', async () => {
    const whole = Buffer.from(['a', 'b', 'ü'].map(line).join('').trimEnd());
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat({ max: whole.length }), { maxLength: 6 }), async (cuts) => {
        const places = [0, ...cuts.toSorted((one, other) => one - other), whole.length];
        const chunks = places.slice(1).map((to, at) => whole.subarray(places[at], to));
        const { heard, bytes } = await read(replyOf(chunks));
        assert.deepEqual(heard, ['a', 'b', 'ü', 'whole']);
        assert.ok(bytes.equals(whole));
      }),
      { numRuns: 30 },
    );
  });

  test('a line at the limit is read, one above it makes the whole unread', async () => {
    const chunk = Buffer.from(line('a'));
    const limits = (lineBytes: number): ResultsLimits => ({ lineBytes, operationBytes: 0 });
    assert.deepEqual((await read(replyOf([chunk]), 'lines', limits(chunk.length - 1))).heard, ['a', 'whole']);
    assert.deepEqual((await read(replyOf([chunk]), 'lines', limits(chunk.length - 2))).heard, ['unread']);
  });

  test('an operation at the limit is read, one above it is not; one without results is not taken for whole', async () => {
    const operation = Buffer.from(JSON.stringify({ response: { inlinedResponses: { inlinedResponses: [{ response: {} }] } } }));
    const limits = (operationBytes: number): ResultsLimits => ({ lineBytes: 0, operationBytes });
    assert.deepEqual((await read(replyOf([operation]), 'operation', limits(operation.length))).heard, ['0', 'whole']);
    assert.deepEqual((await read(replyOf([operation]), 'operation', limits(operation.length - 1))).heard, ['unread']);
    assert.deepEqual((await read(replyOf([Buffer.from('{}')]), 'operation')).heard, []);
  });

  test('what is compressed all the same is passed on and told', async () => {
    const { heard, bytes } = await read(replyOf([Buffer.from('xyz')], ['content-encoding', 'gzip']));
    assert.deepEqual([heard, bytes.toString()], [['unread'], 'xyz']);
  });

  test('the bytes wait while the ledger does not keep up', async () => {
    let congested = true;
    const reading = read(replyOf(['a', 'b'].map((id) => Buffer.from(line(id)))), 'lines', undefined, () => congested);
    const first = await Promise.race([reading, sleep(50)]);
    assert.equal(first, undefined);
    congested = false;
    assert.deepEqual((await reading).heard, ['a', 'b', 'whole']);
  });
});

test('what is remembered of batches is bounded: the oldest goes first', () => {
  const remembered = new Remembered<number>();
  for (let at = 0; at <= maxRemembered; at++) remembered.set(String(at), at);
  assert.deepEqual([remembered.size, remembered.get('0'), remembered.get('1')], [maxRemembered, undefined, 1]);
});
