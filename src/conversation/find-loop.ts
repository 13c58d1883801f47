import type { Print } from './print.ts';
import { countNew } from './shingles.ts';
import { toolsOf, type Step } from './steps.ts';

/**
 * `repeat`: the same act with the same outcome. `cycle`: a few acts in turn, with the same outcomes. `error`: other acts, always the same error.
 * `no_news`: acts and outcomes that differ, and tell nothing that was not told before. `request`: the same whole request again.
 */
export const loopKinds = ['repeat', 'cycle', 'error', 'no_news', 'request'] as const;
export type LoopKind = (typeof loopKinds)[number];

export interface Loop {
  readonly kind: LoopKind;
  /** How often it was seen, the first time included. */
  readonly times: number;
  /** Steps of one round. */
  readonly period: number;
  /** Tools that are called in it, by name. */
  readonly tools: readonly string[];
}

export interface LoopLimits {
  /** How often the same act with the same outcome is a loop, the first time included. Weaker evidence needs one more. */
  readonly repeats: number;
  /** Tools that may be called again and again: steps that call only these are not looked at. */
  readonly ignoreTools?: readonly string[];
}

/** Longest cycle, in steps. */
export const maxPeriod = 4;

/** The loop in which a conversation stands at its end; one that it has left is none. */
export function findLoop(steps: readonly Step[], { repeats, ignoreTools = [] }: LoopLimits): Loop | undefined {
  const looked = ignoreTools.length === 0 ? steps : steps.filter((step) => !isIgnored(step, ignoreTools));
  if (looked.length < repeats) return undefined;
  return repetition(looked, repeats) ?? sameError(looked, repeats + 1) ?? noNews(looked, repeats);
}

function isIgnored(step: Step, ignored: readonly string[]): boolean {
  const tools = toolsOf(step);
  return tools.length > 0 && tools.every((tool) => ignored.includes(tool));
}

function repetition(steps: readonly Step[], repeats: number): Loop | undefined {
  for (let period = 1; period <= maxPeriod; period += 1) {
    const same = sameFor(steps, period);
    const round = steps.slice(-period);
    const times = Math.floor(same / period) + 1;
    if (times < repeats + (round.some(callsTools) ? 0 : 1)) continue;
    return { kind: period === 1 ? 'repeat' : 'cycle', times, period, tools: toolsIn(round) };
  }
  return undefined;
}

/** People, too, say the same three times: talk alone is weaker evidence than calls. */
const callsTools = ({ actions }: Step): boolean => actions.some(({ kind }) => kind === 'call');

const toolsIn = (steps: readonly Step[]): readonly string[] => [...new Set(steps.flatMap(toolsOf))];

/** How many of the last steps are each the same as the one a period before. */
function sameFor(steps: readonly Step[], period: number): number {
  let count = 0;
  for (let at = steps.length - 1; at >= period; at -= 1) {
    const step = steps[at]!;
    const before = steps[at - period]!;
    if (step.action !== before.action || step.outcome !== before.outcome) break;
    count += 1;
  }
  return count;
}

/** Other means against the same error are a search, not a loop, until there were many. */
const searchFactor = 2;

function sameError(steps: readonly Step[], repeats: number): Loop | undefined {
  const error = steps.at(-1)?.error;
  if (error === undefined) return undefined;
  const run = steps.slice(steps.findLastIndex((step) => step.error !== error) + 1);
  const searched = run.findLastIndex((step, at) => at > 0 && !run.slice(0, at).some((before) => isVariant(step, before)));
  const varied = run.length - Math.max(0, searched);
  const times = run.length >= searchFactor * (repeats - 1) ? run.length : varied;
  return times < repeats ? undefined : { kind: 'error', times, period: 1, tools: toolsIn(run.slice(-times)) };
}

function noNews(steps: readonly Step[], repeats: number): Loop | undefined {
  let period = 1;
  for (let stale = 0; stale < steps.length; stale += 1) {
    const back = echoes(steps, steps.length - 1 - stale);
    if (back === 0) return undefined;
    period = Math.max(period, back);
    if (stale + 1 >= repeats * period)
      return { kind: 'no_news', times: Math.floor((stale + 1) / period) + 1, period, tools: toolsIn(steps.slice(-period)) };
  }
  return undefined;
}

/** How far before a step one stands that told all it tells; 0: none does. */
function echoes(steps: readonly Step[], index: number): number {
  for (let back = 1; back <= maxPeriod && back <= index; back += 1) if (tellsNothing(steps[index]!, steps[index - back]!)) return back;
  return 0;
}

/** An outcome of fewer shingles (`ok`, `[]`, `not found`) tells something of its arguments only: these must be nearly the same too. */
const minShingles = 12;
/** Share of an act that may be new where its outcome is nothing new at all. */
const maxNewOfAct = 0.5;
const maxNewOfSmallAct = 0.2;
/** One word of an act touches as many shingles. */
const shinglesOfWord = 3;

function tellsNothing(step: Step, before: Step): boolean {
  const isSmall = sizeOf(step.outcomes) < minShingles;
  if (isSmall ? step.outcome !== before.outcome : countsNew(step.outcomes, before.outcomes, 0) > 0) return false;
  const allowed = sizeOf(step.actions) * (isSmall ? maxNewOfSmallAct : maxNewOfAct);
  return countsNew(step.actions, before.actions, allowed) <= allowed;
}

/** Half of it is the same, or all but a word. */
function isVariant(step: Step, before: Step): boolean {
  const allowed = Math.max(shinglesOfWord, sizeOf(step.actions) * maxNewOfAct);
  return countsNew(step.actions, before.actions, allowed) <= allowed;
}

const sizeOf = (prints: readonly Print[]): number => prints.reduce((sum, { shingles }) => sum + shingles.hashes.length, 0);

/** Shingles that stand in none of `before`, counted no further than needed. */
function countsNew(prints: readonly Print[], before: readonly Print[], allowed: number): number {
  const known = before.map(({ shingles }) => shingles);
  let missing = 0;
  for (const { shingles } of prints) {
    missing += countNew(shingles, known, allowed - missing);
    if (missing > allowed) break;
  }
  return missing;
}
