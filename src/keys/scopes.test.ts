import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Deployment, Plan } from '../core/deployment.ts';
import type { KeyScopes } from '../core/stores.ts';
import { isNetwork } from './networks.ts';
import { permittedPlan, refusingScope, type CallFacts } from './scopes.ts';

suite('scopes', () => {
  const cases: readonly (readonly [KeyScopes, CallFacts, string | undefined])[] = [
    [{}, { app: undefined, feature: 'f', provider: 'p', address: '' }, undefined],
    [{ apps: ['a'] }, { app: 'a' }, undefined],
    [{ apps: ['a'] }, { app: 'ab' }, 'apps'],
    [{ apps: ['a*'] }, { app: 'ab' }, undefined],
    [{ apps: ['*'] }, { app: 'x' }, undefined],
    [{ apps: ['*'] }, { app: undefined }, 'apps'],
    [{ apps: ['a'] }, {}, undefined],
    [{ features: ['f'] }, { app: 'a', feature: 'g' }, 'features'],
    [{ providers: ['p'] }, { provider: 'q' }, 'providers'],
    [{ networks: ['10.0.0.0/8'] }, { address: '10.255.255.255' }, undefined],
    [{ networks: ['10.0.0.0/8'] }, { address: '11.0.0.0' }, 'networks'],
    [{ networks: ['10.0.0.0/8'] }, { address: '::ffff:10.0.0.1' }, undefined],
    [{ networks: ['192.0.2.7'] }, { address: '192.0.2.7' }, undefined],
    [{ networks: ['2001:db8::/32'] }, { address: '2001:db8:ffff::1' }, undefined],
    [{ networks: ['2001:db8::/32'] }, { address: '2001:db9::1' }, 'networks'],
    [{ networks: ['0.0.0.0/0'] }, { address: 'no address' }, 'networks'],
    [{ networks: ['0.0.0.0/0'] }, { address: undefined }, 'networks'],
  ];
  for (const [scopes, facts, refusing] of cases)
    test(`${JSON.stringify(scopes)} and ${JSON.stringify(facts)}: ${refusing ?? 'allowed'}`, () =>
      assert.equal(refusingScope(scopes, facts), refusing));

  test('networks are addresses and CIDR blocks', () => {
    const good = ['10.0.0.1', '10.0.0.0/32', '::1', '::/0', 'fe80::/128'];
    const bad = ['', '10.0.0.0/33', '::/129', 'example.com', '10.0.0.0/', '10.0.0.0/8/8', '10.0.0'];
    assert.deepEqual([good.filter(isNetwork), bad.filter(isNetwork)], [good, []]);
  });
});

suite('plans', () => {
  const place = (id: string): Deployment => {
    const [provider, model] = id.split('/') as [string, string];
    return { id, provider, model, weight: 1, price: undefined, keys: 1, ownKey: true };
  };
  const plan: Plan = {
    targets: ['a/m', 'b/m'].map(place),
    balance: 'order',
    fallbacks: ['b/n', 'c/m'].map(place),
    onContextOverflow: ['c/long'].map(place),
    onContentFilter: ['a/m', 'd/n'].map(place),
  };
  const cases: readonly (readonly [KeyScopes, string, string])[] = [
    [{ apps: ['x'] }, 'alias', 'a/m b/m | b/n c/m | c/long | a/m d/n'],
    [{ models: ['alias'] }, 'alias', 'a/m b/m |  |  | '],
    [{ models: ['m'] }, 'alias', 'a/m b/m | c/m |  | a/m'],
    [{ models: ['a/*'] }, 'alias', 'a/m |  |  | a/m'],
    [{ models: ['alias', 'n'] }, 'alias', 'a/m b/m | b/n |  | d/n'],
    [{ models: ['alias'], providers: ['b', 'c'] }, 'alias', 'b/m |  |  | '],
    [{ providers: ['c'] }, 'alias', 'none'],
    [{ models: ['other'] }, 'alias', 'none'],
  ];
  for (const [scopes, name, expected] of cases)
    test(`${JSON.stringify(scopes)} leaves ${expected}`, () => {
      const left = permittedPlan(scopes, name, plan);
      const ids = (places: readonly Deployment[]): string => places.map(({ id }) => id).join(' ');
      const shown = left && [left.targets, left.fallbacks, left.onContextOverflow, left.onContentFilter].map(ids).join(' | ');
      assert.equal(shown ?? 'none', expected);
    });

  test('without scopes of places is the same plan', () => assert.equal(permittedPlan({}, 'alias', plan), plan));
});
