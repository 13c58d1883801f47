import type { Loop, LoopKind } from './find-loop.ts';

const maxTools = 4;
const maxNameChars = 64;

type Words = (loop: Loop, tools: string, of: string) => string;

const words: Readonly<Record<LoopKind, Words>> = {
  repeat: ({ times }, tools) =>
    tools === ''
      ? `the same was said ${times} times in a row, with the same answer`
      : `${tools} was called ${times} times in a row with the same arguments and the same result`,
  cycle: ({ times, period }, _, of) => `the same ${period} steps${of} were taken ${times} times in turn, with the same results`,
  error: ({ times }, _, of) => `${times} steps in a row${of} ended in the same error`,
  no_news: ({ times }, _, of) => `${times} rounds in a row${of} brought nothing new`,
  request: ({ times }) => `the same request was sent ${times} times`,
};

/** What repeats, as a sentence without a full stop, in printable ASCII: it goes into headers too. */
export function explainLoop(loop: Loop): string {
  const tools = toolNames(loop);
  return words[loop.kind](loop, tools, tools === '' ? '' : ` (${tools})`);
}

function toolNames({ tools }: Loop): string {
  const named = tools.slice(0, maxTools).map((tool) => tool.replace(/[^\x21-\x7e]/g, '?').slice(0, maxNameChars));
  return [...named, ...(tools.length > maxTools ? ['...'] : [])].join(', ');
}
