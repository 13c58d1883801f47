import { turnsOf, type Conversation, type Turn } from '../../src/cli/replay/conversation.ts';
import { seeded } from '../loops/seeded.ts';

/** One call of a recorded conversation, and when it is made. */
export interface Scheduled {
  /** Index of the conversation. */
  readonly conversation: number;
  readonly turn: Turn;
  /** Epoch ms of a simulated clock. */
  readonly at: number;
}

/** Conversations begin so far apart on average, and a call follows the one before it; ms. */
const betweenConversationsMs = 60_000;
const betweenCallsMs = 8_000;
/** Spread of the gaps between calls: sigma of their logarithm. */
const spread = 0.8;

/** Agents at work, some at once: gaps between calls are log-normal, conversations begin at random. In order of time. */
export function schedule(conversations: readonly Conversation[], startMs: number, seed = 1): readonly Scheduled[] {
  const random = seeded(seed);
  const calls: Scheduled[] = [];
  let begins = startMs;
  for (const [conversation, recorded] of conversations.entries()) {
    begins += -Math.log(1 - random()) * betweenConversationsMs;
    let at = begins;
    for (const turn of turnsOf(recorded)) {
      calls.push({ conversation, turn, at });
      at += betweenCallsMs * Math.exp(spread * normal(random));
    }
  }
  return calls.toSorted((a, b) => a.at - b.at);
}

const normal = (random: () => number): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
