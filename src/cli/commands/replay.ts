import { resolve } from 'node:path';
import type { Arguments } from '../arguments.ts';
import type { Run } from '../command.ts';
import { CliError, exitCodes, usageError } from '../errors.ts';
import { countText, durationText } from '../figure-text.ts';
import { turnsOf, type Conversation } from '../replay/conversation.ts';
import { progressOf } from '../replay/progress.ts';
import { readRecording, readSamples } from '../replay/recording.ts';
import { replay, type ReplayOptions } from '../replay/replay.ts';
import { replayApi } from '../replay/replay-apis.ts';
import { senderTo } from '../replay/send.ts';
import type { Summary } from '../replay/summary.ts';
import type { Terminal } from '../terminal.ts';
import { self } from '../version.ts';

export const defaultUrl = 'http://127.0.0.1:4000';
export const defaultConcurrency = 4;
export const maxConcurrency = 256;

/** What only means something with `--what-if`. */
const whatIfOptions = ['since', 'until', 'stages', 'html', 'data', 'config'] as const;

/** Sends a recording through a running gateway, or prices it under a policy. */
export const run: Run = async (given, terminal) => {
  const policy = given.text('what-if');
  if (policy !== undefined) return (await import('./what-if.ts')).runWhatIf(policy, given, terminal);
  const meant = whatIfOptions.find((name) => given.text(name) !== undefined || given.flag(name) === true);
  if (meant !== undefined) throw usageError(`replay: --${meant} is for --what-if POLICY`);
  if (given.words.length === 0) throw usageError('replay: something is missing: a FILE or `samples`, or --what-if POLICY');
  return send(given, terminal);
};

const send: Run = async (given, terminal) => {
  const url = urlOf(given.text('url') ?? defaultUrl);
  const options = optionsOf(given);
  const conversations = await recorded(given, terminal);
  await checkGateway(url);
  const signal = terminal.interrupted();
  const startedMs = performance.now();
  const summary = await sendAll(conversations, { url, options, signal, terminal });
  const elapsedMs = performance.now() - startedMs;
  terminal.out(
    given.flag('json') ? `${JSON.stringify({ ...summary, elapsedMs: Math.round(elapsedMs) })}\n` : summaryText(summary, elapsedMs),
  );
  if (signal.aborted) return exitCodes.interrupted;
  if (!given.flag('json')) terminal.err(`See it with \`${self} report\`, \`report --by app\`, \`report --by part\`.\n`);
  return summary.failed > 0 ? exitCodes.failed : exitCodes.ok;
};

function urlOf(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw usageError(`--url: "${text}" is not a URL that begins with http:// or https://`);
  return url;
}

function optionsOf(given: Arguments): ReplayOptions {
  const api = given.text('api');
  if (api !== undefined) replayApi(api);
  const concurrency = given.whole('concurrency') ?? defaultConcurrency;
  if (concurrency < 1 || concurrency > maxConcurrency) throw usageError(`--concurrency: from 1 to ${maxConcurrency}`);
  return {
    api,
    model: given.text('model'),
    app: given.text('app'),
    stream: given.flag('stream'),
    cache: given.flag('cache'),
    concurrency,
    run: Date.now().toString(36),
  };
}

async function recorded(given: Arguments, { cwd }: Terminal): Promise<readonly Conversation[]> {
  const [file] = given.words;
  const all = file === 'samples' ? await readSamples() : await readRecording(resolve(cwd, file!), file!);
  const limit = given.whole('limit');
  return limit === undefined ? all : all.slice(0, limit);
}

/** How long the gateway may take to say that it is there, ms. */
const healthTimeoutMs = 5000;

async function checkGateway(url: URL): Promise<void> {
  try {
    const response = await fetch(new URL('/healthz', url), { signal: AbortSignal.timeout(healthTimeoutMs) });
    await response.body?.cancel();
  } catch (error) {
    throw new CliError(
      exitCodes.unreachable,
      `no gateway answers at ${url.origin}; start one with \`${self} serve\`, or say where it is: --url`,
      { cause: error },
    );
  }
}

interface Sending {
  readonly url: URL;
  readonly options: ReplayOptions;
  readonly signal: AbortSignal;
  readonly terminal: Terminal;
}

async function sendAll(conversations: readonly Conversation[], { url, options, signal, terminal }: Sending): Promise<Summary> {
  const sender = senderTo(url, options.concurrency);
  const total = conversations.reduce((sum, conversation) => sum + turnsOf(conversation).length, 0);
  const progress = progressOf({ total, what: 'calls', isTerminal: terminal.errIsTerminal, write: terminal.err });
  try {
    return await replay(conversations, { sender, progress, signal, options });
  } finally {
    progress.end();
    await sender.close();
  }
}

const counted = (count: number, what: string): string => `${countText(count)} ${what}${count === 1 ? '' : 's'}`;

function summaryText(summary: Summary, elapsedMs: number): string {
  const { conversations, calls, failed, unscripted, withoutUsage } = summary;
  return [
    `${counted(calls, 'call')} of ${counted(conversations, 'conversation')} in ${durationText(elapsedMs)}, ${failed === 0 ? 'none failed' : `${countText(failed)} failed`}.`,
    'Tokens the replies told:',
    `  fresh ${countText(summary.inputTokens)}, cached ${countText(summary.cacheReadTokens)}, written ${countText(summary.cacheWriteTokens)}, output ${countText(summary.outputTokens)}, reasoning ${countText(summary.reasoningTokens)}`,
    ...(withoutUsage > 0 ? [`${countText(withoutUsage)} replies told no usage.`] : []),
    ...(unscripted > 0 ? [`${countText(unscripted)} recorded answers were too long to tell the emulator; it made up its own.`] : []),
    '',
  ].join('\n');
}
