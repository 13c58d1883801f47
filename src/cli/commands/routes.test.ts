import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { ran } from '../testing.ts';

const yaml = `
providers:
  openai: { protocol: openai, baseUrl: https://api.example/v1, apiKey: k, models: [gpt-5, gpt-5-mini] }
  google: { protocol: google, baseUrl: https://google.example, apiKey: k, models: [gemini-2.5-flash] }
sensitivity:
  labels: { personal: { policy: allow } }
  rules: [{ label: personal, detectors: [personal] }]
aliases:
  fast: { model: gpt-5-mini, version: "2", earlier: { "1": gpt-5 } }
budgets: [{ name: monthly, limit: { usd: 10 } }]
routes:
  - { name: private, match: { sensitivity: personal }, use: { model: gpt-5 }, required: true }
  - { name: night, match: { app: batch, time: { from: "22:00", to: "06:00" } }, use: { model: gpt-5-mini } }
  - { name: spent, match: { budgetLeft: { budget: monthly, below: 20 } }, use: { model: gpt-5-mini } }
  - { name: german, match: { language: de }, use: { model: fast } }
`;

function folder(t: TestContext, body: object | string): string {
  const dir = mkdtempSync(join(tmpdir(), 'modicum-routes-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  writeFileSync(join(dir, 'modicum.yaml'), yaml);
  writeFileSync(join(dir, 'request.json'), typeof body === 'string' ? body : JSON.stringify(body));
  return dir;
}

const asking = (content: string) => ({ model: 'gpt-5', messages: [{ role: 'user', content }] });
const english = asking('Please summarise this report in three sentences.');
const german = asking('Bitte fasse den Bericht in drei Sätzen zusammen.');

suite('modicum routes', () => {
  test('test says which rule fires and why the others do not', async (t) => {
    const { code, out, err } = await ran(['routes', 'test', 'request.json', '--at', '2026-11-25T12:00'], { cwd: folder(t, german) });
    assert.equal(code, 0, err);
    assert.match(out, /^Rule german fires; the call goes to gpt-5-mini \(fast@2\) at openai\/gpt-5-mini\n/);
    assert.match(out, /private: no\n {4}no {3}sensitivity: wants personal, has none\n/);
    assert.match(out, /time: wants 22:00 to 06:00 UTC, has wed 12:00\n/);
    assert.match(out, /budget monthly: wants less than 20% left, has unknown\n/);
    assert.match(out, /german: fires -> fast\n {4}yes {2}language: wants de, has de\n/);
  });

  const cases: readonly (readonly [string, object, readonly string[], string | null])[] = [
    ['nothing fits', english, [], null],
    ['what the guard found', asking('My address is jane.doe@example.org, please write to me.'), [], 'private'],
    ['what the client says of itself', english, ['--header', 'x-modicum-sensitivity:personal'], 'private'],
    ['the app and the time', english, ['--header', 'x-modicum-app: batch', '--at', '2026-11-25T23:00'], 'night'],
    ['the budget', english, ['--budget-left', 'monthly=19.9'], 'spent'],
    ['the budget at its mark', english, ['--budget-left', 'monthly=20'], null],
  ];
  for (const [name, body, options, route] of cases)
    test(`test by ${name}: ${route}`, async (t) => {
      const { out, err } = await ran(['routes', 'test', 'request.json', '--json', '--at', '2026-11-25T12:00', ...options], {
        cwd: folder(t, body),
      });
      assert.equal((JSON.parse(out || err) as { route: string | null }).route, route);
    });

  const bodies: readonly (readonly [string, object, readonly string[]])[] = [
    ['responses', { model: 'gpt-5', input: 'Bitte fasse den Bericht in drei Sätzen zusammen.' }, []],
    ['messages', { model: 'gpt-5', system: 's', max_tokens: 10, messages: german.messages }, []],
    ['generate', { contents: [{ role: 'user', parts: [{ text: german.messages[0]!.content }] }] }, ['--model', 'gemini-2.5-flash']],
  ];
  for (const [api, body, options] of bodies)
    test(`test knows a request of ${api} by its keys`, async (t) => {
      const { out, err } = await ran(['routes', 'test', 'request.json', '--json', ...options], { cwd: folder(t, body) });
      assert.equal((JSON.parse(out || err) as { route: string }).route, 'german');
    });

  const faulty: readonly (readonly [string, object | string, readonly string[], RegExp])[] = [
    ['no file', english, ['test'], /needs a file/],
    ['a file that is not there', english, ['test', 'other.json'], /other\.json cannot be read \(ENOENT\)/],
    ['no JSON', 'hello', ['test', 'request.json'], /no JSON object/],
    ['Google without a model', { contents: [] }, ['test', 'request.json'], /give it with --model/],
    ['a header without a value', english, ['test', 'request.json', '--header', 'x'], /"x" is not NAME:VALUE/],
    ['a budget without a figure', english, ['test', 'request.json', '--budget-left', 'monthly'], /is not BUDGET=PERCENT/],
    ['an unknown API', english, ['test', 'request.json', '--api', 'soap'], /"soap" is none of chat/],
    ['an unknown action', english, ['drop'], /takes list or test/],
  ];
  for (const [name, body, words, message] of faulty)
    test(`refuses ${name}`, async (t) => {
      const { code, err } = await ran(['routes', ...words], { cwd: folder(t, body) });
      assert.notEqual(code, 0);
      assert.match(err, message);
    });

  test('list shows rules and aliases', async (t) => {
    const cwd = folder(t, english);
    const { out } = await ran(['routes'], { cwd });
    assert.match(out, /private +sensitivity personal +gpt-5 +on, required/);
    assert.match(out, /fast +2 +gpt-5-mini +1: gpt-5/);
    const { routes, aliases } = JSON.parse((await ran(['routes', 'list', '--json'], { cwd })).out) as {
      routes: unknown[];
      aliases: object;
    };
    assert.deepEqual([routes.length, Object.keys(aliases)], [4, ['fast']]);
  });
});
