import type { Call } from '../../core/call.ts';
import { aborted } from '../../core/flow.ts';
import type { Handler, Scope, Stage } from '../../core/pipeline.ts';
import { uncompressed } from '../../core/raw-headers.ts';
import { Reply } from '../../core/reply.ts';
import type { Entry } from './entry.ts';
import { Flight, type Landed, type Shared } from './flight.ts';
import { noteCached, noteSaved } from './hit.ts';
import { isKeepable, isStream, lasting, usedIn } from './keepable.ts';
import { Library } from './library.ts';
import { notCached, planOf, type Plan } from './plan.ts';
import { replayed } from './replay.ts';
import type { ExactCacheOptions } from './settings.ts';

/** Flights a call waits for at most, one after the other, before it goes by itself: behind one that fails stands another that may. */
const maxJoins = 3;

interface Cache {
  readonly options: ExactCacheOptions;
  readonly library: Library;
  readonly flights: Map<string, Flight>;
}

interface Asked {
  readonly call: Call;
  readonly scope: Scope;
  readonly next: Handler;
  readonly plan: Plan;
}

/** Answers a call that was answered before with the bytes of that answer, and calls at one time with one answer. Also the memo of a task's own calls. */
export function exactCache(options: ExactCacheOptions): Stage {
  const cache: Cache = { options, library: new Library(options), flights: new Map() };
  return {
    name: 'exact-cache',
    kind: 'saving',
    wrap: (next) => async (call, scope) => {
      const plan = planOf(options, call, scope);
      if (plan === undefined) return next(call, scope);
      if (plan !== 'bypass') return answered(cache, { call, scope, next, plan });
      scope.replyHeaders.push('x-modicum-cache', 'bypass');
      return next(call, scope);
    },
  };
}

async function answered(cache: Cache, asked: Asked): Promise<Reply> {
  const { call, scope, plan } = asked;
  const { isRefresh, isOnlyCached } = plan.directives;
  const mayJoin = plan.mode === 'on' && !isRefresh && !isOnlyCached;
  // First of all the same call under way: a store asked now may answer later than that one ends, and know nothing of it.
  const flight = mayJoin ? openFlight(cache, plan) : undefined;
  const early = flight && (await joined(cache, asked, flight));
  if (early) return early === 'late' ? alone(cache, asked) : early;
  const found = isRefresh ? undefined : await cache.library.find(plan, scope);
  if (found && plan.mode === 'on') return hit(cache, asked, found);
  if (found) noteSaved(cache.options, call, scope, plan, { used: found.used, rule: 'kept' });
  if (isOnlyCached && plan.mode === 'on') throw notCached();
  return mayJoin ? joinedOrFirst(cache, asked) : alone(cache, asked);
}

const alone = (cache: Cache, asked: Asked): Promise<Reply> => led(cache, asked, new Flight(asked.plan.policy.maxReplyBytes));

function hit({ options, library }: Cache, { call, scope, plan }: Asked, entry: Entry): Reply {
  const { used, head } = entry;
  scope.replyHeaders.push('x-modicum-cache', 'hit', 'age', String(Math.floor(library.ageMs(entry) / 1000)));
  noteCached(scope, used, options.now());
  noteSaved(options, call, scope, plan, { used, rule: 'kept' });
  return new Reply({ ...used.servedBy, kind: 'cache' }, head, replayed(entry, plan.policy.pacing));
}

/** The answer of the same call under way, or the call itself: by the first of many, who takes it in the same tick in which none was found. */
async function joinedOrFirst(cache: Cache, asked: Asked): Promise<Reply> {
  const { plan } = asked;
  for (let join = 0; join < maxJoins; join += 1) {
    const flight = openFlight(cache, plan);
    if (!flight) {
      const landed = cache.library.opened(plan); // while this one asked the store
      return landed ? hit(cache, asked, landed) : first(cache, asked);
    }
    const reply = await joined(cache, asked, flight);
    if (reply === 'late') break;
    if (reply) return reply;
  }
  return openFlight(cache, plan) ? alone(cache, asked) : first(cache, asked);
}

