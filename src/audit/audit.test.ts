import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import type { Finding } from './finding.ts';
import type { FindingKind } from './kinds.ts';
import { imageTokens, typicalImage } from '../text/media.ts';
import { auditOf, charsPerToken, claudeCodeForm, codexForm, ledgerForm, otlpForm, prose, requestsForm, type Asked, type Said } from './read/testing.ts'; // prettier-ignore

const start = Date.UTC(2026, 10, 2, 9);
const claude = 'claude-opus-5-5';
const gpt = 'gpt-5.5';
/** USD a million tokens, by the vendors' price lists of that day. */
const rates = {
  [claude]: { input: 4, output: 20, write: 5, writeHour: 8, read: 0.2 },
  [gpt]: { input: 5, output: 30, write: 5, writeHour: 5, read: 0.5 },
} as const;
type Model = keyof typeof rates;

interface Plan {
  readonly model?: Model;
  readonly sessions?: number;
  readonly turns?: number;
  readonly gapMs?: number;
  readonly cache?: Asked['cache'];
  readonly outputTokens?: number;
  readonly tools?: readonly string[];
  readonly system?: (turn: number) => string;
  /** What the user says at a turn, and what comes of it. */
  readonly result?: (turn: number, session: number) => string;
  readonly answer?: (turn: number, session: number) => string;
  readonly image?: string;
}

/** Conversations as they should be: a steady beginning, tools that are used, a prompt cache that is read. */
function traffic(plan: Plan = {}): readonly Asked[] {
  const { model = claude, sessions = 4, turns = 12, gapMs = 20_000, outputTokens = 40, tools = ['read_file', 'search'] } = plan;
  const { cache = model === claude ? 'marks' : 'automatic', system = () => prose(6000, 'You help.') } = plan;
  const { result = (turn, session) => `result ${session}-${turn}: ${prose(300, `line ${turn * 7 + session}`)}` } = plan;
  const { answer = (turn, session) => `Step ${turn} of ${session} is done; ${prose(60, `note ${turn * 13 + session}`)}` } = plan;
  return Array.from({ length: sessions }, (_, session) => {
    const said: Said[] = [
      { role: 'user', text: `Task ${session}: ${prose(200, `goal ${session}`)}`, ...(plan.image !== undefined && { image: plan.image }) },
    ];
    return Array.from({ length: turns }, (_, turn): Asked => {
      const id = `call_${session}_${turn}`;
      const tool = tools[turn % tools.length]!;
      const reply = {
        role: 'model',
        text: answer(turn, session),
        call: { id, tool, given: { path: `file-${session}-${turn}.ts` } },
      } as const;
      const asked = { at: start + session * 7_200_000 + turn * gapMs, session: `s${session}`, app: 'shop', model, system: system(turn), tools, said: [...said], answer: reply, outputTokens, cache }; // prettier-ignore
      said.push(reply, { role: 'result', id, text: result(turn, session) });
      return asked;
    });
  }).flat();
}

const forms = { requests: requestsForm, 'claude-code': claudeCodeForm, codex: codexForm, otlp: otlpForm, ledger: ledgerForm } as const;
type FormName = keyof typeof forms;
const all: readonly FormName[] = ['requests', 'claude-code', 'codex', 'otlp', 'ledger'];
/** Claude Code speaks to Claude, Codex to GPT. */
const modelFor = (form: FormName, model: Model): Model => (form === 'claude-code' ? claude : form === 'codex' ? gpt : model);

suite('clean traffic: no claim', () => {
  for (const form of all)
    for (const model of new Set<Model>([modelFor(form, claude), modelFor(form, gpt)]))
      test(`${form}, ${model}`, async (context) => {
        const { findings, totals } = await auditOf(forms[form](traffic({ model }), context));
        assert.deepEqual(findings.map(({ kind, subject }) => [kind, subject]), []); // prettier-ignore
        assert.equal(totals.all.calls, 48);
        assert.equal(totals.all.unpricedCalls, 0);
        assert.ok(totals.all.cacheRead > 0);
      });
});

const only = (findings: readonly Finding[], kind: FindingKind): Finding => {
  assert.deepEqual([...new Set(findings.map((each) => each.kind))], [kind]);
  return findings[0]!;
};
const savedUsd = (findings: readonly Finding[]): number => findings.reduce((sum, { saved }) => sum + saved, 0) / 1e9;

/** Within so many percent of what was planted. */
function assertAbout(actual: number, expected: number, percent: number): void {
  assert.ok(expected > 0 && Math.abs(actual - expected) <= (expected * percent) / 100, `${actual} USD, planted: ${expected} USD`);
}

interface Planted {
  readonly kind: FindingKind;
  readonly forms: readonly FormName[];
  readonly plan: (model: Model) => Plan;
  /** Adds to clean traffic what a plan cannot. */
  readonly add?: (clean: readonly Asked[]) => readonly Asked[];
  /** USD, by hand. */
  readonly expected: (model: Model, planted: readonly Asked[]) => number;
  /** Allowed difference: how JSON is written around a text differs by form. */
  readonly percent: number;
  readonly model?: Model;
}

