import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { createCatalog } from '../catalog/catalog.ts';
import type { Deployment } from '../core/deployment.ts';
import { isAlone } from '../core/deployment.ts';
import { completeModels } from './model.ts';
import { createPlans, type Plans } from './plans.ts';
import { newProvider } from './provider.ts';
import { configSchema, type ConfigInput, type ProviderConfig } from './schema.ts';
import { upstreamOf } from './upstream.ts';

const openai = newProvider('openai', { protocol: 'openai', baseUrl: 'https://api.openai.com/v1' }, { apiKey: 'k' });
const spare = newProvider('spare', { protocol: 'openai', baseUrl: 'https://spare.example/v1', models: ['gpt-*'] });
const anthropic = newProvider('anthropic', { protocol: 'anthropic', baseUrl: 'https://api.anthropic.com' }, { apiKey: 'k' });

const catalog = createCatalog();

const plansOf = (models: ConfigInput['models'], providers: readonly ProviderConfig[] = [openai, spare, anthropic]): Plans =>
  createPlans(
    {
      providers: Object.fromEntries(providers.map((provider) => [provider.name, provider])),
      models: completeModels(configSchema.parse({ models }).models),
    },
    catalog,
  );

const ids = (deployments: readonly Deployment[] = []): readonly string[] => deployments.map(({ id }) => id);

describe('a plan says where the calls for a model may go', () => {
  test('a name without an entry has one place: what it resolves to', () => {
    const { plan } = plansOf({}).planOf('gpt-5', 'openai');
    assert.deepEqual(ids(plan?.targets), ['openai/gpt-5']);
    assert.ok(plan && isAlone(plan));
  });

  test('an entry with one provider is such a place', () => {
    const { plan } = plansOf({ fast: { provider: 'spare', model: 'gpt-5-mini' } }).planOf('fast', 'openai');
    assert.deepEqual(ids(plan?.targets), ['spare/gpt-5-mini']);
    assert.ok(plan && isAlone(plan));
  });

  test('targets stand in the order of the file; a model left out is the public name', () => {
    const { plan } = plansOf({
      'gpt-5': { balance: 'weight', targets: [{ provider: 'spare', weight: 3 }, { provider: 'openai' }] },
    }).planOf('gpt-5', 'openai');
    assert.deepEqual(
      plan?.targets.map(({ id, weight }) => [id, weight]),
      [
        ['spare/gpt-5', 3],
        ['openai/gpt-5', 1],
      ],
    );
    assert.equal(plan?.balance, 'weight');
  });

  test('a target is found at its provider, though a public name looks like it', () => {
    const models = {
      'openai/gpt-5': {
        targets: [
          { provider: 'spare', model: 'gpt-5' },
          { provider: 'openai', model: 'gpt-5' },
        ],
      },
    };
    const { plan } = plansOf(models).planOf('openai/gpt-5', 'openai');
    assert.deepEqual(ids(plan?.targets), ['spare/gpt-5', 'openai/gpt-5']);
  });

  test('a key of its own makes a target apart, at the same provider', () => {
    const plans = plansOf({
      m: {
        targets: [
          { provider: 'openai', model: 'gpt-5' },
          { provider: 'openai', model: 'gpt-5', apiKey: 'two' },
        ],
      },
    });
    const targets = plans.planOf('m', 'openai').plan!.targets;
    assert.deepEqual(ids(targets), ['openai/gpt-5', 'openai/gpt-5#2']);
    assert.deepEqual(
      targets.map((target) => plans.targetOf(target).provider.apiKey),
      ['k', 'two'],
    );
  });

  test('fallbacks are the targets of public names, or provider/model, each once', () => {
    const models = {
      main: { provider: 'openai', model: 'gpt-5', fallbacks: ['small', 'spare/gpt-4o', 'openai/gpt-5-mini'], onContextOverflow: ['small'] },
      small: { targets: [{ provider: 'openai', model: 'gpt-5-mini' }], fallbacks: ['spare/gpt-4.1'] },
    };
    const { plan } = plansOf(models).planOf('main', 'openai');
    assert.deepEqual(ids(plan?.fallbacks), ['openai/gpt-5-mini', 'spare/gpt-4o']);
    assert.deepEqual(ids(plan?.onContextOverflow), ['openai/gpt-5-mini']);
    assert.deepEqual(ids(plan?.onContentFilter), []);
  });

  test('without a place for this client there is a reason', () => {
    const planning = plansOf({}, [anthropic]).planOf('nothing-known', 'openai');
    assert.equal(planning.plan, undefined);
    assert.match(planning.plan === undefined ? planning.reason : '', /nothing-known/);
  });

  test('the cheaper of two models is known from the catalog', () => {
    const models = {
      m: {
        targets: [
          { provider: 'openai', model: 'gpt-5' },
          { provider: 'openai', model: 'gpt-5-mini' },
        ],
      },
    };
    const [large, small] = plansOf(models).planOf('m', 'openai').plan!.targets;
    assert.ok(small!.price! < large!.price!, `${small!.price} < ${large!.price}`);
    assert.equal(plansOf({}).planOf('spare/gpt-unheard-of', 'openai').plan?.targets[0]?.price, undefined);
  });

  test('several keys of a provider are one place', () => {
    const many = newProvider('many', { protocol: 'openai', baseUrl: 'https://many.example/v1' });
    const provider = { ...many, apiKeys: ['a', 'b', 'c'], apiKey: 'a' };
    const { plan } = plansOf({}, [provider]).planOf('many/gpt-5', 'openai');
    assert.deepEqual([plan?.targets.length, plan?.targets[0]?.keys, plan?.targets[0]?.ownKey], [1, 3, true]);
    assert.deepEqual(upstreamOf(provider).apiKeys, ['a', 'b', 'c']);
  });

  test('answers are remembered, so that state can be kept by place', () => {
    const plans = plansOf({});
    assert.equal(plans.planOf('gpt-5', 'openai'), plans.planOf('gpt-5', 'openai'));
  });
});
