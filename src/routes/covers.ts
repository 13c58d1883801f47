import { fitsOne, patternsOf, type Patterns, type RouteMatch } from './match.ts';

/** Whether every call that `later` is for is also one for `earlier`, as far as the rules themselves tell: then `later` never fires behind it. */
export const covers = (earlier: RouteMatch, later: RouteMatch): boolean =>
  (Object.keys(earlier) as (keyof RouteMatch)[]).every((kind) => coversKind(earlier, later, kind));

function coversKind(earlier: RouteMatch, later: RouteMatch, kind: keyof RouteMatch): boolean {
  const wide = earlier[kind];
  const narrow = later[kind];
  if (wide === undefined) return true;
  if (narrow === undefined) return false;
  switch (kind) {
    case 'headers':
    case 'tags':
      return coversEach(wide as Record<string, Patterns>, narrow as Record<string, Patterns>);
    case 'inputTokens':
      return coversRange(earlier.inputTokens!, later.inputTokens!);
    case 'budgetLeft':
      return earlier.budgetLeft!.budget === later.budgetLeft!.budget && earlier.budgetLeft!.below >= later.budgetLeft!.below;
    case 'hasTools':
    case 'hasImages':
      return wide === narrow;
    case 'time':
      return JSON.stringify(wide) === JSON.stringify(narrow);
    default:
      return coversPatterns(wide as Patterns, narrow as Patterns);
  }
}

const coversEach = (wide: Readonly<Record<string, Patterns>>, narrow: Readonly<Record<string, Patterns>>): boolean =>
  Object.entries(wide).every(([name, patterns]) => Object.hasOwn(narrow, name) && coversPatterns(patterns, narrow[name]!));

type Range = NonNullable<RouteMatch['inputTokens']>;
const coversRange = (wide: Range, narrow: Range): boolean =>
  (wide.min ?? 0) <= (narrow.min ?? 0) && (wide.max ?? Infinity) >= (narrow.max ?? Infinity);

/** A pattern with a star covers a longer one; the star at the end of the longer one is read as a letter of it. */
const coversPatterns = (wide: Patterns, narrow: Patterns): boolean =>
  patternsOf(narrow).every((one) => patternsOf(wide).some((other) => other === one || fitsOne(other, one)));
