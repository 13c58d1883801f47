import type { Lender, Owner, Statement } from '../core/stores.ts';
import { Purse, type Account, type Balance } from './purse.ts';

/** What a call may need of one counter. */
export interface Want {
  readonly account: Account;
  readonly amount: number;
}

/** What a call holds until it has been settled. */
export interface Hold {
  /** Books what the call did use, in the order of the wants, and gives the rest back. Only the first time counts. */
  settle(amounts: readonly number[]): void;
}

/** Why there is no hold. */
export interface Lack {
  /** Of the want that found no room. */
  readonly index: number;
  /** `away`: the lender does not answer, and nothing leased is left. */
  readonly reason: 'no room' | 'away';
  readonly balance: Balance;
}

export type Decision = { readonly hold: Hold; readonly lack?: undefined } | { readonly hold?: undefined; readonly lack: Lack };

export interface SpenderOptions {
  readonly lender: Lender;
  readonly owner: Owner;
  /** How many owners share the lender; 0: this is the only one, and it leases all there is. */
  readonly instances: () => number;
  readonly ttlMs: number;
  /** How often totals are stated. */
  readonly statementMs: number;
  /** Lender away: `refuse` at once, or spend the `lease` to its end. */
  readonly onUnavailable: 'refuse' | 'lease';
  /** Monotonic ms. */
  readonly now?: () => number;
  /** Hears that the lender went away, or came back. */
  readonly away?: (error: unknown) => void;
}

/** How long a refusal of the lender is taken for true. */
const refusedMs = 250;
/** A counter nobody asked for this long keeps no lease, and once it is settled and stated it is forgotten here. */
const idleMs = 10_000;
/** Counters stated in one word; others wait for the next. */
const maxStatements = 4000;
/** Talks with the lender that one call waits for at most: each of them serves or refuses one other call at least. */
const maxTalks = 10_000;

/**
 * Spends counters for one process. What is leased is spent in the same tick, exactly; only for more the lender is asked. Owners together never
 * pass a limit, as long as nothing costs more than what was reserved for it.
 */
export class Spender {
  readonly #options: SpenderOptions;
  readonly #now: () => number;
  readonly #purses = new Map<string, Purse>();
  /** Of counters that rest: what is stated is always the total of a life. Until the counter ends. */
  readonly #totals = new Map<string, { readonly spent: number; readonly endsAt: number }>();
  readonly #waiting = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #beating: Promise<void> | undefined;
  #leasesEndMs = 0;
  #isAway = false;
  #isClosed = false;

  constructor(options: SpenderOptions) {
    this.#options = options;
    this.#now = options.now ?? (() => performance.now());
  }

