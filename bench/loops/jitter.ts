import type { AssistantMessage, Message, ToolCall } from '../../src/cli/replay/conversation.ts';
import type { Json } from '../../src/core/json.ts';
import { oneOf, seeded } from './seeded.ts';

const openings = ['', 'Let me try that again.', 'I will run it once more to be sure.', 'Something went wrong, trying again:'];

/** The same act in other words: what a model says beside its calls is seldom the same twice. */
export function sayingAgain([first, ...rest]: readonly [AssistantMessage, ...Message[]], time: number): readonly Message[] {
  return first.toolCalls.length === 0 ? [first, ...rest] : [{ ...first, content: openings[time % openings.length]! }, ...rest];
}

/** Arguments that a confused agent changes without effect: another number of a try, another order of keys. */
export function jitteredArguments(given: string, time: number): string {
  const fields = objectOf(given);
  if (!fields) return given;
  const entries = Object.entries(fields);
  return JSON.stringify(Object.fromEntries([...(time % 2 === 0 ? entries : entries.toReversed()), ['attempt', time + 1]]));
}

/** The same result, its lines in another order, with the times and ids that tools print. */
export function jitteredResult(content: string, random: () => number): string {
  const lines = content.split('\n');
  const turn = Math.floor(random() * lines.length);
  const second = String(Math.floor(random() * 60)).padStart(2, '0');
  const id = Math.floor(random() * 2 ** 48).toString(16).padStart(12, '0'); // prettier-ignore
  return [
    ...lines.slice(turn),
    ...lines.slice(0, turn),
    `done at 2026-03-04T05:06:${second}Z in ${Math.ceil(random() * 900)} ms, request req_${id}1`,
  ].join('\n');
}

/** Errors as tools print them; `#` is a number, `@` an id that changes from one time to the next. */
const errors = [
  'Error: connect ECONNREFUSED 10.0.0.#:# (request @)',
  'Traceback (most recent call last):\n  File "/app/run.py", line #, in <module>\n    main()\nValueError: could not convert string to float',
  '{"error": {"code": #, "message": "Upstream service unavailable", "request_id": "@"}}',
  'error TS#: Cannot find name in scope; did you mean something else?',
  'Permission denied (publickey). pid #',
  '2026-03-04 05:06:# ERROR [worker-#] query failed: relation does not exist (trace @)',
  'fatal: unable to access the remote repository: could not resolve host (attempt #)',
  'success: false\nmessage: no presentation is loaded, or its id is invalid\nid: @',
  'Command failed with exit code #: make: *** No rule to make target. Stop.',
  'Error: reservation not found',
  'bash: line #: frobnicate: command not found',
  'npm ERR! code ELIFECYCLE\nnpm ERR! errno #\nnpm ERR! test script returned a status',
  "ls: cannot access '/srv/data': No such file or directory",
  'HTTP # Service Unavailable: the server is busy, please retry later',
  'AssertionError [ERR_ASSERTION]: Expected values to be strictly equal\n    at run (/app/test.js:#:#)',
  'curl: (7) Failed to connect to host port # after # ms: could not connect to server',
  'Your proposed edit has introduced new syntax error(s). Please read this message carefully and then retry editing the file.',
  'String to replace not found in file.',
  'File has not been read yet. Read it first before writing to it.',
  'Request timed out after # ms',
  '<tool_use_error>InputValidationError: the required parameter `file_path` is missing</tool_use_error>',
  'error[E0382]: borrow of moved value: `config`\n --> src/main.rs:#:#',
  'Invalid parameter: `limit` must be between 1 and 50',
  'You do not have access to this resource. Correlation id: @',
  'Oops! The page you are looking for is gone (ref @)',
  'rpc error: code = Unavailable desc = transport is closing',
  'MySQL server has gone away',
  'ModuleNotFoundError: No module named requests',
  'The model is overloaded. Please come back later.',
  'Payment declined: insufficient funds',
  'sudo: a password is needed to continue',
  'Selector did not match any element on the page after # ms',
  'Killed\nexit status #',
  'zsh: segmentation fault  ./run (core dumped)',
  'The user must confirm the booking first.',
] as const;

/** One act of `round` with changed arguments, and the same error as the other times but for its numbers and ids. */
export function sameErrorAgain([first]: readonly [AssistantMessage, ...Message[]], time: number, seed: number): readonly Message[] {
  const random = seeded(seed + 7919 * time);
  const template = errors[seed % errors.length]!;
  const digit = (): string => String(10 + Math.floor(random() * 50));
  const id = (): string => Math.floor(random() * 2 ** 40).toString(16).padStart(12, '0'); // prettier-ignore
  const call = first.toolCalls[0]!;
  const again: ToolCall = { ...call, id: `${call.id}_${seed}_${time}`, arguments: otherArguments(call.arguments, time, seed) };
  return [
    { role: 'assistant', content: openings[(time + seed) % openings.length]!, toolCalls: [again] },
    { role: 'tool', toolCallId: again.id, name: again.name, content: template.replaceAll('#', digit).replaceAll('@', id) },
  ];
}

const otherWords = ['main', 'all', 'new', 'other', 'full', 'test'];

/** One value of the arguments in another form each time: a word more, a number more. */
function otherArguments(given: string, time: number, seed: number): string {
  const fields = objectOf(given);
  if (time === 0 || !fields) return given;
  const random = seeded(seed + time);
  const keys = Object.keys(fields);
  if (keys.length === 0) return JSON.stringify({ option: oneOf(otherWords, random) });
  const key = keys[seed % keys.length]!;
  return JSON.stringify({ ...fields, [key]: otherValue(fields[key] ?? null, time, oneOf(otherWords, random)) });
}

function otherValue(value: Json, time: number, word: string): Json {
  if (typeof value === 'string') return `${value} ${word}`;
  return typeof value === 'number' ? value + time : [value, word];
}

function objectOf(json: string): { readonly [key: string]: Json } | undefined {
  try {
    const value: unknown = JSON.parse(json);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as { readonly [key: string]: Json }) : undefined;
  } catch {
    return undefined;
  }
}
