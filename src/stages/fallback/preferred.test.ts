import assert from 'node:assert/strict';
import { test } from 'node:test';
import { balances, type Deployment } from '../../core/deployment.ts';
import { inOrder } from './order.ts';
import { deployment, planOf, stand } from './testing.ts';

const targets = ['a/m', 'b/m', 'c/m'].map((id) => deployment(id, { price: 1 }));
const [a, b, c] = targets as [Deployment, Deployment, Deployment];
const latencies: Readonly<Record<string, number>> = { 'a/m': 100, 'b/m': 190, 'c/m': 300 };
const choosing = (preferred: Deployment | undefined) => ({
  loadOf: ({ id }: Deployment) => ({ latencyMs: latencies[id]!, inFlight: 0 }),
  random: () => 0,
  preferred: () => preferred,
});

for (const balance of balances)
  test(`by ${balance}: a preferred target comes first, the others stay in their order`, () => {
    const before = inOrder({ targets, balance }, choosing(undefined));
    assert.deepEqual(inOrder({ targets, balance }, choosing(b)), [b, ...before.filter((target) => target !== b)]);
  });

test('by latency: but not one that is more than twice as slow', () => {
  assert.deepEqual(
    inOrder({ targets, balance: 'latency' }, choosing(c)).map(({ id }) => id),
    ['a/m', 'b/m', 'c/m'],
  );
  assert.equal(inOrder({ targets: [a, c], balance: 'order' }, choosing(c))[0], c);
});

test('a preferred target that fails is passed over', async () => {
  const plan = planOf(['a/m', 'b/m']);
  const tried = stand({ plan, preferred: () => plan.targets[1], act: (id) => (id === 'b/m' ? { status: 503 } : {}) });
  const answer = await tried.call();
  assert.deepEqual([answer.asked, answer.status], [['b/m', 'a/m'], 200]);
});
