// Runs coding agents against a gateway and an emulator, and holds the ledger against the bill. See README.md.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { CallRecord } from '../../src/core/record.ts';
import { assertCleanUpstream, assertSameAsBill, startStand, statusOf, type Stand } from '../harness.ts';
import { auditOf } from '../../src/audit/read/testing.ts';
import { inputTokensOf, kindsOf } from '../../src/audit/tokens.ts';
import { assertIdentitiesKept, secretAddress, startRelayedStand, type RelayedStand } from '../everything-on.ts';
import { agents, type Agent, type Place } from './agents.ts';

const flag = '--everything-on';
const [programs = '', ...given] = process.argv.slice(2);
const isEverythingOn = given.includes(flag);
const wanted = given.filter((name) => name !== flag);
const runLimitMs = 180_000;
const prompts = {
  'one prompt': 'ping',
  'a tool loop': isEverythingOn ? `Run one shell command that says hello to ${secretAddress}.` : 'Run one shell command that says hello.',
} as const;

interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A proxy nobody listens on: whatever is not on this machine fails at once. */
const offline = { HTTP_PROXY: 'http://127.0.0.1:9', HTTPS_PROXY: 'http://127.0.0.1:9', NO_PROXY: '127.0.0.1,localhost' };
const lowerCase = Object.fromEntries(Object.entries(offline).map(([name, value]) => [name.toLowerCase(), value]));

async function run(agent: Agent, prompt: string, place: Place): Promise<Ran> {
  const child = spawn(join(programs, agent.program), agent.args(prompt, place), {
    cwd: place.project,
    env: {
      PATH: `${programs}${delimiter}${process.env['PATH'] ?? ''}`,
      HOME: place.home,
      XDG_CONFIG_HOME: join(place.home, '.config'),
      TERM: 'dumb',
      ...offline,
      ...lowerCase,
      ...agent.env(place),
    },
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: runLimitMs,
  });
  const [stdout, stderr, code] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise<number | null>((resolve) => child.once('close', resolve)),
  ]);
  return { code, stdout, stderr };
}

/** Exit, printed answer, and the ledger: each call once, equal to the bill, of one session, attributed. */
async function check(agent: Agent, what: keyof typeof prompts, stand: Stand | RelayedStand, place: Place): Promise<string> {
  stand.emulator.reset();
  const relayedBefore = 'sent' in stand ? { sent: stand.sent.length, received: stand.received.length } : undefined;
  const known = (await stand.records(0)).length;
  const seenBefore = stand.seen.length;
  const { code, stdout, stderr } = await run(agent, prompts[what], place);
  if (process.env['MODICUM_CLIENTS_SHOW'] !== undefined) console.log(`${stdout}\n${stderr}`);
  assert.equal(code, 0, `exit code; it said:\n${stdout}\n${stderr}`);
  assert.match(stdout, /\[emulator\]/, 'the answer is printed');
  const all = await stand.records(statusOf(stand.app).ledger.appended);
  const records = all.slice(known);
  assert.ok(records.length > 0, 'the calls are in the ledger');
  assertSameAsBill(records, stand.emulator.bill());
  assertCleanUpstream(stand.seen.slice(seenBefore));
  for (const record of records) assertAttributed(record, agent);
  const sessions = new Set(records.map(({ labels }) => labels.session));
  assert.equal(sessions.size, 1, `one session, not ${[...sessions].join(', ')}`);
  assert.notEqual([...sessions][0], undefined, 'the session is known');
  if (what === 'a tool loop') assertToolLoop(records);
  if (agent.says) assert.match(`${stdout}${stderr}`, agent.says);
  const nanoUsd = records.reduce((sum, { cost }) => sum + cost.total!, 0);
  await assertLogIsLedger(agent, records, place);
  const own = agent.ownCostUsd?.(stdout);
  if (own !== undefined) assert.equal(Math.round(own * 1e9), nanoUsd, 'the agent comes to the same cost');
  const kept = 'sent' in stand ? `; ${assertKept(stand, what, relayedBefore!)}` : '';
  return `${records.length} calls, ${nanoUsd / 1e9} USD, equal to the bill${own === undefined ? '' : ` and to what it says itself`}${kept}`;
}

