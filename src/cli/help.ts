import type { Command, CommandOption } from './command.ts';
import type { Paint } from './terminal.ts';

/** The list of commands. */
export function overview(commands: readonly Command[], paint: Paint): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  const rows = commands.map(({ name, summary }) => `  ${paint('cyan', name.padEnd(width))}  ${summary}`);
  return `${[
    'Modicum: an LLM gateway that meters exactly.',
    '',
    `${paint('bold', 'Usage:')} modicum <command> [options]`,
    '',
    ...rows,
    '',
    '`modicum help <command>` tells more of one. `modicum --version` prints the version.',
  ].join('\n')}\n`;
}

/** Lines of usage stand one below the other. */
const usageIndent = `\n${' '.repeat('Usage: '.length)}`;

/** All of one command. */
export function commandHelp({ summary, usage, options, examples = [] }: Command, paint: Paint): string {
  const shown = options.map((option) => [optionUsage(option), meaning(option)] as const);
  const width = Math.max(0, ...shown.map(([name]) => name.length));
  return `${[
    summary,
    '',
    `${paint('bold', 'Usage:')} ${usage.replaceAll('\n', usageIndent)}`,
    ...(shown.length > 0 ? ['', ...shown.map(([name, text]) => `  ${paint('cyan', name.padEnd(width))}  ${text}`)] : []),
    ...(examples.length > 0 ? ['', paint('bold', 'Examples:')] : []),
    ...examples.flatMap(({ command, description }) => [`  ${paint('dim', `# ${description}`)}`, `  ${command}`]),
  ].join('\n')}\n`;
}

const values: Readonly<Record<CommandOption['type'], string>> = {
  flag: '',
  text: ' TEXT',
  path: ' PATH',
  number: ' N',
  time: ' TIME',
  list: ' TEXT ...',
};

const optionUsage = ({ name, type }: CommandOption): string => `${name}${values[type]}`;

const meaning = ({ description, default: initial }: CommandOption): string =>
  initial === undefined ? description : `${description} Default: ${initial}.`;
