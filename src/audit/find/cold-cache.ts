import { hash } from 'node:crypto';
import { cacheRuleFinder, type CacheRule } from '../../catalog/cache-rules.ts';
import type { Catalog } from '../../catalog/catalog.ts';
import { diagnose } from '../../prefix/diagnose.ts';
import type { FindingBook, Term } from '../finding.ts';
import type { Finder } from '../finder.ts';
import type { Breaker } from '../../prefix/rules.ts';
import type { CallRates } from '../pricing.ts';
import { inputTokensOf } from '../tokens.ts';
import type { Turn } from '../turn.ts';

/** Fewer tokens lost are the grain of the provider's cache. */
export const minLostTokens = 1024;
const minLostShare = 0.2;
/** What a program or a person did on purpose. */
const onPurpose: ReadonlySet<Breaker> = new Set(['history_truncated', 'model_changed']);

/** Beginnings that could have been read from the cache and were not: because they changed, because they had gone, or because nobody asked. */
export function coldCaches(catalog: Catalog): (book: FindingBook) => Finder {
  const ruleOf = cacheRuleFinder(catalog);
  return (book) => {
    const unused = unusedCaches(book);
    return {
      see(turn) {
        const { call, before, rates } = turn;
        const rule = ruleOf(catalog.vendorOf(call.model) ?? call.provider, call.model);
        if (!rule || !rates) return false;
        if (hasCache(turn)) expiryCost(turn, rates, book);
        const isUnmarked = !hasCache(turn) && (!before || !hasCache(before));
        if (rule.mode === 'marks' && isUnmarked) unused(turn, before, rates, rule);
        else if (before?.call.outcome === 'ok') lost({ turn, before, rates, rule }, book);
        return false;
      },
      end: () => {},
    };
  };
}

interface Known {
  readonly turn: Turn;
  readonly before: Turn;
  readonly rates: CallRates;
  readonly rule: CacheRule;
}

const hasCache = ({ kinds }: Turn): boolean => kinds.cacheRead + kinds.cacheWrite > 0;

const gapOf = ({ turn, before }: Known): number =>
  turn.call.at === undefined || before.call.at === undefined ? 0 : turn.call.at - before.call.at;

const shortLifetimeMs = 5 * 60_000;
const hourMs = 3_600_000;

function lifetimeMs({ before, turn, rule }: Known): number {
  if ([before, turn].some(({ call }) => (call.buckets.cacheWrite1h ?? 0) > 0)) return hourMs;
  return rule.lifetimes[0]?.ms ?? shortLifetimeMs;
}

/** What of the prompt before was in the cache, by what is known of it. */
function keptTokens({ before, rule }: Known): number {
  const { cacheRead, cacheWrite } = before.kinds;
  const all = inputTokensOf(before.kinds);
  return rule.mode === 'automatic' && cacheWrite === 0 ? all : cacheRead + cacheWrite;
}

function lost(known: Known, book: FindingBook): void {
  const { turn, before } = known;
  const kept = Math.min(keptTokens(known), inputTokensOf(turn.kinds));
  const tokens = kept - turn.kinds.cacheRead;
  if (kept < known.rule.minimumTokens || tokens < Math.max(minLostTokens, kept * minLostShare)) return;
  const isLate = gapOf(known) > lifetimeMs(known);
  if (isLate) return expired(known, tokens, book);
  const [old, now] = [before.call.prompt, turn.call.prompt];
  if (!old || !now || startsAlike(turn, before)) return; // no provider promises a hit
  const found = diagnose(old, now)?.breakers.filter((breaker) => breaker !== 'message_changed' || turn.call.session !== undefined) ?? [];
  if (found.length === 0 || found.some((breaker) => onPurpose.has(breaker))) return;
  broken(known, tokens, found, book);
}

/** The whole prompt before is the beginning of this one. */
const startsAlike = (turn: Turn, before: Turn): boolean =>
  turn.call.prompt?.tools === before.call.prompt?.tools &&
  turn.call.prompt?.head === before.call.prompt?.head &&
  turn.newFrom >= (before.layout?.items.length ?? 0);

function broken({ turn, rates }: Known, tokens: number, breakers: readonly Breaker[], book: FindingBook): void {
  const { call } = turn;
  const terms = rereadTerms(turn, rates, tokens);
  book.add({ kind: 'cache_broken', app: call.app, subject: breakers.join(', '), where: call.where, terms });
}

