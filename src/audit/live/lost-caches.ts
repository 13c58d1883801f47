import { cacheRuleFinder, type CacheRule } from '../../catalog/cache-rules.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { minLostTokens } from '../find/cold-cache.ts';
import type { FindingBook, Term } from '../finding.ts';
import type { Finder } from '../finder.ts';
import type { CallRates } from '../pricing.ts';
import { inputTokensOf } from '../tokens.ts';
import type { Turn } from '../turn.ts';
import { createGroups, type GroupKey, type Groups } from './groups.ts';

const minLostShare = 0.2;
/** Where nothing says why, so large a share of the calls of a group must lose its cache, and so many. */
const minHabitShare = 0.6;
const minHabitCalls = 5;
/** What a program or a person did on purpose. */
const onPurpose: ReadonlySet<string> = new Set(['prefix:history_truncated', 'prefix:model_changed']);
const shortLifetimeMs = 5 * 60_000;
const hourMs = 3_600_000;
/** In the subject of what nobody watched. */
export const unknownCause = 'cause not looked at';

interface Habit {
  followUps: number;
  lost: number;
}

/**
 * Calls of a session that could have read from the prompt cache what the call before it sent, and did not. Why is known where prompt repair
 * looked (`prefix:*`); where nobody looked, single calls may have another beginning (an agent's helpers), so only a habit is told.
 */
export function lostCaches(catalog: Catalog): (book: FindingBook) => Finder {
  const ruleOf = cacheRuleFinder(catalog);
  return (book) => {
    const habits = createGroups<Habit>(() => ({ followUps: 0, lost: 0 }));
    return {
      see(turn) {
        const { call, rates } = turn;
        const rule = ruleOf(catalog.vendorOf(call.model) ?? call.provider, call.model);
        const follow = rule && rates && followUpOf(turn, rule);
        if (follow) told({ turn, rates, ...follow }, book, habits);
        return false;
      },
      end() {
        for (const [key, { followUps, lost }] of habits.all()) if (lost < minHabitCalls || lost < followUps * minHabitShare) book.drop(key);
      },
    };
  };
}

interface FollowUp {
  /** Tokens that were sent before and are not read from the cache; 0: all well. */
  readonly lost: number;
  /** Nothing was written either, though this provider writes only what is marked. */
  readonly isUnmarked: boolean;
}

const hasCache = ({ kinds }: Turn): boolean => kinds.cacheRead + kinds.cacheWrite > 0;

/** `undefined`: the call before is none that this one goes on from. */
function followUpOf(turn: Turn, rule: CacheRule): FollowUp | undefined {
  const { call, before, kinds } = turn;
  if (!call.facts || call.session === undefined || before?.call.outcome !== 'ok' || call.outcome !== 'ok') return undefined;
  const gapMs = (call.at ?? 0) - (before.call.at ?? 0);
  if (gapMs > lifetimeMs(turn, rule)) return undefined;
  const isGrown = inputTokensOf(kinds) >= inputTokensOf(before.kinds);
  if (!isGrown && breaksOf(turn).length === 0) return undefined;
  const kept = Math.min(inputTokensOf(before.kinds), inputTokensOf(kinds));
  if (kept < Math.max(rule.minimumTokens, minLostTokens)) return undefined;
  const missing = kept - kinds.cacheRead;
  const lost = missing >= Math.max(minLostTokens, kept * minLostShare) ? missing : 0;
  return { lost, isUnmarked: rule.mode === 'marks' && !hasCache(turn) && !hasCache(before) };
}

function lifetimeMs({ call, before }: Turn, rule: CacheRule): number {
  const isLong = [call, before!.call].some(({ buckets }) => (buckets.cacheWrite1h ?? 0) > 0);
  return isLong ? hourMs : (rule.lifetimes[0]?.ms ?? shortLifetimeMs);
}

const breaksOf = ({ call }: Turn): readonly string[] => call.facts!.signals.filter((signal) => signal.startsWith('prefix:'));

interface Told extends FollowUp {
  readonly turn: Turn;
  readonly rates: CallRates;
}

function told(found: Told, book: FindingBook, habits: Groups<Habit>): void {
  const { turn, rates, lost, isUnmarked } = found;
  const { app, model, where, facts } = turn.call;
  const breaks = breaksOf(turn);
  if (breaks.some((signal) => onPurpose.has(signal))) return;
  if (breaks.length > 0 && !isUnmarked) {
    const subject = breaks.map((signal) => signal.slice('prefix:'.length)).join(', ');
    if (lost > 0)
      book.add({ kind: 'cache_broken', app, subject, about: { model, signals: breaks }, where, terms: rereadTerms(turn, rates, lost) });
    return;
  }
  if (facts!.isPromptWatched && !isUnmarked) return; // the prompt went on as it was: no provider promises a hit
  const key: GroupKey = isUnmarked ? { kind: 'cache_unused', app, subject: `${model}, no marks` } : { kind: 'cache_broken', app, subject: `${model}, ${unknownCause}` }; // prettier-ignore
  const habit = habits.of(key);
  if (!habit) return;
  habit.followUps += 1;
  if (lost === 0) return;
  habit.lost += 1;
  book.add({ ...key, about: { model }, where, terms: isUnmarked ? markedTerms(turn, rates, lost) : rereadTerms(turn, rates, lost) });
}

/** Tokens paid for anew instead of read: written where this call wrote, else fresh. */
function rereadTerms({ call: { model }, kinds }: Turn, rates: CallRates, tokens: number): readonly Term[] {
  const written = Math.min(tokens, kinds.cacheWrite);
  const fresh = Math.min(tokens - written, kinds.input);
  const terms = [
    { what: 'written again instead of read', model, tokens: written, rate: rates.cacheWrite - rates.cacheRead },
    { what: 'fresh instead of read', model, tokens: fresh, rate: rates.input - rates.cacheRead },
  ];
  return terms.filter((term) => term.tokens > 0);
}

/** With marks: what was sent before is read, what is new is written. The write of a first call counts with the call that reads it. */
function markedTerms({ call: { model }, kinds, before }: Turn, rates: CallRates, tokens: number): readonly Term[] {
  const written = inputTokensOf(kinds) - tokens + (before!.index === 0 ? inputTokensOf(before!.kinds) : 0);
  const terms = [
    { what: 'read instead of fresh', model, tokens, rate: rates.input - rates.cacheRead },
    { what: 'writing what is new', model, tokens: written, rate: rates.input - rates.cacheWrite },
  ];
  return terms.filter((term) => term.tokens > 0);
}
