import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test, type TestContext } from 'node:test';
import { startGateway } from '../../../test/harness.ts';
import { adminToken, ask } from '../../../test/keyed.ts';
import { ran } from '../testing.ts';

function folder(t: TestContext): string {
  const dir = mkdtempSync(join(tmpdir(), 'modicum-keys-'));
  t.after(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

const secretIn = (text: string): string => /mod-\w{49}/.exec(text)![0];

suite('modicum keys', () => {
  test('makes a key in the data directory, shows its secret once, and refuses the name a second time', async (t) => {
    const cwd = folder(t);
    const made = await ran(['keys', 'create', 'support', '--team', 'care', '--model', 'gpt-5*,o3', '--budget-usd', '50'], { cwd });
    assert.equal(made.code, 0, made.err);
    const secret = secretIn(made.out);
    const listed = await ran(['keys', 'list', '--json'], { cwd });
    const { keys } = JSON.parse(listed.out) as { keys: Record<string, unknown>[] };
    assert.equal(keys.length, 1);
    const { name, hint, scopes, labels, budget, state } = keys[0]!;
    assert.deepEqual(
      { name, hint, scopes, labels, budget, state },
      {
        name: 'support',
        hint: secret.slice(-4),
        scopes: { models: ['gpt-5*', 'o3'] },
        labels: { team: 'care' },
        budget: { usd: '50', window: 'month' },
        state: 'active',
      },
    );
    assert.ok(!listed.out.includes(secret));
    assert.match((await ran(['keys'], { cwd })).out, /support +key_\S+ +active/);
    const again = await ran(['keys', 'create', 'support'], { cwd });
    assert.deepEqual([again.code, again.err], [1, 'error: another key has the name "support"\n']);
  });

  test('changes what is given and leaves the rest', async (t) => {
    const cwd = folder(t);
    await ran(['keys', 'create', 'k', '--model', 'm', '--app', 'a', '--user', 'u', '--concurrency', '2', '--expires', '90d'], { cwd });
    const { out } = await ran(
      ['keys', 'update', 'k', '--model', '', '--team', 't', '--requests-per-minute', '5', '--expires', 'never', '--json'],
      { cwd },
    );
    const { key } = JSON.parse(out) as { key: Record<string, unknown> };
    assert.deepEqual(key['scopes'], { apps: ['a'] });
    assert.deepEqual(key['labels'], { user: 'u', team: 't' });
    assert.deepEqual(key['rateLimit'], { concurrency: 2, requestsPerMinute: 5 });
    assert.equal(key['expiresAt'], undefined);
    const unlimited = JSON.parse((await ran(['keys', 'update', 'k', '--unlimited', '--json'], { cwd })).out) as typeof key;
    assert.equal((unlimited['key'] as Record<string, unknown>)['rateLimit'], undefined);
  });

  const faults: readonly (readonly [readonly string[], number, RegExp])[] = [
    [['keys', 'burn', 'k'], 2, /takes list, create, rotate, revoke, update/],
    [['keys', 'create'], 2, /needs a name/],
    [['keys', 'revoke', 'none'], 1, /no key "none"/],
    [['keys', 'create', 'k', '--network', 'nope'], 1, /scopes\.networks\.0: must be an address or CIDR/],
    [['keys', 'create', 'k', '--expires', 'soon'], 2, /--expires: "soon"/],
    [['keys', 'rotate', 'k', '--overlap', '1 day'], 2, /--overlap: "1 day"/],
    [['keys', 'update', 'k'], 2, /needs something to change/],
    [['keys', 'list', '--url', 'http://127.0.0.1:9'], 4, /no gateway answers/],
  ];
  for (const [argv, code, says] of faults)
    test(`${argv.join(' ')}: ${says}`, async (t) => {
      const result = await ran(argv, { cwd: folder(t) });
      assert.deepEqual([result.code, result.out], [code, '']);
      assert.match(result.err, says);
    });

  test('works on a running gateway by its admin API, and beside it in its store', async (t) => {
    const { url, dataDir } = await startGateway(t, { providers: [], config: { server: { adminToken }, keys: { refreshMs: 100 } } });
    const env = { MODICUM_ADMIN_TOKEN: adminToken };
    const lists = async (secret: string) =>
      (await ask(url, { method: 'GET', path: '/v1/models', headers: { 'x-api-key': secret } })).status;
    const refused = await ran(['keys', 'list', '--url', url]);
    assert.equal(refused.code, 1);
    assert.match(refused.err, /MODICUM_ADMIN_TOKEN/);

    const first = secretIn((await ran(['keys', 'create', 'k', '--url', url], { env })).out);
    assert.equal(await lists(first), 200);
    const second = secretIn((await ran(['keys', 'rotate', 'k', '--overlap', '0s', '--url', url, '--token', adminToken])).out);
    assert.deepEqual([await lists(first), await lists(second)], [401, 200]);

    const direct = await ran(['keys', 'revoke', 'k', '--data', dataDir], { cwd: dataDir });
    assert.equal(direct.code, 0, direct.err);
    while ((await lists(second)) !== 401) await new Promise((resolve) => setTimeout(resolve, 20));
  });
});
