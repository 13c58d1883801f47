import type { AssistantMessage, Message } from '../../src/cli/replay/conversation.ts';
import { jitteredArguments, jitteredResult, sameErrorAgain, sayingAgain } from './jitter.ts';
import { oneOf } from './seeded.ts';

/** One act of the model and what came back. */
type Round = readonly [AssistantMessage, ...Message[]];

export const spliceKinds = ['repeat', 'cycle2', 'cycle3', 'cycle4', 'error', 'no_news', 'request'] as const;
export type SpliceKind = (typeof spliceKinds)[number];

/** A conversation that runs into a loop. */
export interface Spliced {
  /** All that is said, up to the end of the third repeat. */
  readonly messages: readonly Message[];
  /** How many messages stand at the end of the first time round, and of each of the three repeats. */
  readonly ends: readonly number[];
  /** What the recording went on with. */
  readonly rest: readonly Message[];
}

export const repeats = 3;

/** `undefined` where the conversation has no place for a loop of this kind. */
export function splice(messages: readonly Message[], kind: SpliceKind, random: () => number): Spliced | undefined {
  const { head, rounds } = cut(messages);
  const period = kind.startsWith('cycle') ? Number(kind.slice(-1)) : 1;
  const places = rounds.flatMap((_, at) => (canLoop(rounds.slice(at, at + period), kind, period) ? [at] : []));
  if (places.length === 0) return undefined;
  const at = oneOf(places, random);
  const looped = rounds.slice(at, at + period);
  const before = [...head, ...rounds.slice(0, at).flat()];
  const times = timesOf(looped, kind, random);
  const ends = times.map((_, index) => before.length + times.slice(0, index + 1).flat().length);
  return { messages: [...before, ...times.flat()], ends, rest: rounds.slice(at + period).flat() };
}

/** What stands before the first act, and the acts; an act without an outcome is left out. */
function cut(messages: readonly Message[]): { readonly head: readonly Message[]; readonly rounds: readonly Round[] } {
  const first = messages.findIndex(({ role }) => role === 'assistant');
  if (first === -1) return { head: messages, rounds: [] };
  const rounds: Message[][] = [];
  for (const message of messages.slice(first)) {
    if (message.role === 'assistant') rounds.push([]);
    rounds.at(-1)!.push(message);
  }
  return { head: messages.slice(0, first), rounds: rounds.filter((round) => round.length > 1) as unknown as Round[] };
}

const callsOf = (round: Round): string => round[0].toolCalls.map(({ name, arguments: given }) => `${name}${given}`).join();

function canLoop(rounds: readonly Round[], kind: SpliceKind, period: number): boolean {
  if (rounds.length < period) return false;
  if (period > 1) return rounds.some((round) => callsOf(round) !== '') && new Set(rounds.map(signature)).size === period;
  return kind === 'request' || callsOf(rounds[0]!) !== '';
}

const signature = (round: Round): string => JSON.stringify(round.map((message) => [message.role, message.role === 'assistant' ? callsOf(round) || message.content : message.content])); // prettier-ignore

/** The first time and three repeats. */
function timesOf(rounds: readonly Round[], kind: SpliceKind, random: () => number): readonly (readonly Message[])[] {
  const seed = Math.floor(random() * 1e6);
  return Array.from({ length: 1 + repeats }, (_, time) => {
    if (kind === 'request') return time === 0 ? rounds.flat() : [];
    if (kind === 'error') return sameErrorAgain(rounds[0]!, time, seed);
    const again = rounds.flatMap((round) => (time === 0 ? round : withIds(sayingAgain(round, time), `${seed}_${time}`)));
    return kind === 'no_news' ? again.map((message) => jittered(message, time, random)) : again;
  });
}

function jittered(message: Message, time: number, random: () => number): Message {
  if (message.role === 'tool') return { ...message, content: jitteredResult(message.content, random) };
  if (message.role !== 'assistant') return message;
  return { ...message, toolCalls: message.toolCalls.map((call) => ({ ...call, arguments: jitteredArguments(call.arguments, time) })) };
}

/** A model gives each call an id of its own. */
function withIds(messages: readonly Message[], suffix: string): readonly Message[] {
  return messages.map((message) => {
    if (message.role === 'tool') return { ...message, toolCallId: `${message.toolCallId}_${suffix}` };
    if (message.role !== 'assistant') return message;
    return { ...message, toolCalls: message.toolCalls.map((call) => ({ ...call, id: `${call.id}_${suffix}` })) };
  });
}
