import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import type { CanonicalCall } from '../../core/canonical/call.ts';
import type { ReasoningRequest } from '../../core/canonical/reasoning.ts';
import { arbitraryCall } from './arbitrary-call.ts';
import { fit, type ModelAbilities } from './fit.ts';

const call: CanonicalCall = { model: 'm', stream: false, streamUsage: false, messages: [], tools: [], sampling: {} };
const tool = { type: 'function', name: 'look' } as const;
const words = ({ dropped }: ReturnType<typeof fit>): readonly string[] => dropped.map(({ what }) => what);

test('a call to a model of which nothing is known is the same object', () => {
  fc.assert(
    fc.property(arbitraryCall(), (any) => {
      const fitted = fit(any, {});
      assert.equal(fitted.call, any);
      assert.deepEqual(fitted.dropped, []);
    }),
  );
});

describe('how much to think', () => {
  const levels = { efforts: ['low', 'medium', 'high'] } as const;
  const budgets = { adaptiveThinking: false, thinkingBudget: true, efforts: [] } as const;
  const rules: readonly [string, ReasoningRequest, ModelAbilities, ReasoningRequest, readonly string[]][] = [
    ['a word it takes stays', { effort: 'high' }, levels, { effort: 'high' }, []],
    ['a larger word becomes its largest', { effort: 'max' }, levels, { effort: 'high' }, ['reasoning.effort']],
    ['a smaller word becomes its least', { effort: 'minimal' }, levels, { effort: 'low' }, ['reasoning.effort']],
    ['between two words, the lower', { effort: 'xhigh' }, { efforts: ['low', 'high', 'max'] }, { effort: 'high' }, ['reasoning.effort']],
    [
      'a request to think does not become none',
      { effort: 'minimal' },
      { efforts: ['none', 'low'] },
      { effort: 'low' },
      ['reasoning.effort'],
    ],
    ['no words: none is sent', { effort: 'low', summary: 'auto' }, { efforts: [] }, { summary: 'auto' }, ['reasoning.effort']],
    ['off stays off where it can be', { effort: 'none' }, levels, { effort: 'none' }, []],
    ['off is the least where it cannot be', { effort: 'none' }, { ...levels, thinkingOff: false }, { effort: 'low' }, ['reasoning.effort']],
    ['a budget of 0 too', { budgetTokens: 0 }, { ...levels, thinkingOff: false }, { effort: 'low' }, ['reasoning.budget']],
    ['a budget becomes a word', { budgetTokens: 20_000 }, { ...levels, thinkingBudget: false }, { effort: 'high' }, ['reasoning.budget']],
    [
      'the word given goes before it',
      { budgetTokens: 9, effort: 'high' },
      { thinkingBudget: false },
      { effort: 'high' },
      ['reasoning.budget'],
    ],
    ['no amount stays no amount', { budgetTokens: -1 }, { thinkingBudget: false }, { budgetTokens: -1 }, []],
    ['a word becomes a budget', { effort: 'high' }, budgets, { budgetTokens: 24_576 }, ['reasoning.effort']],
    ['a budget stays one', { budgetTokens: 3000 }, budgets, { budgetTokens: 3000 }, []],
    ['thoughts to be shown need a budget', { summary: 'auto' }, budgets, { summary: 'auto', budgetTokens: 8192 }, ['reasoning.budget']],
    ['so does adaptive thinking', { adaptive: true }, budgets, { budgetTokens: 8192 }, ['reasoning.adaptive']],
  ];
  for (const [name, reasoning, abilities, expected, dropped] of rules)
    test(name, () => {
      const fitted = fit({ ...call, reasoning }, abilities);
      assert.deepEqual([fitted.call.reasoning, words(fitted)], [expected, dropped]);
    });
});

describe('tools that must be called', () => {
  const rules = [
    [{ type: 'required' }, { type: 'auto' }, ['tool_choice']],
    [{ type: 'tool', name: 'look' }, { type: 'auto' }, ['tool_choice.tool']],
    [{ type: 'allowed', mode: 'required', names: ['look'] }, { type: 'allowed', mode: 'auto', names: ['look'] }, ['tool_choice.allowed']],
    [{ type: 'none' }, { type: 'none' }, []],
    [{ type: 'allowed', mode: 'auto', names: ['look'] }, { type: 'allowed', mode: 'auto', names: ['look'] }, []],
  ] as const;
  for (const [toolChoice, expected, dropped] of rules)
    test(`${JSON.stringify(toolChoice)} where none can be forced`, () => {
      const fitted = fit({ ...call, tools: [tool], toolChoice }, { forcedTools: false });
      assert.deepEqual([fitted.call.toolChoice, words(fitted)], [expected, dropped]);
    });
});

describe('settings', () => {
  const warm = { ...call, sampling: { temperature: 1, topP: 0.5 } };
  test('that are refused are left out and named', () => {
    const fitted = fit(warm, { refuses: ['temperature', 'top_k'] });
    assert.deepEqual([fitted.call.sampling, words(fitted)], [{ topP: 0.5 }, ['temperature']]);
  });

  test('that are refused while thinking stay when thinking is off', () => {
    const abilities = { refusesThinking: ['temperature'] } as const;
    assert.deepEqual(words(fit(warm, abilities)), ['temperature']);
    assert.deepEqual(words(fit({ ...warm, reasoning: { effort: 'none' } }, abilities)), []);
    assert.deepEqual(words(fit({ ...warm, reasoning: { effort: 'none' } }, { ...abilities, thinkingOff: false })), [
      'reasoning.effort',
      'temperature',
    ]);
  });

  for (const [asked, sent, dropped] of [
    [99, 99, []],
    [100, 100, []],
    [101, 100, ['max_output_tokens']],
  ] as const)
    test(`a limit of ${asked} where the model gives 100`, () => {
      const fitted = fit({ ...call, maxOutputTokens: asked }, { maxOutputTokens: 100 });
      assert.deepEqual([fitted.call.maxOutputTokens, words(fitted)], [sent, dropped]);
    });
});
