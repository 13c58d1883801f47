import assert from 'node:assert/strict';
import { test } from 'node:test';
import { effectOf, minVerdictSessions, sidesOf } from './effect.ts';
import { SessionSample, type MeasuredCall, type Session } from './session.ts';
import { trafficOf } from './testing.ts';

const callOf = (unit: number, over: object = {}, annotations: object = {}): MeasuredCall =>
  ({
    at: unit,
    outcome: 'ok',
    attempts: [{}],
    cost: { total: 100 },
    annotations: { arm: 'treatment', unit, treated: ['a'], ...annotations },
    ...over,
  }) as unknown as MeasuredCall;

function sampled(calls: Iterable<MeasuredCall>, maxSessions = 100_000): SessionSample {
  const sample = new SessionSample({ maxSessions });
  for (const call of calls) sample.add(call);
  return sample;
}

test('calls of one unit are one session, with their costs and signs of quality', () => {
  const sample = sampled([
    callOf(1),
    callOf(1, { outcome: 'failed', cost: { total: null } }),
    callOf(1, { finishReason: 'length', attempts: [{}, {}] }),
    callOf(1, {}, { signals: ['loop:repeat'] }),
  ]);
  const [session] = sample.all();
  assert.deepEqual(session?.counts, { failed: 1, truncated: 1, retried: 1, flagged: 1 });
  assert.deepEqual([session?.cost, session?.calls, sample.unpricedCalls, sample.all().length], [300, 4, 1, 1]);
});

test('calls on no side are in no session', () => {
  assert.deepEqual(sampled([callOf(1, { annotations: {} }), callOf(2, { annotations: undefined })]).all(), []);
});

test('beyond its limit the sample keeps a random part of sessions, the same share of both sides', () => {
  const calls = Array.from({ length: 5000 }, (_, unit) =>
    callOf(Math.imul(unit, 2654435761) >>> 0, {}, { arm: unit % 4 === 0 ? 'holdout' : 'treatment' }),
  );
  const sample = sampled(calls, 1000);
  const sessions = sample.all();
  assert.ok(sessions.length <= 1000 && sessions.length > 400);
  assert.ok(Math.abs(sessions.length / 5000 - sample.share) < 0.03);
  assert.ok(Math.abs(sessions.filter(({ arm }) => arm === 'holdout').length / sessions.length - 0.25) < 0.05);
});

test('sessions that began before are forgotten', () => {
  const sample = sampled([callOf(1), callOf(2), callOf(3)]);
  sample.dropBefore(2);
  assert.deepEqual(sample.all().map(({ unit }) => unit), [2, 3]); // prettier-ignore
});

const session = (over: Partial<Session>): Session => ({ unit: 1, at: 0, arm: 'treatment', treated: new Set(), held: new Set(), cost: 1, calls: 1, counts: { failed: 0, truncated: 0, retried: 0, flagged: 0 }, scored: 0, score: 0, ...over }); // prettier-ignore

test('a saving is measured among sessions that have the others; one drawn twice is on no side', () => {
  const [treated, held, both, out, other] = [
    session({ treated: new Set(['a', 'b']) }),
    session({ held: new Set(['a']), treated: new Set(['b']) }),
    session({ held: new Set(['a']), treated: new Set(['a']) }),
    session({ arm: 'holdout', held: new Set(['a', 'b']) }),
    session({ treated: new Set(['b']) }),
  ];
  assert.deepEqual(sidesOf([treated, held, both, out, other], 'a'), { treated: [treated], controls: [held] });
  assert.deepEqual(sidesOf([treated, held, both, out, other]), { treated: [treated, held, both, other], controls: [out] });
});

const many = (count: number, cost: (at: number) => number, over: Partial<Session>): readonly Session[] =>
  Array.from({ length: count }, (_, at) => session({ unit: at, cost: cost(at), ...over }));

test('the verdict needs enough sessions and an interval on one side of 1', () => {
  const verdictOf = (factor: number, controls: number) =>
    effectOf([
      ...many(100, (at) => factor * (100 + (at % 7)), { treated: new Set(['a']) }),
      ...many(controls, (at) => 100 + (at % 7), { held: new Set(['a']) }),
    ], 'a').verdict; // prettier-ignore
  assert.deepEqual(
    [verdictOf(0.8, 50), verdictOf(1.2, 50), verdictOf(1, 50), verdictOf(0.8, minVerdictSessions), verdictOf(0.8, minVerdictSessions - 1)],
    ['saves', 'costs', 'unknown', 'saves', 'unknown'],
  );
});

test('nothing on a side is not known, and nothing else', () => {
  const effect = effectOf(many(5, () => 1, { treated: new Set(['a']) }), 'a'); // prettier-ignore
  assert.deepEqual(
    [effect.ratio, effect.difference, effect.quality, effect.score, effect.costPerSession, effect.verdict],
    [null, null, null, null, { treated: 1, controls: null }, 'unknown'],
  );
});

test('scores that are lower with it are shown as worse; the mean is over calls, and needs two sessions on either side', () => {
  const sides = (score: (treated: boolean, unit: number) => number | undefined, count: number) =>
    effectOf(
      sampled(
        Array.from({ length: 2 * count }, (_, unit) => {
          const isTreated = unit % 2 === 0;
          return callOf(unit, { score: score(isTreated, unit) }, isTreated ? {} : { treated: [], held: ['a'] });
        }),
      ).all(),
      'a',
    );
  const noise = (unit: number): number => (unit % 10) / 100;
  const lower = sides((isTreated, unit) => (isTreated ? 0.6 : 0.8) + noise(unit), 50);
  assert.deepEqual(lower.worse, ['score']);
  assert.ok(Math.abs(lower.score!.difference.value + 0.21) < 1e-9, String(lower.score!.difference.value));
  assert.ok(lower.score!.difference.low < -0.21 && lower.score!.difference.high > -0.23);
  assert.deepEqual(sides((_, unit) => 0.8 + noise(unit - (unit % 2)), 50).worse, []);
  assert.deepEqual(sides((isTreated) => (isTreated ? 0.6 : 0.8), minVerdictSessions - 1).worse, [], 'too few to tell');
  assert.equal(sides((_, unit) => (unit < 3 ? 1 : undefined), 50).score, null);
});

test('a saving that makes calls fail is shown as worse, whatever it saves', () => {
  const sessions = [
    ...trafficOf({ seed: 1, sessions: 1000, holdout: 0, stageHoldout: 0.2, factors: { exactCache: 0.5 }, sigma: 0.5, failing: 0 }),
  ];
  const harmed = sessions.map((record, at) =>
    record.annotations?.treated?.length && at % 5 === 0 ? { ...record, outcome: 'failed' as const } : record,
  );
  const [before, after] = [sessions, harmed].map((records) => effectOf(sampled(records).all(), 'exact-cache'));
  assert.deepEqual([before?.verdict, before?.worse], ['saves', []]);
  assert.deepEqual([after?.verdict, after?.worse], ['saves', ['failed']]);
  assert.ok(after!.quality!.failed.difference.low > 0.1);
});