/** What the provider got has the ids, thoughts and signatures of what the agent sent, and not the address. */
function assertKept(stand: RelayedStand, what: keyof typeof prompts, before: { readonly sent: number; readonly received: number }): string {
  const sent = stand.sent.slice(before.sent);
  const received = stand.received.slice(before.received);
  const identities = assertIdentitiesKept(sent, received);
  const count = (key: RegExp): number => identities.filter((each) => key.test(each)).length;
  const [ids, thoughts] = [count(/^(tool_use_id|tool_call_id|call_id) /), count(/^(signature|thoughtSignature|encrypted_content) /)];
  if (what === 'a tool loop') {
    assert.ok(ids > 0, 'results name their calls');
    assert.ok(sent.some(({ body }) => body.includes(secretAddress)), 'the agent sends the address'); // prettier-ignore
  }
  for (const { body } of received) assert.ok(!body.includes(secretAddress), 'the address stays here');
  const changed = received.filter(({ body }, at) => !body.equals(sent[at]!.body)).length;
  return `${changed} of ${received.length} requests changed, ${ids} ids of calls and ${thoughts} signatures as they were`;
}

function assertAttributed(record: CallRecord, { name, api, model, client }: Agent): void {
  const { labels, outcome, provider } = record;
  assert.deepEqual({ app: labels.app, api: record.api, model: record.model, outcome }, { app: name, api, model, outcome: 'ok' });
  assert.match(labels.client ?? '', client);
  assert.ok(provider.length > 0);
}

/** The agent's own log, read by the audit, tells the same tokens and the same money as the ledger. */
async function assertLogIsLedger({ logs, model }: Agent, records: readonly CallRecord[], { home }: Place): Promise<void> {
  if (logs === undefined) return;
  const since = Math.min(...records.map(({ at }) => at));
  const { totals } = await auditOf({ since }, join(home, logs));
  const sum = (of: (record: CallRecord) => number): number => records.reduce((total, record) => total + of(record), 0);
  const { all } = totals;
  assert.deepEqual(
    { calls: all.calls, models: totals.byModel.map(({ key }) => key), input: inputTokensOf(all), read: all.cacheRead, write: all.cacheWrite, output: all.output, reasoning: all.reasoning, cost: all.cost }, // prettier-ignore
    {
      calls: records.length,
      models: [model],
      input: sum(({ buckets }) => inputTokensOf(kindsOf(buckets))),
      read: sum(({ buckets }) => kindsOf(buckets).cacheRead),
      write: sum(({ buckets }) => kindsOf(buckets).cacheWrite),
      output: sum(({ buckets }) => kindsOf(buckets).output),
      reasoning: sum(({ buckets }) => kindsOf(buckets).reasoning),
      cost: sum(({ cost }) => cost.total!),
    },
    'the audit of its log is the ledger',
  );
}

function assertToolLoop(records: readonly CallRecord[]): void {
  assert.ok(
    records.some(({ finishReason }) => finishReason === 'tool_calls'),
    'a tool was asked for',
  );
  assert.ok(
    records.some(({ parts }) => (parts?.toolResults ?? 0) > 0),
    'its result came back',
  );
}

async function checkAgent(agent: Agent): Promise<boolean> {
  const clean: (() => void | Promise<void>)[] = [];
  const folder = await mkdtemp(join(tmpdir(), 'modicum-client-'));
  const cleanup = { after: (done: () => void | Promise<void>) => void clean.unshift(done) };
  const stand = await (isEverythingOn ? startRelayedStand(cleanup) : startStand(cleanup));
  const place = { home: join(folder, 'home'), project: join(folder, 'project'), url: stand.url };
  let passed = true;
  try {
    await mkdir(place.home);
    await mkdir(place.project);
    await agent.prepare?.(place);
    for (const what of Object.keys(prompts) as (keyof typeof prompts)[])
      try {
        console.log(`ok      ${agent.name}, ${what}: ${await check(agent, what, stand, place)}`);
      } catch (error) {
        passed = false;
        console.log(`FAILED  ${agent.name}, ${what}: ${error instanceof Error ? error.message : String(error)}`);
      }
  } finally {
    for (const done of clean) await done();
    await rm(folder, { recursive: true, force: true });
  }
  return passed;
}

let passed = true;
/** Ids can be held against each other where nothing is translated, and what records in between speaks HTTP only. */
const isComparable = ({ name }: Agent): boolean => !/-with-|-websocket$/.test(name);
const chosen = agents.filter((agent) => (wanted.length === 0 || wanted.includes(agent.name)) && (!isEverythingOn || isComparable(agent)));
for (const agent of chosen) passed = (await checkAgent(agent)) && passed;
process.exitCode = passed ? 0 : 1;
