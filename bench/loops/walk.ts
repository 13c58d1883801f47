import type { Conversation, Message } from '../../src/cli/replay/conversation.ts';
import { replayApis } from '../../src/cli/replay/replay-apis.ts';
import type { Call } from '../../src/core/call.ts';
import { callOf, startStand, type Stand } from '../../src/stages/loop/testing.ts';
import { seeded } from './seeded.ts';
import { repeats, splice, type SpliceKind } from './splice.ts';

export type ApiWord = keyof typeof replayApis;
export const apiWords = Object.keys(replayApis) as readonly ApiWord[];

const asking = { model: 'm', stream: false, cache: false };

/** The call a client makes once all of `prior` was said. */
export function callAfter(word: ApiWord, conversation: Conversation, prior: readonly Message[]): Call {
  const { api, body } = replayApis[word];
  return callOf(api, body({ conversation, prior, reply: { role: 'assistant', content: '', toolCalls: [] } }, asking));
}

/** All calls of a conversation, as a gateway sees them. */
export const callsOf = (word: ApiWord, conversation: Conversation): readonly Call[] =>
  conversation.messages.flatMap(({ role }, at) =>
    role === 'assistant' && at > 0 ? [callAfter(word, conversation, conversation.messages.slice(0, at))] : [],
  );

export interface Walked {
  readonly calls: number;
  /** Signals of the calls that raised one, in order. */
  readonly alarms: readonly string[];
}

export async function walk(word: ApiWord, conversation: Conversation): Promise<Walked> {
  const stand = startStand();
  const calls = callsOf(word, conversation);
  const alarms: string[] = [];
  for (const call of calls) alarms.push(...(await stand.pass(call)).signals);
  return { calls: calls.length, alarms };
}

export interface Caught {
  /** After which repeat the first alarm came; `undefined`: after none of three. */
  readonly after: number | undefined;
  readonly signal: string | undefined;
  /** An alarm before anything was repeated. */
  readonly early: boolean;
}

/** Walks one spliced conversation; `undefined` where there is no place for such a loop. */
export async function walkSpliced(word: ApiWord, conversation: Conversation, kind: SpliceKind, seed: number): Promise<Caught | undefined> {
  const spliced = splice(conversation.messages, kind, seeded(seed));
  if (!spliced) return undefined;
  const stand = startStand();
  const after = async (time: number): Promise<string | undefined> =>
    signalAt(stand, word, conversation, spliced.messages.slice(0, spliced.ends[time]));
  const early = (await after(0)) !== undefined;
  for (let time = 1; time <= repeats; time += 1) {
    const signal = await after(time);
    if (signal !== undefined) return { after: time, signal, early };
  }
  return { after: undefined, signal: undefined, early };
}

async function signalAt(stand: Stand, word: ApiWord, conversation: Conversation, prior: readonly Message[]): Promise<string | undefined> {
  const { signals } = await stand.pass(callAfter(word, conversation, prior));
  return signals[0];
}
