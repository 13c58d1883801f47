import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Body } from '../core/body.ts';
import { Call } from '../core/call.ts';
import type { Scope } from '../core/pipeline.ts';
import type { CallRecord, Labels } from '../core/record.ts';
import type { SavingMode } from '../core/shaping.ts';
import { testScope } from '../core/testing.ts';
import { callCodecs } from '../protocols/codecs.ts';
import { createSavingControl, type SavingControlOptions, type SavingPolicy } from './control.ts';
import { savings, stageOf } from './registry.ts';
import type { MeasuredCall } from './session.ts';

const allOff = Object.fromEntries(savings.map(({ key }) => [key, 'off'])) as Record<(typeof savings)[number]['key'], SavingMode>;
const policy: SavingPolicy = { holdout: 0, stageHoldout: 0, seed: '', stages: allOff, overrides: [] };
const callWith = (messages: readonly object[], model = 'gpt-5-mini'): Call =>
  Call.received('id', { codec: callCodecs['openai.chat'], body: new Body([Buffer.from(JSON.stringify({ model, messages }))]) });
const call = callWith([{ role: 'user', content: 'hello' }]);
const of = (labels: Labels, more: Partial<Scope> = {}) => testScope({ labels, ...more });
const control = (over: Partial<SavingPolicy>, options?: SavingControlOptions) => createSavingControl({ ...policy, ...over }, options);
const five = ['prompt-repair', 'prompt-cache', 'exact-cache', 'output-limits', 'routes'] as const;
const modesOf = (over: Partial<SavingPolicy>, scope: Scope, options?: SavingControlOptions, asked = call) => {
  const { modeOf } = control(over, options);
  return five.map((stage) => modeOf(stage, asked, scope)).join(' ');
};

test('a saving is found by its option and by the name of its stage, and no other is', () => {
  assert.deepEqual([stageOf('promptCache'), stageOf('prompt-cache'), stageOf('nonsense')], ['prompt-cache', 'prompt-cache', undefined]);
  assert.equal(control({}).modeOf('nonsense', call, of({})), 'off');
});

test('without a saving the stage is not there at all, and nothing is written', () => {
  const next = async () => assert.fail();
  assert.equal(control({}).stage.wrap(next), next);
  const scope = of({ session: 's' });
  assert.equal(modesOf({ stages: { ...allOff, promptRepair: 'observe' } }, scope), 'observe off off off off');
  assert.deepEqual(scope.annotations, {});
});

test('overrides win in their order, when all they name fits', () => {
  const overrides = [
    { match: { app: 'support' }, stages: { exactCache: 'on' } },
    { match: { app: 'supp*', feature: 'faq' }, stages: { exactCache: 'observe', outputLimits: 'on' } },
    { match: { model: 'gpt-5*', key: 'key_1' }, stages: { routes: 'on' } },
  ] as const;
  for (const [scope, expected] of [
    [of({ app: 'other' }), 'off off off off off'],
    [of({ app: 'support' }), 'off off on off off'],
    [of({ app: 'support', feature: 'faq' }), 'off off observe on off'],
    [of({}, { key: 'key_1' }), 'off off off off on'],
    [of({}, { key: 'key_2' }), 'off off off off off'],
  ] as const)
    assert.equal(modesOf({ overrides }, scope), expected);
});

test('a rule for the call wins over all that, where rules are on', () => {
  const modesFor = () => ({ outputLimits: 'on' }) as const;
  assert.equal(modesOf({ stages: { ...allOff, routes: 'on' } }, of({}), { modesFor }), 'off off off on on');
  assert.equal(modesOf({ stages: { ...allOff, routes: 'observe' } }, of({}), { modesFor }), 'off off off off observe');
});

const two = { ...allOff, promptCache: 'on', exactCache: 'on' } as const;

test('a client may take its call out of savings, or have them only observed; then it is on no side', () => {
  for (const [asked, expected] of [
    ['off', 'off off off off off'],
    ['observe', 'off observe observe off off'],
  ] as const) {
    const scope = of({ session: 's' }, { savings: asked });
    assert.equal(modesOf({ stages: two }, scope), expected);
    assert.deepEqual(scope.annotations, {});
  }
});