function first(cache: Cache, asked: Asked): Promise<Reply> {
  const flight = new Flight(asked.plan.policy.maxReplyBytes);
  cache.flights.set(asked.plan.key, flight);
  return led(cache, asked, flight);
}

function openFlight({ flights }: Cache, { key }: Plan): Flight | undefined {
  const flight = flights.get(key);
  return flight?.isOpen ? flight : undefined;
}

/** The answer of the same call under way, or of one that has just ended and is not in the store yet. `late`: it was waited for long enough. */
async function joined(cache: Cache, asked: Asked, flight: Flight): Promise<Reply | 'late' | undefined> {
  const { scope } = asked;
  const leave = flight.enter();
  const shared = await waited(flight, scope, cache.options.maxWaitMs);
  if (shared && shared !== 'late') return following(cache, asked, flight, shared, leave);
  leave();
  if (scope.client.closed) throw aborted();
  return shared;
}

async function waited(flight: Flight, { client }: Scope, maxWaitMs: number): Promise<Shared | 'late' | undefined> {
  const { promise, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), maxWaitMs);
  const stop = client.onClose(() => resolve('late'));
  try {
    return await Promise.race([flight.answer(), promise]);
  } finally {
    clearTimeout(timer);
    stop();
  }
}

function following({ options }: Cache, { call, scope, plan }: Asked, flight: Flight, { head, servedBy }: Shared, leave: () => void): Reply {
  const at = options.now();
  scope.replyHeaders.push('x-modicum-cache', 'hit', 'age', '0');
  scope.pending.push(
    flight.settled.then((used) => {
      const known = used ?? { servedBy, model: undefined, responseId: undefined, finishReason: undefined, served: {}, usage: undefined };
      noteCached(scope, known, at);
      if (used) noteSaved(options, call, scope, plan, { used, rule: 'shared' });
    }),
  );
  const once = { status: head.status, headers: lasting(head.headers) };
  return new Reply({ ...servedBy, kind: 'cache' }, once, flight.bytesFor(leave, 'follower'));
}

/** Makes the call, for all who ask the same meanwhile, and keeps its answer. */
async function led(cache: Cache, asked: Asked, flight: Flight): Promise<Reply> {
  const { call, scope, next, plan } = asked;
  const { key } = plan;
  const over = (): void => void (cache.flights.get(key) === flight && cache.flights.delete(key));
  const leave = flight.enter();
  const stop = scope.onClientAbort === 'cancel' ? scope.client.onClose(leave) : undefined;
  scope.replyHeaders.push('x-modicum-cache', 'miss');
  try {
    const reply = await next(call, { ...scope, client: flight.client, headers: uncompressed(scope.headers) });
    stop?.();
    if (!isKeepable(reply)) {
      over();
      flight.fail();
      return reply;
    }
    flight.board(
      reply,
      isStream(reply),
      (landed) =>
        void landing(cache, asked, flight, landed)
          .catch(() => flight.settle(undefined))
          .finally(() => cache.library.whenFound(key, over)),
    );
    return new Reply(reply.servedBy, reply.head, flight.bytesFor(leave, 'leader'));
  } catch (error) {
    stop?.();
    over();
    flight.fail();
    throw error;
  }
}

/** What was used is known when the meter has heard of the end too, which is after this one. */
async function landing(
  { options, library }: Cache,
  { call, scope, plan }: Asked,
  flight: Flight,
  landed: Landed | undefined,
): Promise<void> {
  await new Promise<void>((resolve) => setImmediate(resolve));
  const used = landed && (await usedIn(call, scope, plan.policy.toolCalls, landed.body));
  flight.settle(used);
  if (!landed || !used) return;
  const head = { status: landed.head.status, headers: lasting(landed.head.headers) };
  await library.keep(plan, { storedAt: options.now(), head, used, pieces: landed.pieces, body: landed.body }, scope);
}