/** Tokens paid for anew instead of read: written where this call wrote, else fresh. */
function rereadTerms({ call, kinds }: Turn, rates: CallRates, tokens: number): readonly Term[] {
  const written = Math.min(tokens, kinds.cacheWrite);
  const fresh = Math.min(tokens - written, kinds.input);
  const terms = [
    { what: 'written again instead of read', model: call.model, tokens: written, rate: rates.cacheWrite - rates.cacheRead },
    { what: 'fresh instead of read', model: call.model, tokens: fresh, rate: rates.input - rates.cacheRead },
  ];
  return terms.filter((term) => term.tokens > 0);
}

/** A longer lifetime would have bridged the pause; what it costs more for every write is taken off, see `expiryCost`. */
function expired(known: Known, tokens: number, book: FindingBook): void {
  const { turn, rates, rule } = known;
  const { call } = turn;
  const isBridged = gapOf(known) <= hourMs && rule.lifetimes.some(({ ms }) => ms >= hourMs) && rates.cacheWrite1h > rates.cacheRead;
  if (!isBridged || rule.mode !== 'marks' || (call.buckets.cacheWrite1h ?? 0) > 0) return;
  book.add({ ...expiry(turn), terms: rereadTerms(turn, rates, tokens) });
}

const expiry = ({ call: { app, model, where } }: Turn) =>
  ({ kind: 'cache_expired', app, subject: `${model}, pauses of 5 to 60 minutes`, about: { model }, where }) as const;

function expiryCost(turn: Turn, rates: CallRates, book: FindingBook): void {
  const { call } = turn;
  const tokens = (call.buckets.cacheWrite5m ?? 0) + (call.buckets.cacheWrite ?? 0); // a lifetime that is not told is the usual one
  if (tokens === 0) return;
  const terms = [
    { what: 'writes for an hour instead of five minutes', model: call.model, tokens, rate: rates.cacheWrite5m - rates.cacheWrite1h },
  ];
  book.add({ ...expiry(turn), terms, isCost: true });
}

/** A beginning that calls shared, and when. */
interface Shared {
  atMs: number;
  /** Tokens that the first call would have had to write. */
  unwritten: number;
}

/** Beginnings remembered at one time. */
const maxShared = 10_000;

/** Nothing was ever written, though the same beginning came again soon; the first write is paid for by who begins. */
function unusedCaches(book: FindingBook): (turn: Turn, before: Turn | undefined, rates: CallRates, rule: CacheRule) => void {
  const seen = new Map<string, Shared>();
  return (turn, before, rates, rule) => {
    const { call, layout } = turn;
    if (!layout || !call.prompt || call.isPartial || call.outcome !== 'ok') return;
    const key = hash('sha1', JSON.stringify([call.app, call.model, call.prompt.tools, call.prompt.head]), 'base64url');
    const atMs = call.at ?? 0;
    const last = seen.get(key);
    const isSoon = last !== undefined && atMs - last.atMs <= shortLifetimeMs;
    const tokens = isSoon ? sharedTokens(turn, before) : 0;
    const own = (layout.toolChars + layout.headChars) * layout.tokensPerChar;
    seen.delete(key);
    seen.set(key, { atMs, unwritten: isSoon ? 0 : Math.max(own, before ? 0 : inputTokensOf(turn.kinds)) });
    if (seen.size > maxShared) seen.delete(seen.keys().next().value!);
    if (tokens < rule.minimumTokens) return;
    const written = (before ? inputTokensOf(turn.kinds) - tokens : 0) + (last?.unwritten ?? 0);
    const terms = [
      { what: 'read instead of fresh', model: call.model, tokens, rate: rates.input - rates.cacheRead },
      { what: 'writing what is new', model: call.model, tokens: written, rate: rates.input - rates.cacheWrite },
    ];
    const worth = terms.filter((term) => term.tokens > 0);
    book.add({ kind: 'cache_unused', app: call.app, subject: `${call.model}, no marks`, where: call.where, terms: worth });
  };
}

/** What this call has in common with the one before it in its conversation, else with the last one under the same instructions. */
function sharedTokens({ layout, newFrom, call }: Turn, before: Turn | undefined): number {
  const { toolChars, headChars, items, tokensPerChar } = layout!;
  const isSame = before?.call.prompt?.tools === call.prompt?.tools && before?.call.prompt?.head === call.prompt?.head;
  const common = isSame ? items.slice(0, newFrom) : [];
  return common.reduce((sum, { chars }) => sum + chars, toolChars + headChars) * tokensPerChar;
}
