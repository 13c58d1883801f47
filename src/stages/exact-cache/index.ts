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
  const found = plan.directives.isRefresh ? undefined : await cache.library.find(plan, scope);
  if (found && plan.mode === 'on') return hit(cache, asked, found);
  if (found) noteSaved(cache.options, call, scope, plan, { used: found.used, rule: 'kept' });
  if (plan.directives.isOnlyCached && plan.mode === 'on') throw notCached();
  const isAlone = found !== undefined || plan.directives.isRefresh || plan.mode === 'observe';
  const turn = isAlone ? new Flight(plan.policy.maxReplyBytes) : await joinedOrFirst(cache, asked);
  return turn instanceof Flight ? led(cache, asked, turn) : turn;
}

function hit({ options, library }: Cache, { call, scope, plan }: Asked, entry: Entry): Reply {
  const { used, head } = entry;
  scope.replyHeaders.push('x-modicum-cache', 'hit', 'age', String(Math.floor(library.ageMs(entry) / 1000)));
  noteCached(scope, used, options.now());
  noteSaved(options, call, scope, plan, { used, rule: 'kept' });
  return new Reply({ ...used.servedBy, kind: 'cache' }, head, replayed(entry, plan.policy.pacing));
}

/** The answer of the same call under way, or a flight for this one to make the call itself: the first of many, taken in the same tick in which none was found. */
async function joinedOrFirst(cache: Cache, asked: Asked): Promise<Reply | Flight> {
  const { plan, scope } = asked;
  for (let join = 0; join < maxJoins; join += 1) {
    const flight = cache.flights.get(plan.key);
    if (!flight?.isOpen) break;
    const leave = flight.enter();
    const shared = await waited(flight, scope, cache.options.maxWaitMs);
    if (shared && shared !== 'late') return following(cache, asked, flight, shared, leave);
    leave();
    if (scope.client.closed) throw aborted();
    if (shared === 'late') break;
  }
  const landed = cache.library.opened(plan); // while this one asked the store
  if (landed) return hit(cache, asked, landed);
  const first = new Flight(plan.policy.maxReplyBytes);
  if (!cache.flights.get(plan.key)?.isOpen) cache.flights.set(plan.key, first);
  return first;
}

async function waited(flight: Flight, { client }: Scope, maxWaitMs: number): Promise<Shared | 'late' | undefined> {
  const { promise, resolve } = Promise.withResolvers<'late'>();
  const timer = setTimeout(() => resolve('late'), maxWaitMs);
  const stop = client.onClose(() => resolve('late'));
  try {
    return await Promise.race([flight.ready, promise]);
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
          .finally(over),
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
