import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Deployment, Plan } from '../../core/deployment.ts';
import { Reply } from '../../core/reply.ts';
import { testScope } from '../../core/testing.ts';
import { createHolders } from './holders.ts';
import { callOf, textOf } from './testing.ts';

const at = (provider: string): Deployment => ({ id: `${provider}/m`, provider, model: 'm', weight: 1, price: 1, keys: 1, ownKey: true });
const [a, b] = [at('a'), at('b')];
const both: Plan = { targets: [a, b], balance: 'order', fallbacks: [], onContextOverflow: [], onContentFilter: [] };
const conversation = (turns: number, system = textOf(2000)) =>
  callOf('openai.chat', { messages: [{ role: 'system', content: system }, ...Array.from({ length: turns }, (_, n) => ({ role: n % 2 ? 'assistant' : 'user', content: `turn ${n}` }))] }); // prettier-ignore

function stand(plan: Plan = both, priceOf: (id: string) => number = () => 1) {
  let now = 0;
  const holders = createHolders({
    isOn: () => true,
    planOf: () => plan,
    costOf: ({ id }, total, read) => priceOf(id) * (total - 0.9 * read),
    lifetimeOf: () => 1000,
    now: () => now,
  });
  const ask = async (call: ReturnType<typeof conversation>, answers: Deployment): Promise<string | undefined> => {
    let preferred: string | undefined;
    await holders.stage.wrap((asked) => {
      preferred = holders.preferred(asked, plan.targets[0]!, plan.targets)?.id;
      const by = { kind: 'provider', name: answers.provider, hosting: 'api', model: answers.model } as const;
      return Promise.resolve(new Reply(by, { status: 200, headers: [] }, { to: (sink) => sink.end() }));
    })(call, testScope());
    return preferred;
  };
  return { ask, pass: (ms: number) => (now += ms) };
}

test('a conversation goes where its beginning is kept, also by another that shares it', async () => {
  const { ask } = stand();
  assert.equal(await ask(conversation(1), b), undefined);
  assert.equal(await ask(conversation(3), b), 'b/m');
  assert.equal(await ask(callOf('openai.chat', { messages: [{ role: 'system', content: textOf(2000) }, { role: 'user', content: 'else' }] }), b), 'b/m'); // prettier-ignore
  assert.equal(await ask(conversation(1, textOf(2000, 'other')), a), undefined);
});

test('not when its lifetime is over', async () => {
  const { ask, pass } = stand();
  await ask(conversation(1), b);
  pass(1000);
  assert.equal(await ask(conversation(3), a), undefined);
});

test('not when going elsewhere is cheaper than reading there', async () => {
  const { ask } = stand(both, (id) => (id === 'b/m' ? 20 : 1));
  await ask(conversation(1), b);
  assert.equal(await ask(conversation(3), b), undefined);
});

test('a call with one place to go is not looked at', async () => {
  const { ask } = stand({ ...both, targets: [a] });
  await ask(conversation(1), a);
  assert.equal(await ask(conversation(3), a), undefined);
});