  /** Takes all of what is wanted, or nothing, out of what is leased; `undefined`: the lender must be asked. Same tick, no promise. */
  reserveNow(wants: readonly Want[]): Hold | undefined {
    const nowMs = this.#now();
    const isEnded = nowMs >= this.#leasesEndMs || (this.#isAway && this.#options.onUnavailable === 'refuse');
    for (const want of wants) if (!want.account.isSoft && (isEnded || this.#of(want.account).free < want.amount)) return undefined;
    const purses: Purse[] = [];
    for (const { account, amount } of wants) {
      const purse = this.#of(account);
      purse.held += amount;
      purse.usedMs = nowMs;
      purses.push(purse);
    }
    this.#beatSoon();
    return new PurseHold(this, wants, purses);
  }

  /** The same, leasing more where it must. */
  async reserve(wants: readonly Want[]): Promise<Decision> {
    for (let talks = 0; talks < maxTalks; talks += 1) {
      const hold = this.reserveNow(wants);
      if (hold) return { hold };
      const decision = await this.#leaseFor(wants);
      if (decision) return decision;
    }
    return { lack: { index: 0, reason: 'no room', balance: this.balance(wants[0]!.account) } };
  }

  /** What is known here of a counter. */
  balance(account: Account): Balance {
    return this.#of(account).balance;
  }

  /** Calls back after something was given back, once. Returns how to stop listening. */
  onRoom(listener: () => void): () => void {
    this.#waiting.add(listener);
    return () => this.#waiting.delete(listener);
  }

  /** Something came back. */
  freed(): void {
    if (this.#waiting.size === 0) return;
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const listener of waiting) listener();
  }

  /** States all totals; `spare: 'none'` gives back all that is free. Never rejects. */
  async flush(spare: 'usual' | 'none' = 'none'): Promise<void> {
    await this.#beating;
    await (this.#beating = this.#beat(spare).finally(() => (this.#beating = undefined)));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#timer);
    await this.flush();
  }

  #of(account: Account): Purse {
    const known = this.#purses.get(account.id);
    if (known) {
      if (known.account !== account) known.follow(account);
      return known;
    }
    const purse = new Purse(account, this.#totals.get(account.id)?.spent);
    this.#totals.delete(account.id);
    this.#purses.set(account.id, purse);
    return purse;
  }

  /** Makes room for the first want that lacks it, or waits for a talk that may. `undefined`: try again. */
  async #leaseFor(wants: readonly Want[]): Promise<Decision | undefined> {
    const isEnded = this.#now() >= this.#leasesEndMs;
    const index = wants.findIndex(({ account, amount }) => !account.isSoft && (isEnded || this.#of(account).free < amount));
    if (index === -1) return this.#isAway ? this.#probed(wants[0]!) : undefined;
    const { account, amount } = wants[index]!;
    const purse = this.#of(account);
    if (purse.talk) {
      await purse.talk;
      return undefined;
    }
    const lacking = (reason: Lack['reason']): Decision => ({ lack: { index, reason, balance: purse.balance } });
    if (purse.refused && purse.refused.untilMs > this.#now() && amount - purse.free > purse.refused.room) return lacking('no room');
    let hold: Hold | undefined;
    let isGranted = false;
    try {
      await this.#talk(purse, async () => {
        isGranted = await (amount > account.limit ? this.#read(purse) : this.#lease(purse, amount));
        if (isGranted) hold = this.reserveNow(wants); // in the same tick, before whoever waits
      });
    } catch (error) {
      this.#lost(error);
      return lacking('away');
    }
    if (hold) return { hold };
    return isGranted ? undefined : lacking('no room');
  }

  /** For a want that can never be: its refusal tells how the counter stands. */
  async #read(purse: Purse): Promise<false> {
    const [state] = await this.#options.lender.read([purse.account.id]);
    if (state) purse.heard(state);
    purse.refused = { room: purse.account.limit, untilMs: this.#now() + refusedMs };
    return false;
  }

  /** There is room in the lease, but its lender was away: a word from it brings all back. */
  async #probed({ account }: Want): Promise<Decision | undefined> {
    await this.flush('usual');
    return this.#isAway ? { lack: { index: 0, reason: 'away', balance: this.balance(account) } } : undefined;
  }

  async #talk(purse: Purse, work: () => Promise<void>): Promise<void> {
    const talk = work().finally(() => (purse.talk = undefined));
    purse.talk = talk.catch(() => {});
    await talk;
  }

  async #lease(purse: Purse, amount: number): Promise<boolean> {
    const { lender, owner, ttlMs, instances } = this.#options;
    if (this.#now() >= this.#leasesEndMs) await this.#reborn(purse);
    if (purse.isEarlierOld) await this.#readEarlier(purse);
    if (purse.leased < purse.statedLease) await this.#state([[purse, purse.statement(0)]]); // or it would stand in its own way
    if (purse.free >= amount) return true;
    const least = amount - purse.free;
    const { counter } = purse;
    const room = counter.limit - purse.others.spent - purse.others.held - purse.leased;
    const wanted = Math.max(least, instances() === 0 ? counter.limit : Math.floor(room / (2 * instances())));
    const sentMs = this.#now();
    const { granted, state } = await lender.lease(owner, { counter, least, wanted, ttlMs });
    this.#reached(sentMs);
    purse.granted(granted);
    purse.heard(state);
    purse.refused = granted > 0 ? undefined : { room: Math.max(0, least - 1), untilMs: this.#now() + refusedMs };
    if (granted === 0 && purse.account.before?.length) purse.isEarlierOld = true; // some of it may become free
    return granted > 0;
  }

  /** The leases have ended: what is spent and held is stated as all there is, and nothing is free. */
  async #reborn(asking: Purse): Promise<void> {
    for (const purse of this.#purses.values()) purse.leased = purse.spent + purse.held;
    const open = [...this.#purses.values()].filter((purse) => purse === asking || (purse.leased > purse.spent && !purse.talk));
    await this.#state(open.slice(-maxStatements).map((purse) => [purse, purse.statement(0)] as const));
  }

  async #readEarlier(purse: Purse): Promise<void> {
    const before = purse.account.before!;
    const own = before.flatMap((id) => this.#purses.get(id) ?? []).filter(({ talk, isTold, free }) => !talk && (!isTold || free > 0));
    if (own.length > 0) await this.#state(own.map((known) => [known, known.statement(0)] as const));
    const states = await this.#options.lender.read(before);
    purse.isEarlierOld = false;
    purse.earlier = {
      spent: states.reduce((sum, { spent }) => sum + spent, 0),
      held: states.reduce((sum, { held }) => sum + held, 0),
    };
  }

  #reached(sentMs: number): void {
    this.#leasesEndMs = Math.max(this.#leasesEndMs, sentMs + this.#options.ttlMs);
    if (this.#isAway) this.#options.away?.(undefined);
    this.#isAway = false;
  }

  #lost(error: unknown): void {
    if (!this.#isAway) this.#options.away?.(error);
    this.#isAway = true;
  }

  #beatSoon(): void {
    if (this.#timer || this.#isClosed) return;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      void this.flush('usual').then(() => this.#purses.size > 0 && this.#beatSoon());
    }, this.#options.statementMs);
    this.#timer.unref();
  }

  async #beat(spare: 'usual' | 'none'): Promise<void> {
    const nowMs = this.#now();
    const quiet = [...this.#purses.values()].filter(({ talk }) => !talk);
    const due = quiet.filter((purse) => !purse.isTold || purse.free > this.#spareOf(purse, spare, nowMs)).slice(0, maxStatements);
    const statements = due.map((purse) => [purse, purse.statement(this.#spareOf(purse, spare, nowMs))] as const);
    const isLeasing = quiet.some(({ leased, spent }) => leased > spent);
    try {
      if (statements.length > 0 || isLeasing || this.#isAway) await this.#state(statements);
    } catch (error) {
      this.#lost(error);
      return;
    }
    await this.#readSoft(quiet);
    this.#tidy(nowMs);
  }

  /** Counters that are never leased hear of the others here. */
  async #readSoft(quiet: readonly Purse[]): Promise<void> {
    const soft = quiet.filter(({ account, talk }) => account.isSoft && !talk).slice(0, maxStatements);
    if (soft.length === 0) return;
    const states = await this.#options.lender.read(soft.map(({ account }) => account.id)).catch(() => []);
    for (const [index, state] of states.entries()) soft[index]!.heard(state);
  }

  #tidy(nowMs: number): void {
    for (const [id, purse] of this.#purses) {
      if (!this.#isOver(purse, nowMs)) continue;
      this.#purses.delete(id);
      if (purse.spent > 0) this.#totals.set(id, { spent: purse.spent, endsAt: purse.account.endsAt ?? Infinity });
    }
    const epochMs = Date.now();
    for (const [id, { endsAt }] of this.#totals) if (endsAt <= epochMs) this.#totals.delete(id);
  }

  #isOver(purse: Purse, nowMs: number): boolean {
    return !purse.talk && purse.held === 0 && purse.isTold && purse.leased === purse.spent && nowMs - purse.usedMs > idleMs;
  }

  /** What stays leased beside what is held. */
  #spareOf(purse: Purse, spare: 'usual' | 'none', nowMs: number): number {
    if (spare === 'none' || purse.account.isSoft || nowMs - purse.usedMs > idleMs) return 0;
    if (this.#options.instances() === 0) return Infinity;
    const { limit, spent, held } = purse.balance;
    return Math.max(0, Math.floor((limit - spent - held) / (2 * this.#options.instances())));
  }

  async #state(statements: readonly (readonly [Purse, Statement])[]): Promise<void> {
    const { lender, owner, ttlMs } = this.#options;
    const sentMs = this.#now();
    const said = lender.state(
      owner,
      statements.map(([, statement]) => statement),
      ttlMs,
    );
    const done = said.then(
      () => {},
      () => {},
    );
    for (const [purse] of statements) purse.talk ??= done.finally(() => (purse.talk = undefined));
    const kept = await said;
    for (const [index, [purse, statement]] of statements.entries()) purse.told(statement, kept[index]!);
    this.#reached(sentMs);
  }
}

class PurseHold implements Hold {
  readonly #spender: Spender;
  readonly #wants: readonly Want[];
  readonly #purses: readonly Purse[];
  #isSettled = false;

  constructor(spender: Spender, wants: readonly Want[], purses: readonly Purse[]) {
    this.#spender = spender;
    this.#wants = wants;
    this.#purses = purses;
  }

  settle(amounts: readonly number[]): void {
    if (this.#isSettled) return;
    this.#isSettled = true;
    for (const [index, purse] of this.#purses.entries()) {
      const { amount, account } = this.#wants[index]!;
      const used = amounts[index] ?? 0;
      purse.held -= amount;
      purse.spent += used;
      if (account.isSoft) purse.leased += used;
      purse.refused = undefined;
    }
    this.#spender.freed();
  }
}
