import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { seededRandom } from '../savings/random.ts';
import { leastWeeks, SeasonModel, type SeasonOptions } from './season.ts';

const monday = Date.UTC(2026, 0, 5);
const weekHours = 168;

/** 100 by day, 10 at night, half on weekends, 5 % of noise, growing by `growth` each week. */
function valueAt(hour: number, noise: number, growth = 0): number {
  const day = Math.floor(hour / 24) % 7;
  const isNight = hour % 24 < 6;
  return (isNight ? 10 : 100) * (day >= 5 ? 0.5 : 1) * (1 + growth) ** (hour / weekHours) * (1 + 0.05 * noise);
}

function learnt(weeks: number, { growth = 0, ...options }: Partial<SeasonOptions> & { readonly growth?: number } = {}) {
  const model = new SeasonModel({ bucket: 'hour', scale: 'log', sensitivity: 'medium', firstAt: monday, ...options });
  const random = seededRandom(7);
  const noise = (): number => random() / 2 ** 31 - 1;
  for (let hour = 0; hour < weeks * weekHours; hour += 1) model.push(valueAt(hour, noise(), growth));
  return { model, pushAt: (hour: number, factor = 1) => model.push(valueAt(hour, noise(), growth) * factor) };
}

describe('what is expected', () => {
  test('is not stated before three weeks are known', () => {
    assert.equal(learnt(leastWeeks - 1).model.expected(), undefined);
    assert.notEqual(learnt(leastWeeks).model.expected(), undefined);
  });

  test('follows the time of day and the day of the week', () => {
    const { model, pushAt } = learnt(8);
    const usual: number[] = [];
    for (let hour = 8 * weekHours; hour < 9 * weekHours; hour += 1) {
      usual.push(model.expected()!.usual);
      pushAt(hour);
    }
    for (const [hour, wanted] of [
      [2, 10],
      [12, 100],
      [5 * 24 + 12, 50],
      [6 * 24 + 2, 5],
    ] as const)
      // prettier-ignore
      assert.ok(Math.abs(usual[hour]! / wanted - 1) < 0.05, `${hour}: ${usual[hour]}`);
  });

  test('the same by days, which do not begin on a Monday', () => {
    const model = new SeasonModel({ bucket: 'day', scale: 'log', sensitivity: 'medium', firstAt: monday + 2 * 86_400_000 });
    for (let day = 2; day < 2 + 63; day += 1) model.push(day % 7 >= 5 ? 20 : 100);
    assert.ok(Math.abs(model.expected()!.usual - 100) < 2, 'a Wednesday');
    for (let day = 65; day < 68; day += 1) model.push(100);
    assert.ok(Math.abs(model.expected()!.usual - 20) < 2, 'a Saturday');
  });

  test('growth goes on', () => {
    const { model } = learnt(8, { growth: 0.1 });
    const wanted = valueAt(8 * weekHours, 0, 0.1);
    assert.ok(Math.abs(model.expected()!.usual / wanted - 1) < 0.05);
  });

  test('holds three times the usual for unusual, and a tenth of it', () => {
    const { model } = learnt(8);
    const { usual, low, high } = model.expected()!;
    assert.ok(high < 3 * usual && low > usual / 10, `${low} ${usual} ${high}`);
  });

  test('one odd day a week ago moves nothing', () => {
    const { model, pushAt } = learnt(8);
    for (let hour = 8 * weekHours; hour < 9 * weekHours; hour += 1) pushAt(hour, hour < 8 * weekHours + 24 ? 0 : 1);
    assert.ok(Math.abs(model.expected()!.usual / valueAt(9 * weekHours, 0) - 1) < 0.1);
  });

  test('of a series that is 0 at night is a range there too, and zeros are usual', () => {
    const model = new SeasonModel({ bucket: 'hour', scale: 'log', sensitivity: 'medium', firstAt: monday });
    for (let hour = 0; hour < 6 * weekHours; hour += 1) model.push(hour % 24 < 6 ? 0 : 100);
    const { low, high } = model.expected()!;
    assert.ok(low === 0 && high > 0 && high < 100, `${low} ${high}`);
  });

  test('shares are ranges on their own scale, and what cannot be told is left out', () => {
    const model = new SeasonModel({ bucket: 'hour', scale: 'linear', sensitivity: 'medium', firstAt: monday });
    for (let hour = 0; hour < 6 * weekHours; hour += 1) model.push(hour % 24 === 3 ? null : 0.6 + 0.01 * ((hour * 7) % 5));
    const { low, high } = model.expected()!;
    assert.ok(low > 0.3 && low < 0.6 && high > 0.64 && high < 0.9, `${low} ${high}`);
  });

  test('the more sensitive, the narrower', () => {
    const widths = (['low', 'medium', 'high'] as const).map((sensitivity) => learnt(8, { sensitivity }).model.expected()!.high);
    assert.ok(widths[0]! > widths[1]! && widths[1]! > widths[2]!, widths.join(' '));
  });
});

describe('a step that no single hour shows', () => {
  test('is seen within a day by the day as a whole', () => {
    const { model, pushAt } = learnt(8);
    assert.equal(model.sustained(), undefined);
    for (let hour = 8 * weekHours; hour < 8 * weekHours + 24; hour += 1) pushAt(hour, 1.25);
    const { buckets, factor } = model.sustained()!;
    assert.equal(buckets, 24);
    assert.ok(Math.abs(factor - 1.25) < 0.08, String(factor));
  });

  test('is the usual after two weeks', () => {
    const { model, pushAt } = learnt(8);
    for (let hour = 8 * weekHours; hour < 10 * weekHours + 24; hour += 1) pushAt(hour, 1.5);
    assert.equal(model.sustained(), undefined);
    assert.ok(Math.abs(model.expected()!.usual / (1.5 * valueAt(10 * weekHours + 24, 0)) - 1) < 0.1);
  });
});
