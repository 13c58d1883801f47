/** Conversations begin so far apart on average, and a call follows the one before it; ms. */
const betweenConversationsMs = 60_000;
const betweenCallsMs = 8_000;
/** Spread of the gaps between calls: sigma of their logarithm. */
const spread = 0.8;

/**
 * Times for conversations that were recorded without any, one conversation after the other: they begin at random, some at once, and the gaps
 * between their calls are log-normal. `random`: from 0 up to 1. Gives the times of so many calls, epoch ms.
 */
export function timetable(startMs: number, random: () => number): (calls: number) => readonly number[] {
  let begins = startMs;
  return (calls) => {
    begins += -Math.log(1 - random()) * betweenConversationsMs;
    let at = begins;
    return Array.from({ length: calls }, () => {
      const now = at;
      at += betweenCallsMs * Math.exp(spread * normal(random));
      return now;
    });
  };
}

const normal = (random: () => number): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
