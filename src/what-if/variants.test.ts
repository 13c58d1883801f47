import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import { loadConfig, type PartialConfig } from '../config/load.ts';
import type { Config } from '../config/schema.ts';
import { mixed } from './mixed.ts';
import { holdOuts, otherOptions, variantsOf } from './variants.ts';

const providers = { openai: { protocol: 'openai', baseUrl: 'https://api.openai.com/v1' } } as const;
const configured = async (data: PartialConfig): Promise<Config> =>
  (await loadConfig({ env: {}, cwd: import.meta.dirname, data: { ...data, providers }, withoutSecrets: true })).config;

const before = await configured({
  savings: { stages: { promptCache: 'on' }, overrides: [{ match: { app: 'a' }, stages: { promptCache: 'off', exactCache: 'on' } }] },
});

const stagesOf = (after: Config, ablation = false): readonly (string | undefined)[] =>
  variantsOf(before, after, ablation).steps.map(({ stage }) => stage);

suite('the changes of a policy, one by one', () => {
  const cases: readonly (readonly [string, PartialConfig, readonly string[]])[] = [
    ['nothing', {}, [otherOptions]],
    ['a mode', { savings: { stages: { promptRepair: 'on' } } }, ['prompt-repair']],
    ["a saving's own option", { promptCache: { maxLossPercent: 3 } }, ['prompt-cache']],
    ['a mode for some calls', { savings: { overrides: [{ match: { app: 'a' }, stages: { exactCache: 'observe', promptCache: 'off' } }] } }, ['exact-cache']],
    ['limits of an app', { apps: { shop: { outputLimits: { maxOutputTokens: 10 } } } }, ['output-limits']],
    ['a rule', { routes: [{ name: 'r', use: { model: 'gpt-5-mini' } }] }, ['routes']],
    ['who is held out', { savings: { holdout: 0.1, stages: { promptRepair: 'on' } } }, [holdOuts, 'prompt-repair']],
    ['an option of none', { meter: { maxEstimates: 7 } }, [otherOptions]],
    ['several, in the order in which they see a call', { savings: { stages: { exactCache: 'on', promptRepair: 'on' } }, meter: { maxEstimates: 7 } }, [otherOptions, 'prompt-repair', 'exact-cache']],
  ]; // prettier-ignore
  for (const [what, policy, expected] of cases)
    test(what, async () => {
      const savings = { ...before.savings, ...policy.savings, stages: { ...before.savings.stages, ...policy.savings?.stages } };
      const after = await configured({ ...policy, savings } as PartialConfig);
      assert.deepEqual(stagesOf(after), [undefined, ...expected]);
    });
});

test('the first variant is today, the last the policy, whole', async () => {
  const after = await configured({ savings: { stages: { promptCache: 'off', exactCache: 'on' } }, promptCache: { maxLossPercent: 3 } });
  const { steps } = variantsOf(before, after, false);
  assert.equal(steps[0]!.config, before);
  assert.equal(steps.at(-1)!.config, after);
  assert.deepEqual([steps[1]!.config.savings.stages.promptCache, steps[1]!.config.savings.stages.exactCache], ['off', 'off']);
});

test('each change left out alone, where there is more than one', async () => {
  const after = await configured({ savings: { stages: { promptRepair: 'on', exactCache: 'on' } }, meter: { maxEstimates: 7 } });
  const { without } = variantsOf(before, after, true);
  const modes = without.map(({ stage, config: { savings, meter } }) => [
    stage,
    savings.stages.promptRepair,
    savings.stages.exactCache,
    meter.maxEstimates,
  ]);
  assert.deepEqual(modes, [
    [otherOptions, 'on', 'on', before.meter.maxEstimates],
    ['prompt-repair', before.savings.stages.promptRepair, 'on', 7],
    ['prompt-cache', 'on', 'on', 7],
    ['exact-cache', 'on', 'off', 7],
  ]);
  const alone = await configured({
    savings: { ...before.savings, stages: { ...before.savings.stages, promptRepair: 'on' } },
  } as PartialConfig);
  assert.deepEqual(variantsOf(before, alone, true).without, []);
});

test('a saving of a policy takes its overrides along and leaves those of others', async () => {
  const after = await configured({
    savings: { overrides: [{ match: { app: 'b' }, stages: { promptCache: 'observe', stepReuse: 'on' } }] },
    apps: { shop: { outputLimits: { maxOutputTokens: 10 }, onClientAbort: 'drain' } },
  });
  const config = mixed(before, after, new Set(['stepReuse']));
  assert.deepEqual(config.savings.overrides.toSorted((one, other) => (JSON.stringify(one) < JSON.stringify(other) ? -1 : 1)), [
    { match: { app: 'a' }, stages: { exactCache: 'on' } },
    { match: { app: 'a' }, stages: { promptCache: 'off' } },
    { match: { app: 'b' }, stages: { stepReuse: 'on' } },
  ]); // prettier-ignore
  assert.deepEqual(JSON.parse(JSON.stringify(config.apps)), { shop: { onClientAbort: 'drain' } });
});