const perToken = (usdPerMillion: number): number => usdPerMillion / 1e6;
const stamp = (turn: number): string => `Now: ${new Date(start + turn * 20_000).toISOString()}\n${prose(6000, 'You help.')}`;
const indented = (turn: number): string =>
  JSON.stringify({ turn, rows: Array.from({ length: 40 }, (_, row) => ({ row, value: `${turn}-${row}` })) }, undefined, 4);
/** A user's task, and 11 results of 310 characters or so before the last turn. */
const systemTokens = 6000 / charsPerToken;

const before = 'Certainly! ';
const behind = ' Let me know if you would like me to look at anything else, or at other parts of the same file.';
const talkative = (turn: number, session: number): string =>
  `${before}Done ${turn}-${session}: ${prose(200, `part ${turn * 5 + session}`)}${behind}`;

const planted: readonly Planted[] = [
  {
    kind: 'cache_broken',
    forms: ['requests', 'claude-code', 'otlp', 'ledger'],
    plan: () => ({ system: stamp, turns: 6, tools: ['search'] }),
    // From the second turn on all of the prompt before is paid anew: system, task, and 1 to 5 turns; the tools stand before the break.
    expected: (model, asked) => {
      const { write, input, read } = rates[model];
      const paid = model === claude ? write : input;
      const later = asked.filter(({ said }) => said.length > 1);
      const textOf = (said: readonly Said[]): number => said.reduce((sum, each) => sum + JSON.stringify(each).length, 0);
      const lost = later.map(({ said }) => systemTokens + textOf(said.slice(0, -2)) / charsPerToken);
      return lost.reduce((sum, tokens) => sum + tokens * perToken(paid - read), 0);
    },
    percent: 15,
  },
  {
    kind: 'cache_unused',
    forms: ['requests', 'claude-code', 'ledger'],
    model: claude,
    plan: () => ({ cache: 'none', turns: 6, tools: ['search'] }),
    expected: (model, asked) => {
      const { input, read, write } = rates[model];
      const size = (each: Asked): number =>
        (6000 + 2000 + each.said.reduce((sum, said) => sum + JSON.stringify(said).length, 0)) / charsPerToken;
      const sums = asked.map((each, index) => {
        if (each.said.length === 1) return 0;
        const before = size(asked[index - 1]!);
        const first = asked[index - 1]!.said.length === 1 ? before : 0;
        return before * perToken(input - read) - (size(each) - before + first) * perToken(write - input);
      });
      return sums.reduce((sum, each) => sum + each, 0);
    },
    percent: 10,
  },
  {
    kind: 'cache_expired',
    forms: ['requests', 'claude-code', 'otlp', 'ledger'],
    model: claude,
    // Ten minutes between two turns, always: with an hour's lifetime only what is new would be written.
    plan: () => ({ turns: 10, gapMs: 600_000, tools: ['search'] }),
    expected: (model, asked) => {
      const { read, write, writeHour } = rates[model];
      const size = (each: Asked): number =>
        (6000 + 2000 + each.said.reduce((sum, said) => sum + JSON.stringify(said).length, 0)) / charsPerToken;
      const kept = asked.reduce((sum, each, index) => sum + (each.said.length === 1 ? 0 : size(asked[index - 1]!)), 0);
      const written = asked.reduce((sum, each) => sum + size(each), 0);
      return Math.max(0, kept * perToken(write - read) - written * perToken(writeHour - write));
    },
    percent: 12,
  },
  {
    kind: 'repeated_call',
    forms: ['requests', 'claude-code', 'otlp', 'ledger'],
    plan: () => ({ sessions: 1, turns: 1, cache: 'none' }),
    add: (clean) => [0, 1, 2, 3].map((time) => ({ ...clean[0]!, at: start + time * 900_000, session: `again-${time}` })),
    expected: (model, [first]) => {
      const { input, output } = rates[model];
      const tokens = (6000 + 2 * 2000 + JSON.stringify(first!.said).length) / charsPerToken;
      return 3 * (tokens * perToken(input) + 40 * perToken(output));
    },
    percent: 10,
  },
  {
    kind: 'unused_tool',
    forms: ['requests', 'claude-code', 'otlp', 'ledger'],
    plan: () => ({ tools: ['read_file', 'search'] }),
    add: (clean) => clean.map((asked) => ({ ...asked, tools: [...asked.tools, 'delete_everything'] })),
    // About 2,000 characters of schema: written once a session, then read 11 times. Where nothing writes, fresh once.
    expected: (model) => {
      const { read, write, input } = rates[model];
      return 4 * (2000 / charsPerToken) * (perToken(model === claude ? write : input) + 11 * perToken(read));
    },
    percent: 12,
  },
  {
    kind: 'stale_result',
    forms: all,
    plan: () => ({
      sessions: 1,
      turns: 16,
      result: (turn) => (turn === 0 ? prose(40_000, 'log') : `result ${turn}: ${prose(200, `line ${turn}`)}`),
    }),
    // 10,000 tokens, of which 1,000 would do, in each of the calls after its tenth.
    expected: (model) => 5 * (40_000 / charsPerToken - 1000) * perToken(rates[model].read),
    percent: 5,
  },
  {
    kind: 'pretty_json',
    forms: all,
    plan: () => ({ turns: 8, result: indented }),
    // The result of turn k is new in call k+1 and read in those behind.
    expected: (model) => {
      const { read, write, input } = rates[model];
      const fresh = model === claude ? write : input;
      // As it stands in the request: each line break is two characters there.
      const escaped = (text: string): number => JSON.stringify(text).length;
      const wasted = (turn: number): number => (indented(turn).length - JSON.stringify(JSON.parse(indented(turn))).length) / charsPerToken;
      assert.ok(escaped(indented(0)) > indented(0).length);
      return 4 * [0, 1, 2, 3, 4, 5, 6].reduce((sum, turn) => sum + wasted(turn) * (perToken(fresh) + (6 - turn) * perToken(read)), 0);
    },
    percent: 12,
  },
  {
    kind: 'image_detail',
    forms: ['requests', 'codex', 'ledger'],
    model: gpt,
    plan: () => ({ image: 'https://example.com/picture.png', sessions: 5 }),
    expected: (model) => {
      const { read, input } = rates[model];
      const tokens = imageTokens('openai', typicalImage) - imageTokens('openai', typicalImage, true);
      return 5 * tokens * (perToken(input) + 11 * perToken(read));
    },
    percent: 10,
  },
  {
    kind: 'loop',
    forms: all,
    plan: () => ({ sessions: 1, turns: 10 }),
    add: (clean) => {
      const call = {
        role: 'model',
        text: 'I look again.',
        call: { id: 'same', tool: 'search', given: { query: 'the same thing' } },
      } as const;
      const result = { role: 'result', id: 'same', text: 'nothing of that name in the index of this project' } as const;
      const first = clean[0]!.said[0]!;
      return clean.map((asked, turn) => ({
        ...asked,
        answer: call,
        said: [first, ...Array.from({ length: turn }, () => [call, result]).flat()],
      }));
    },
    // Three times is a loop: calls 4 to 10 should not have been made.
    expected: (model, asked) => {
      const { read, write, input, output } = rates[model];
      const size = (each: Asked): number =>
        (6000 + 2 * 2000 + each.said.reduce((sum, said) => sum + JSON.stringify(said).length, 0)) / charsPerToken;
      const calls = asked.slice(3).map((each, index) => {
        const before = size(asked[index + 2]!);
        return before * perToken(read) + (size(each) - before) * perToken(model === claude ? write : input) + 40 * perToken(output);
      });
      return calls.reduce((sum, each) => sum + each, 0);
    },
    percent: 8,
  },
  {
    kind: 'verbose_output',
    forms: all,
    plan: () => ({ outputTokens: 200, answer: talkative }),
    // The phrases before and behind, of each of 48 answers.
    expected: (model) => 48 * 200 * ((before.length + behind.length) / talkative(1, 1).length) * perToken(rates[model].output),
    percent: 3,
  },
  {
    kind: 'oversized_model',
    forms: ['requests', 'otlp', 'ledger'],
    plan: () => ({ sessions: 30, turns: 1, cache: 'none', system: () => prose(400, 'Say yes or no.'), outputTokens: 5 }),
    add: (clean) => clean.map((asked) => ({ ...asked, tools: [], answer: { role: 'model', text: 'yes' } })),
    // Haiku 5.5 and GPT-5.6 Luna and their like cost at most a third; so at least two thirds are saved.
    expected: (model, asked) => {
      const tokens = asked.reduce((sum, { said }) => sum + (430 + JSON.stringify(said).length) / charsPerToken, 0);
      return tokens * perToken(rates[model].input) + 30 * 5 * perToken(rates[model].output);
    },
    percent: 34,
  },
];

const unchanged = (clean: readonly Asked[]): readonly Asked[] => clean;

suite('each planted waste is found, with its money, and nothing else', () => {
  for (const { kind, forms: shown, plan, add = unchanged, expected, percent, model: fixed } of planted)
    for (const form of shown)
      for (const model of new Set<Model>(fixed ? [fixed] : [modelFor(form, claude), modelFor(form, gpt)]))
        test(`${kind}, ${form}, ${model}`, async (context) => {
          const asked = add(traffic({ model, ...plan(model) }));
          const { findings } = await auditOf(forms[form](asked, context));
          const found = only(findings, kind);
          assert.equal(found.app, 'shop');
          assert.ok(found.evidence.length > 0 && found.calls > 0);
          assert.equal(found.saved, found.terms.reduce((sum, { nano }) => sum + nano, 0), 'the terms are the arithmetic'); // prettier-ignore
          assertAbout(savedUsd(findings), expected(model, asked), percent);
        });
});
