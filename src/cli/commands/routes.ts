import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { createCatalog, type Catalog } from '../../catalog/catalog.ts';
import { tryRoutes, type RouteTrial, type TrialResult } from '../../compose/route-trial.ts';
import { capabilityOverrides } from '../../config/capability-overrides.ts';
import { loadConfig } from '../../config/load.ts';
import type { Config } from '../../config/schema.ts';
import { conditionsOf } from '../../routes/conditions.ts';
import type { RuleVerdict } from '../../routes/decide.ts';
import type { RouteUse } from '../../routes/rule.ts';
import type { Arguments } from '../arguments.ts';
import type { Run } from '../command.ts';
import { exitCodes, usageError } from '../errors.ts';
import { table, type Column } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { readTime } from '../time.ts';

/** `test` judges a request by the rules without sending it; `list` shows them. */
export const run: Run = async (given, terminal) => {
  const [action = 'list', file] = given.words;
  const catalog = createCatalog();
  const { env, cwd } = terminal;
  const pricesAt = (baseUrl: string): string | undefined => catalog.providerAt(baseUrl);
  const { config } = await loadConfig({ path: given.text('config'), env, cwd, pricesAt, withoutSecrets: true });
  if (action === 'list') return listed(config, given, terminal);
  if (action !== 'test') throw usageError(`\`routes\` takes list or test, not ${action}`);
  if (file === undefined) throw usageError('`routes test` needs a file with the body of a request');
  const result = await tryRoutes(config, configured(config), await trialOf(file, given, terminal));
  terminal.out(given.flag('json') ? `${JSON.stringify(printable(result))}\n` : explained(result, terminal));
  return exitCodes.ok;
};

const configured = (config: Config): Catalog => createCatalog({ capabilities: capabilityOverrides(config) });

const apiNames: Readonly<Record<string, RouteTrial['api']>> = {
  chat: 'openai.chat',
  messages: 'anthropic.messages',
  responses: 'openai.responses',
  generate: 'google.generate_content',
};

async function trialOf(file: string, given: Arguments, { cwd }: Terminal): Promise<RouteTrial> {
  const body = await readFile(resolve(cwd, file)).catch((cause: NodeJS.ErrnoException) => {
    throw usageError(`${file} cannot be read (${cause.code})`);
  });
  const headers = given.list('header').flatMap(headerOf);
  const at = given.text('at');
  return {
    api: apiOf(given, body, headers),
    body,
    headers,
    model: given.text('model'),
    key: given.text('key'),
    nowMs: at === undefined ? Date.now() : readTime('at', at, Date.now()),
    budgetLeft: Object.fromEntries(given.list('budget-left').map(percentOf)),
  };
}

function headerOf(text: string): readonly [string, string] {
  const cut = text.indexOf(':');
  if (cut <= 0) throw usageError(`--header: "${text}" is not NAME:VALUE`);
  return [text.slice(0, cut).trim(), text.slice(cut + 1).trim()];
}

