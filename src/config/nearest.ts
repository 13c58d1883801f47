/** Letters looked at: the time grows with their number. */
const maxLetters = 64;

/** The candidate most like `word`, when one is like it at all: at most a third of its letters differ, or it only differs in case. */
export function nearest(written: string, candidates: readonly string[]): string | undefined {
  const word = written.slice(0, maxLetters).toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of candidates) {
    const distance = editDistance(word, candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Letters to insert, delete, change or swap with their neighbour. */
function editDistance(from: string, to: string): number {
  let beforeLast: readonly number[] = [];
  let last: readonly number[] = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const changed = last[column - 1]! + (from[row - 1] === to[column - 1] ? 0 : 1);
      const swapped = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      current.push(Math.min(changed, last[column]! + 1, current[column - 1]! + 1, swapped ? beforeLast[column - 2]! + 1 : Infinity));
    }
    [beforeLast, last] = [last, current];
  }
  return last[to.length]!;
}
