import assert from 'node:assert/strict';
import { after, before, suite, test } from 'node:test';
import { routeFaults } from './route-checks.ts';
import { configSchema } from './schema.ts';
import { configFolders, messageOf, type ConfigFolders } from './testing.ts';

const providers = { openai: { protocol: 'openai', baseUrl: 'https://a.example/v1', models: ['gpt-5', 'gpt-5-mini'] } } as const;
const models = { big: { provider: 'openai', model: 'gpt-5' } };
const problems = (config: object): readonly string[] =>
  routeFaults(configSchema.parse({ providers, models, ...config })).map(({ path, problem }) => `${path.join('.')}: ${problem}`);
const use = { model: 'big' };

suite('rules that cannot be meant', () => {
  const cases: readonly (readonly [string, object, readonly string[]])[] = [
    [
      'nothing wrong',
      {
        routes: [
          { name: 'a', match: { app: 'x' }, use },
          { name: 'b', use: { model: 'openai/gpt-5-mini' } },
        ],
      },
      [],
    ],
    ['unknown model', { routes: [{ name: 'a', use: { model: 'bgi' } }] }, ['routes.0.use.model: no provider serves "bgi"']],
    [
      'a model that the provider does not list',
      { routes: [{ name: 'a', use: { model: 'openai/o3' } }] },
      ['routes.0.use.model: no provider serves "openai/o3"'],
    ],
    [
      'the same name twice',
      {
        routes: [
          { name: 'a', match: { app: 'x' }, use },
          { name: 'a', use },
        ],
      },
      ['routes.1.name: routes[0] has the same name'],
    ],
    [
      'behind a rule for all calls',
      {
        routes: [
          { name: 'a', use },
          { name: 'b', match: { app: 'x' }, use },
        ],
      },
      ['routes.1.match: never fires, for the rule "a" before it is for all of its calls'],
    ],
    [
      'behind a rule on trial',
      {
        routes: [
          { name: 'a', mode: 'observe', use },
          { name: 'b', match: { app: 'x' }, use },
        ],
      },
      [],
    ],
    [
      'a rule that does nothing',
      { routes: [{ name: 'a' }] },
      ['routes.0.use: is missing, and so are limits and stages: the rule does nothing'],
    ],
    ['limits alone', { routes: [{ name: 'a', limits: { maxOutputTokens: 10 } }] }, []],
    [
      'two ways at once',
      { routes: [{ name: 'a', use: { model: 'big', split: [{ model: 'big' }] } }] },
      ['routes.0.use: must have one of model, split, fromTable'],
    ],
    [
      'no weight',
      { routes: [{ name: 'a', use: { split: [{ model: 'big', weight: 0 }] } }] },
      ['routes.0.use.split: has no weight above 0'],
    ],
    [
      'a model twice in a split',
      { routes: [{ name: 'a', use: { split: [{ model: 'big' }, { model: 'big' }] } }] },
      ['routes.0.use.split.1.model: is in the split already'],
    ],
    [
      'an unknown model in a split',
      { routes: [{ name: 'a', use: { split: [{ model: 'x' }] } }] },
      ['routes.0.use.split.0.model: no provider serves "x"'],
    ],
    [
      'a table of nothing',
      { routes: [{ name: 'a', use: { fromTable: { minQuality: 1 } } }] },
      ['routes.0.use.fromTable: has neither file nor rows'],
    ],
    [
      'a header that rules do not see',
      { routes: [{ name: 'a', match: { headers: { Authorization: 'x' } }, use }] },
      ['routes.0.match.headers.Authorization: is not seen by rules'],
    ],
    [
      'an unknown budget',
      { routes: [{ name: 'a', match: { budgetLeft: { budget: 'b', below: 10 } }, use }] },
      ['routes.0.match.budgetLeft.budget: there is no budget "b"'],
    ],
    [
      'an unknown label',
      { routes: [{ name: 'a', match: { sensitivity: ['none', 'x'] }, use }] },
      ['routes.0.match.sensitivity: "x" is no label'],
    ],
    [
      'an alias',
      {
        aliases: { fast: { model: 'big', version: '2', earlier: { 1: 'gpt-5-mini' } } },
        routes: [{ name: 'a', use: { model: 'fast@1' } }],
      },
      [],
    ],
    ['an alias of nothing', { aliases: { fast: { model: 'x' } } }, ['aliases.fast.model: no provider serves "x"']],
    ['an alias of an alias', { aliases: { fast: { model: 'big' }, f: { model: 'fast' } } }, ['aliases.f.model: "fast" is an alias itself']],
    ['an alias that is a model too', { aliases: { big: { model: 'gpt-5' } } }, ['aliases.big: is a name under models too']],
    [
      'a version twice',
      { aliases: { f: { model: 'big', version: '1', earlier: { 1: 'gpt-5' } } } },
      ['aliases.f.version: is an earlier version too'],
    ],
  ];
  for (const [name, config, expected] of cases) test(name, () => assert.deepEqual(problems(config), expected));

  test('what the schema refuses', () => {
    const faulty = [
      { inputTokens: { min: 2, max: 1 } },
      { time: { from: '25:00' } },
      { time: { from: '08:00', to: '08:00' } },
      { time: { timeZone: 'Mars' } },
      { time: { days: ['monday'] } },
      { app: [] },
      { budgetLeft: { budget: 'b', below: 101 } },
      { language: '' },
      { unknown: 1 },
    ];
    for (const match of faulty) assert.ok(!configSchema.safeParse({ routes: [{ name: 'a', match, use }] }).success, JSON.stringify(match));
    assert.ok(!configSchema.safeParse({ aliases: { 'a@1': { model: 'big' } } }).success);
  });
});

