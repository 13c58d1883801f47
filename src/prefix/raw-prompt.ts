import type { Call } from '../core/call.ts';
import { Mark } from '../core/scan.ts';
import type { KeptPrompt, RawPrompt } from './growth.ts';
import { promptKeysOf, promptOf, type Prompt } from './prompt.ts';

const OPEN_LIST = 91;
const CLOSE_LIST = 93;

/** The prompt's bytes; `undefined` where they are not those that were received, or no list. */
export function rawPromptOf(call: Call): RawPrompt | undefined {
  const keys = promptKeysOf(call.api);
  const list = keys && call.json(keys.list);
  if (!keys || list?.[0] !== OPEN_LIST || list.at(-1) !== CLOSE_LIST) return undefined;
  const openingTo = openingEnd(call, keys.list, list.length);
  if (openingTo === undefined) return undefined;
  const headKey = keys.head.find((key) => call.json(key) !== undefined);
  return {
    api: call.api,
    model: call.model,
    tools: call.json('tools'),
    head: headKey === undefined ? undefined : call.json(headKey),
    list,
    openingTo,
    isOpening: openingTo === list.length - 1,
  };
}

/** Behind the first item that is the user's, else behind the first. */
function openingEnd({ received }: Call, key: string, length: number): number | undefined {
  const { members, tape } = received.outline;
  const member = members.get(key);
  if (!member || member.to - member.from !== length) return undefined; // a stage before changed it
  let first: number | undefined;
  let to = 0;
  for (let at = 0; at < tape.length; at += 3) {
    const [mark, start, end] = [tape[at]!, tape[at + 1]!, tape[at + 2]!];
    if (start < member.from) continue;
    if (start >= member.to) break;
    if (mark === Mark.Item) {
      to = end - member.from;
      first ??= to;
    } else if (mark === Mark.Role && isUser(received.body.slice(start, end))) return to;
  }
  return first;
}

const isUser = (role: Uint8Array): boolean => role.length === 6 && role[1] === 117;

/** What was kept by its bytes, read. */
export function promptOfKept({ api, model, tools, head, list }: KeptPrompt): Prompt | undefined {
  const keys = promptKeysOf(api);
  const values = new Map([
    ['tools', tools],
    [keys?.head[0], head],
    [keys?.list, list],
  ]);
  return promptOf(api, model, (key) => values.get(key));
}
