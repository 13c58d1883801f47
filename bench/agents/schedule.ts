import { turnsOf, type Conversation, type Turn } from '../../src/cli/replay/conversation.ts';
import { timetable } from '../../src/cli/replay/timetable.ts';
import { seeded } from '../loops/seeded.ts';

/** One call of a recorded conversation, and when it is made. */
export interface Scheduled {
  /** Index of the conversation. */
  readonly conversation: number;
  readonly turn: Turn;
  /** Epoch ms of a simulated clock. */
  readonly at: number;
}

/** Agents at work, some at once. In order of time. */
export function schedule(conversations: readonly Conversation[], startMs: number, seed = 1): readonly Scheduled[] {
  const timesOf = timetable(startMs, seeded(seed));
  const calls = conversations.flatMap((recorded, conversation): readonly Scheduled[] => {
    const turns = turnsOf(recorded);
    const times = timesOf(turns.length);
    return turns.map((turn, index) => ({ conversation, turn, at: times[index]! }));
  });
  return calls.toSorted((a, b) => a.at - b.at);
}
