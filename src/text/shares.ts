import { promptParts, type PartTokens, type PromptPart } from '../core/record.ts';
import { partCount } from './tally.ts';

// Scratch, as the tally's.
const whole = new Float64Array(partCount);
const remainder = new Float64Array(partCount);

/** The total in proportion to the weights; largest remainders make it whole. All of it is the user's when nothing weighs. */
export function shares(weights: readonly number[], total: number): PartTokens {
  let sum = 0;
  for (let part = 0; part < partCount; part += 1) sum += whole[part] = weights[part]!;
  if (sum === 0) return total === 0 ? {} : { user: total };
  let left = total;
  for (let part = 0; part < partCount; part += 1) {
    const exact = (total * whole[part]!) / sum;
    left -= whole[part] = Math.floor(exact);
    remainder[part] = exact - whole[part]!;
  }
  for (; left < 0; left += 1) whole[indexOfLargest(whole)]! -= 1; // rounding of totals near 2^53
  for (; left > 0; left -= 1) {
    const largest = indexOfLargest(remainder);
    whole[largest]! += 1;
    remainder[largest]! -= 1;
  }
  const split: { [P in PromptPart]?: number } = {};
  for (let part = 0; part < partCount; part += 1) if (whole[part]! > 0) split[promptParts[part]!] = whole[part]!;
  return split;
}

function indexOfLargest(values: Float64Array): number {
  let best = 0;
  for (let at = 1; at < values.length; at += 1) if (values[at]! > values[best]!) best = at;
  return best;
}
