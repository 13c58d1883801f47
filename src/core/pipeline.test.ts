import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Call } from './call.ts';
import { pipeline, type Handler, type Scope, type Stage } from './pipeline.ts';
import type { StageSkipped } from './record.ts';
import { Reply } from './reply.ts';

const servedBy = { kind: 'provider', name: 'p', hosting: 'api', model: 'm' } as const;
const newReply = () => new Reply(servedBy, { status: 200, headers: [] }, { to: () => {} });
const call = {} as Call;

/** Sends a call through one saving; tells what came of it, what was recorded, and how often the call went on. */
async function through(wrap: Stage['wrap'], onward: (time: number) => Promise<Reply>) {
  const skipped: string[] = [];
  let times = 0;
  const scope = { requestId: 'r', record: (event: StageSkipped) => skipped.push(`${event.stage}: ${event.reason}`) } as unknown as Scope;
  const handler = pipeline([{ name: 'saving', kind: 'saving', wrap }], () => onward((times += 1)));
  const came = await handler(call, scope).catch((error: unknown) => error);
  return { came, skipped, times };
}

const broken = new TypeError('broken');
const fails = (): never => {
  throw broken;
};

suite('a saving that breaks is left out, once, and recorded', () => {
  for (const [what, wrap, times] of [
    ['before it hands the call on', () => fails, 1],
    ['later, before it hands the call on', () => async () => fails(), 1],
    [
      'after it has handed the call on',
      (next: Handler) =>
        async (...given: Parameters<Handler>) => {
          await next(...given);
          return fails();
        },
      1,
    ],
    [
      'with what the call came to in a promise of its own',
      (next: Handler) =>
        (...given: Parameters<Handler>) =>
          next(...given).then(fails),
      1,
    ],
    [
      'while the call is under way',
      (next: Handler) =>
        async (...given: Parameters<Handler>) => {
          void next(...given).catch(() => {});
          return fails();
        },
      1,
    ],
  ] as const)
    // prettier-ignore
    test(what, async () => {
      const reply = newReply();
      const { came, skipped, times: often } = await through(wrap, () => Promise.resolve(reply));
      assert.deepEqual([came, skipped, often], [reply, ['saving: TypeError: broken'], times]);
    });

  test('a reply of which a part is read is not given out: the call goes on anew', async () => {
    const replies = [newReply(), newReply()];
    const wrap: Stage['wrap'] =
      (next) =>
      async (...given) => {
        const reply = await next(...given);
        reply.bytes.to({ open: () => {}, write: () => {}, end: () => {} });
        return fails();
      };
    const { came, skipped } = await through(wrap, (time) => Promise.resolve(replies[time - 1]!));
    assert.deepEqual([came === replies[1], skipped.length], [true, 1]);
  });
});

suite('what comes of the call is not the saving’s doing', () => {
  const passing: readonly (readonly [what: string, wrap: Stage['wrap']])[] = [
    ['handed on', (next) => next],
    [
      'awaited',
      (next) =>
        async (...given) =>
          await next(...given),
    ],
  ];
  for (const [what, wrap] of passing) {
    test(`${what}: an error further on stays what it is, and nothing is repeated`, async () => {
      const error = new Error('provider');
      assert.deepEqual(await through(wrap, () => Promise.reject(error)), { came: error, skipped: [], times: 1 });
    });

    test(`${what}: also one that is thrown at once`, async () => {
      const found = await through(wrap, fails);
      assert.deepEqual(found, { came: broken, skipped: [], times: 1 });
    });
  }
});
