import type { ServingConfig } from './serving.ts';
import type { Paint } from './terminal.ts';
import { self } from './version.ts';

export interface BannerOptions extends ServingConfig {
  readonly url: string;
  readonly version: string;
  /** Absolute; `undefined` without a file. */
  readonly configPath: string | undefined;
  /** Options that the lines to copy need, so that they meet this gateway and its ledger. */
  readonly replayOptions: string;
  readonly ledgerOptions: string;
  readonly paint: Paint;
}

/** What a person who starts the gateway has to know, in few lines. */
export function banner(options: BannerOptions): string {
  const { url, version, paint } = options;
  return [
    `${paint('bold', `Modicum ${version}`)} listens on ${paint('cyan', url)}`,
    '',
    `Dashboard  ${paint('cyan', url)}`,
    ...providerLines(options),
    '',
    ...clientLines(url),
    '',
    ...nextLines(options),
    '',
  ].join('\n');
}

/** Names listed one by one at most. */
const maxNamed = 12;

function providerLines({ config, source, configPath, paint }: BannerOptions): readonly string[] {
  const providers = Object.values(config.providers);
  const names = providers.slice(0, maxNamed).map(({ name, apiKey }) => (apiKey === undefined ? `${name} (client's key)` : name));
  const more = providers.length > maxNamed ? `, and ${providers.length - maxNamed} more` : '';
  const from = { file: `from ${configPath}`, found: 'found in the environment and on this machine', emulator: 'built in' }[source];
  const line = `Providers  ${names.join(', ') || 'none'}${more}, ${from}`;
  if (source !== 'emulator') return [line];
  return [
    line,
    paint('yellow', 'The built-in emulator answers: replies are made up, tokens and list prices are real.'),
    'For real models set OPENAI_API_KEY, ANTHROPIC_API_KEY or GEMINI_API_KEY and start again,',
    `or write a configuration: ${self} init`,
  ];
}

function clientLines(url: string): readonly string[] {
  const lines = [
    [`OPENAI_BASE_URL=${url}/v1`, 'OpenAI SDKs, Codex, opencode, LangChain'],
    [`ANTHROPIC_BASE_URL=${url}`, 'Anthropic SDKs, Claude Code'],
    [`GOOGLE_GEMINI_BASE_URL=${url}`, 'Google Gen AI SDKs'],
  ] as const;
  const width = Math.max(...lines.map(([setting]) => setting.length));
  return [
    'Point a client here by one line:',
    ...lines.map(([setting, clients]) => `  ${setting.padEnd(width)}  # ${clients}`),
    `A path /c/NAME, as in ${url}/c/shop/v1, books the calls under the app NAME.`,
  ];
}

function nextLines({ source, replayOptions, ledgerOptions, paint }: BannerOptions): readonly string[] {
  const report = `  ${self} report${ledgerOptions}`;
  if (source !== 'emulator') return ['Then see where the tokens go:', paint('cyan', report)];
  return [
    'Fill the dashboard with samples, in a second terminal:',
    paint('cyan', `  ${self} replay samples${replayOptions}`),
    paint('cyan', report),
  ];
}