test('rules of the operator are held out for nobody, and no client can take its call out of them', () => {
  const over = { holdout: 0.5, stages: { ...two, routes: 'on' } } as const;
  const sessions = Array.from({ length: 50 }, (_, at) => of({ session: `s${at}` }, at % 2 === 0 ? { savings: 'off' } : {}));
  assert.deepEqual(new Set(sessions.map((scope) => control(over).modeOf('routes', call, scope))), new Set(['on']));
  const alone = of({ session: 's' });
  assert.equal(modesOf({ stages: { ...allOff, routes: 'on' } }, alone), 'off off off off on');
  assert.deepEqual(alone.annotations, {});
});

test('a saving that lost money is only observed', () => {
  const isSwitched = (stage: string) => stage === 'exact-cache';
  assert.equal(modesOf({ stages: two }, of({}), { isSwitched }), 'off on observe off off');
});

test('shares are as configured; each saving is drawn by itself', () => {
  const { modeOf } = control({ stages: two, holdout: 0.1, stageHoldout: 0.2 });
  const seen = { holdout: 0, cache: 0, exact: 0, both: 0, treatment: 0 };
  for (let at = 0; at < 20_000; at++) {
    const scope = of({ session: `session-${at}` });
    modeOf('prompt-cache', call, scope);
    const { arm, held = [], treated = [] } = scope.annotations;
    assert.equal(held.length + treated.length, 2);
    seen[arm!] += 1;
    if (arm === 'holdout') continue;
    if (held.includes('prompt-cache')) seen.cache += 1;
    if (held.includes('exact-cache')) seen.exact += 1;
    if (held.length === 2) seen.both += 1;
  }
  const near = (share: number, expected: number) => assert.ok(Math.abs(share - expected) < 0.012, `${share} is not ${expected}`);
  near(seen.holdout / 20_000, 0.1);
  near(seen.cache / seen.treatment, 0.2);
  near(seen.exact / seen.treatment, 0.2);
  near(seen.both / seen.treatment, 0.04);
});

test('a session is on one side in all its calls and savings, in every process with the same seed', () => {
  const over = { stages: two, holdout: 0.3, stageHoldout: 0.3 };
  const sides = (seed: string, scopeAt: (at: number) => Scope, asked = call) =>
    Array.from({ length: 50 }, (_, at) => modesOf({ ...over, seed }, scopeAt(at), undefined, asked)).join();
  for (const scopeAt of [
    (at: number) => of({ session: `s${at}` }),
    (at: number) => of({ task: `t${at}` }),
    (at: number) => of({ user: `u${at}` }),
  ]) {
    const first = sides('a', scopeAt);
    const next = callWith([{ role: 'user', content: 'hello' }, { role: 'assistant', content: 'hi' }, { role: 'user', content: 'more' }]); // prettier-ignore
    assert.equal(sides('a', scopeAt, next), first);
    assert.notEqual(sides('b', scopeAt), first);
  }
});

test('without labels a conversation is known by what its user said first, whatever its instructions say', () => {
  const unitOf = (messages: readonly object[]) => {
    const scope = of({});
    control({ stages: two }).modeOf('exact-cache', callWith(messages), scope);
    return scope.annotations.unit;
  };
  const first = unitOf([{ role: 'system', content: 'It is 10:01.' }, { role: 'user', content: 'hello' }]); // prettier-ignore
  assert.equal(unitOf([{ role: 'system', content: 'It is 10:02.' }, { role: 'user', content: 'hello' }, { role: 'assistant', content: 'hi' }]), first); // prettier-ignore
  assert.notEqual(unitOf([{ role: 'user', content: 'bye' }]), first);
  assert.notEqual(unitOf([]), unitOf([]));
});

test('records of calls with a saving on are measured, those of others are not', async () => {
  const measured: MeasuredCall[] = [];
  const { stage } = control({ stages: two }, { measured: (record) => measured.push(record) });
  for (const scope of [of({ session: 's' }), of({ session: 's' }, { savings: 'off' })]) {
    await stage
      .wrap(async () => assert.fail())(call, scope)
      .catch(() => {});
    scope.atRecord.forEach((say) => say({ at: 5 } as CallRecord));
  }
  assert.deepEqual(measured.map(({ annotations }) => annotations?.arm), ['treatment']); // prettier-ignore
});
