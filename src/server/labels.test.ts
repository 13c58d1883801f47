import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Body } from '../core/body.ts';
import { Call } from '../core/call.ts';
import { callCodecs } from '../protocols/codecs.ts';
import { labels as sdkLabels } from '../sdk/index.ts';
import { labelsOf, maxLabelLength, maxTags } from './labels.ts';

const chat = (body: object): Call =>
  Call.received('c', { codec: callCodecs['openai.chat'], body: new Body([Buffer.from(JSON.stringify({ model: 'm', ...body }))]) });
const read = (headers: Readonly<Record<string, string>>, app?: string, body?: object) =>
  JSON.parse(JSON.stringify(labelsOf(Object.entries(headers).flat(), app, body && chat(body)))) as unknown;
const claudeUser = JSON.stringify({ device_id: 'd', account_uuid: 'secret-account', session_id: 's9' });

const cases: readonly (readonly [string, unknown, unknown])[] = [
  [
    'our headers',
    read({ 'x-modicum-feature': 'search', 'x-modicum-task': 't1', 'x-modicum-tag-plan': 'pro' }),
    { feature: 'search', task: 't1', tags: { plan: 'pro' } },
  ],
  ["the path's app", read({}, 'shop'), { app: 'shop' }],
  ['our header before the path', read({ 'x-modicum-app': 'a' }, 'b'), { app: 'a' }],
  ['our header before what a client sends', read({ 'session-id': 'theirs', 'x-modicum-session': 'ours' }), { session: 'ours' }],
  [
    "Claude Code's session",
    read({ 'x-claude-code-session-id': 's1', 'user-agent': 'claude-cli/2.1.330 (external, cli)' }),
    { session: 's1', client: 'claude-cli' },
  ],
  ["Codex's turn", read({ 'x-codex-turn-metadata': '{"session_id":"s2","agent_name":"sub"}' }), { session: 's2', tags: { agent: 'sub' } }],
  ["Helicone's headers", read({ 'helicone-user-id': 'u', 'helicone-property-plan': 'pro' }), { user: 'u', tags: { plan: 'pro' } }],
  ["the body's user and cache key", read({}, undefined, { user: 'u1', prompt_cache_key: 'k1' }), { user: 'u1', session: 'k1' }],
  [
    'free metadata',
    read({}, undefined, { metadata: { user_id: 'u2', task_id: 't2', feature: 'f' } }),
    { user: 'u2', task: 't2', feature: 'f' },
  ],
  ['percent-encoded values', read({ 'x-modicum-user': 'J%C3%B6rg' }), { user: 'Jörg' }],
  ['a value that only looks encoded', read({ 'x-modicum-feature': '100% off' }), { feature: '100% off' }],
  ['metadata that is no object', read({}, undefined, { metadata: 'x', user: 7 }), {}],
  [
    'what our SDK writes',
    read(Object.fromEntries(Object.entries(sdkLabels({ user: 'Łucja', feature: '50%' })))),
    { user: 'Łucja', feature: '50%' },
  ],
];
for (const [what, actual, expected] of cases) test(`labels: ${what}`, () => assert.deepEqual(actual, expected));

test('account and device ids are never stored as they are', () => {
  const labels = read({}, undefined, { metadata: { user_id: claudeUser } }) as { user: string; session: string };
  assert.match(labels.user, /^sha256:[0-9a-f]{16}$/);
  assert.equal(labels.session, 's9');
});

test('labels are cut, and tags are counted', () => {
  const tags = Object.fromEntries(Array.from({ length: maxTags + 1 }, (_, at) => [`x-modicum-tag-t${at}`, 'v']));
  const labels = read({ ...tags, 'x-modicum-user': 'x'.repeat(maxLabelLength + 1) }) as { user: string; tags: object };
  assert.deepEqual([labels.user.length, Object.keys(labels.tags).length], [maxLabelLength, maxTags]);
});