function percentOf(text: string): readonly [string, number] {
  const [, name, percent] = /^([^=]+)=(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (name === undefined) throw usageError(`--budget-left: "${text}" is not BUDGET=PERCENT`);
  return [name, Number(percent)];
}

function apiOf(given: Arguments, body: Buffer, headers: readonly string[]): RouteTrial['api'] {
  const name = given.text('api') ?? guessed(body, headers);
  const api = Object.hasOwn(apiNames, name) ? apiNames[name] : undefined;
  if (!api) throw usageError(`--api: "${name}" is none of ${Object.keys(apiNames).join(', ')}`);
  if (api === 'google.generate_content' && given.text('model') === undefined)
    throw usageError("Google's API has the model in the URL: give it with --model");
  return api;
}

/** By the keys that only one API has. */
function guessed(body: Buffer, headers: readonly string[]): string {
  const keys = keysOf(body);
  if (keys.has('contents')) return 'generate';
  if (keys.has('input')) return 'responses';
  const isAnthropic = keys.has('system') || keys.has('thinking') || keys.has('stop_sequences');
  return isAnthropic || headers.some((name, at) => at % 2 === 0 && name.toLowerCase() === 'anthropic-version') ? 'messages' : 'chat';
}

function keysOf(body: Buffer): ReadonlySet<string> {
  try {
    return new Set(Object.keys(JSON.parse(body.toString('utf8')) as object));
  } catch {
    throw usageError('the file is no JSON object');
  }
}

const printable = ({ verdicts, ...result }: TrialResult) => ({
  ...Object.fromEntries(Object.entries(result).map(([key, value]) => [key, value ?? null])),
  rules: verdicts.map(({ rule, verdict, model, conditions }) => ({ name: rule.name, verdict, model: model ?? null, conditions })),
});

function explained({ route, requestedModel, model, alias, deployment, refusal, verdicts }: TrialResult, terminal: Terminal): string {
  const { paint } = terminal;
  const named = alias === undefined ? model : `${model} (${alias})`;
  const what = route === undefined ? `No rule fires: ${requestedModel} stays` : `Rule ${paint('bold', route)} fires`;
  const where = deployment === undefined ? paint('red', refusal ?? 'nowhere') : `${named} at ${deployment}`;
  return [`${what}; the call goes to ${where}\n`, ...verdicts.map((one) => verdictText(one, terminal))].join('');
}

function verdictText({ rule, verdict, model, conditions }: RuleVerdict, { paint }: Terminal): string {
  const color = verdict === 'fires' ? 'green' : verdict === 'would fire' ? 'yellow' : 'dim';
  const lines = conditions.map(
    ({ condition, wanted, found, holds }) => `    ${holds ? 'yes' : 'no '}  ${condition}: wants ${wanted}, has ${found}\n`,
  );
  const goal = model === undefined ? '' : ` -> ${model}`;
  return `\n  ${paint('bold', rule.name)}: ${paint(color, verdict)}${goal}\n${lines.join('') || '    yes  every call\n'}`;
}

function listed({ routes, aliases }: Config, given: Arguments, { out, columns: width, paint }: Terminal): typeof exitCodes.ok {
  if (given.flag('json')) {
    out(`${JSON.stringify({ routes, aliases })}\n`);
    return exitCodes.ok;
  }
  const left = (title: string, cells: readonly string[], rank?: number): Column => ({
    title,
    align: 'left',
    cells,
    ...(rank !== undefined && { rank }),
  });
  const conditions = routes.map(({ match }) => conditionsOf(match).map(({ name, wanted }) => `${name} ${wanted}`));
  const rules = [
    left(
      'rule',
      routes.map(({ name }) => name),
    ),
    left(
      'for calls with',
      conditions.map((texts) => texts.join('; ') || 'anything'),
    ),
    left(
      'goes to',
      routes.map(({ use }) => goalOf(use)),
    ),
    left(
      'mode',
      routes.map(({ mode, required }) => (required ? `${mode}, required` : mode)),
      1,
    ),
  ];
  const names = Object.entries(aliases);
  const known = [
    left(
      'alias',
      names.map(([name]) => name),
    ),
    left(
      'version',
      names.map(([, { version }]) => version ?? '-'),
    ),
    left(
      'stands for',
      names.map(([, { model }]) => model),
    ),
    left(
      'earlier',
      names.map(
        ([, { earlier }]) =>
          Object.entries(earlier)
            .map(([one, model]) => `${one}: ${model}`)
            .join(', ') || '-',
      ),
      1,
    ),
  ];
  out(routes.length === 0 ? 'No routes are configured.\n' : table(rules, { width, paint }));
  if (names.length > 0) out(`\n${table(known, { width, paint })}`);
  return exitCodes.ok;
}

function goalOf(use: RouteUse | undefined): string {
  if (!use) return 'as asked';
  if (use.split) return use.split.map(({ model, weight }) => `${model} x${weight}`).join(', ');
  if (use.fromTable) return `cheapest for ${use.fromTable.task ?? 'its feature'} at ${use.fromTable.minQuality} or better`;
  return use.model ?? 'as asked';
}
