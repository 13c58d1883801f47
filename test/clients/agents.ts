import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ApiId } from '../../src/core/api.ts';

/** Where an agent runs: a home and a project of its own, both thrown away. */
export interface Place {
  readonly home: string;
  readonly project: string;
  /** Of the gateway. */
  readonly url: string;
}

export interface Agent {
  readonly name: string;
  /** Program in the folder of installed clients. */
  readonly program: string;
  readonly api: ApiId;
  readonly model: string;
  /** The label `client` that its user agent gives. */
  readonly client: RegExp;
  /** Writes its configuration. */
  readonly prepare?: (place: Place) => Promise<void>;
  readonly env: (place: Place) => Readonly<Record<string, string>>;
  readonly args: (prompt: string, place: Place) => readonly string[];
  /** What it must say besides the answer. */
  readonly says?: RegExp;
  /** Where in its home it writes its sessions, in a form the audit reads. */
  readonly logs?: string;
  /** USD that the agent itself says the run cost, where it says so. */
  readonly ownCostUsd?: ((stdout: string) => number) | undefined;
}

const claudeCode: Agent = {
  name: 'claude-code',
  program: 'claude',
  api: 'anthropic.messages',
  model: 'claude-opus-5-5',
  client: /^claude-cli$/,
  logs: '.claude/projects',
  env: ({ url }) => ({
    ANTHROPIC_BASE_URL: `${url}/c/claude-code`,
    ANTHROPIC_AUTH_TOKEN: 'dummy',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  }),
  args: (prompt) => ['-p', prompt, '--model', 'claude-opus-5-5', '--output-format', 'json', '--allowedTools', 'Bash'],
  ownCostUsd: (stdout) => (JSON.parse(stdout) as { readonly total_cost_usd: number }).total_cost_usd,
};

const codexConfig =
  (lines: readonly string[]) =>
  async ({ home }: Place) => {
    await mkdir(join(home, '.codex'), { recursive: true });
    await writeFile(join(home, '.codex/config.toml'), `${lines.join('\n')}\n`);
  };
const codex: Agent = {
  name: 'codex',
  program: 'codex',
  api: 'openai.responses',
  model: 'gpt-5.5',
  client: /^codex_exec/,
  logs: '.codex/sessions',
  prepare: (place) =>
    codexConfig([
      'model = "gpt-5.5"',
      'model_provider = "gw"',
      '[model_providers.gw]',
      'name = "gw"',
      `base_url = "${place.url}/c/codex/v1"`,
      'env_key = "GW_KEY"',
      'wire_api = "responses"',
    ])(place),
  env: () => ({ GW_KEY: 'dummy' }),
  args: (prompt) => ['exec', '--skip-git-repo-check', '-s', 'danger-full-access', prompt],
};
/** The built-in provider, which tries a WebSocket first and falls back to HTTP after 426. */
const codexWebSocket: Agent = {
  ...codex,
  name: 'codex-websocket',
  prepare: (place) => codexConfig(['model = "gpt-5.5"', `openai_base_url = "${place.url}/c/codex-websocket/v1"`])(place),
  env: () => ({ OPENAI_API_KEY: 'dummy', CODEX_API_KEY: 'dummy' }),
  says: /failed to connect to Responses WebSocket/,
};

const opencode = (name: string, npm: string, path: string, api: ApiId, model: string): Agent => ({
  name,
  program: 'opencode',
  api,
  model,
  client: /^opencode|^ai(-sdk)?\//,
  prepare: ({ project, url }) =>
    writeFile(
      join(project, 'opencode.json'),
      JSON.stringify({
        $schema: 'https://opencode.ai/config.json',
        model: `gw/${model}`,
        small_model: `gw/${model}`,
        autoupdate: false,
        share: 'disabled',
        permission: { bash: 'allow', edit: 'allow' },
        provider: {
          gw: { npm, name: 'gw', options: { baseURL: `${url}/c/${name}${path}`, apiKey: 'dummy' }, models: { [model]: { name: model } } },
        },
      }),
    ),
  env: () => ({ OPENCODE_DISABLE_AUTOUPDATE: '1', OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_LSP_DOWNLOAD: '1' }),
  args: (prompt) => ['run', prompt],
});

/** The same agents with a model of another vendor: the gateway translates. */
const claudeCodeWith = (name: string, model: string): Agent => ({
  ...claudeCode,
  name,
  model,
  env: ({ url }) => ({
    ANTHROPIC_BASE_URL: `${url}/c/${name}`,
    ANTHROPIC_AUTH_TOKEN: 'dummy',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    ANTHROPIC_SMALL_FAST_MODEL: model,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
  }),
  args: (prompt) => ['-p', prompt, '--model', model, '--output-format', 'json', '--allowedTools', 'Bash'],
  ownCostUsd: undefined, // it knows no prices of other vendors
});
const codexWith = (name: string, model: string): Agent => ({
  ...codex,
  name,
  model,
  prepare: (place) =>
    codexConfig([
      `model = "${model}"`,
      'model_provider = "gw"',
      '[model_providers.gw]',
      'name = "gw"',
      `base_url = "${place.url}/c/${name}/v1"`,
      'env_key = "GW_KEY"',
      'wire_api = "responses"',
    ])(place),
});

export const agents: readonly Agent[] = [
  claudeCode,
  claudeCodeWith('claude-code-with-gpt', 'gpt-5.5'),
  claudeCodeWith('claude-code-with-gemini', 'gemini-3.6-flash'),
  codex,
  codexWith('codex-with-claude', 'claude-opus-5-5'),
  codexWith('codex-with-gemini', 'gemini-3.6-flash'),
  codexWebSocket,
  opencode('opencode', '@ai-sdk/openai-compatible', '/v1', 'openai.chat', 'gpt-5'),
  opencode('opencode-responses', '@ai-sdk/openai', '/v1', 'openai.responses', 'gpt-5'),
  opencode('opencode-anthropic', '@ai-sdk/anthropic', '/v1', 'anthropic.messages', 'claude-sonnet-4-5'),
];