suite('tables of evaluations', () => {
  let folders: ConfigFolders;
  before(async () => {
    folders = await configFolders();
  });
  after(() => folders.remove());

  const yaml = (fromTable: string): string =>
    `providers:\n  a: { protocol: openai, baseUrl: https://a.example/v1, models: [m, n] }\nroutes:\n  - name: cheap\n    use: { fromTable: ${fromTable} }\n`;
  const table = 'task,model,quality,cost\nsummary,m,0.9,1\nsummary,n,0.95,3\ncode,x,0.9,1\n';
  const load = async (fromTable: string, files: Readonly<Record<string, string>> = { 'evals.csv': table }) =>
    folders.load('', { cwd: await folders.folder({ 'modicum.yaml': yaml(fromTable), ...files }) });

  test('are read beside the configuration', async () => {
    const { config } = await load('{ file: evals.csv, task: summary, minQuality: 0.9 }');
    assert.deepEqual(config.routes[0]!.use!.fromTable!.rows[1], { task: 'summary', model: 'n', quality: 0.95, cost: 3 });
  });

  const faulty: readonly (readonly [string, RegExp])[] = [
    ['{ file: other.csv, minQuality: 0.9 }', /fromTable\.file: there is no file .*other\.csv/],
    [
      '{ file: evals.csv, task: poetry, minQuality: 0.9 }',
      /fromTable\.task: the table has no task "poetry" \(it has: summary, code\)|no task "poetry"/,
    ],
    ['{ file: evals.csv, task: summary, minQuality: 0.96 }', /minQuality: no model of the table reaches it at "summary"/],
    ['{ file: evals.csv, task: code, minQuality: 0.5 }', /no provider serves "x"/],
    ['{ file: bad.csv, minQuality: 0.5 }', /bad\.csv: has no column "task"/],
  ];
  for (const [fromTable, message] of faulty)
    test(fromTable, async () => assert.match(await messageOf(load(fromTable, { 'evals.csv': table, 'bad.csv': 'a,b\n1,2\n' })), message));
});
