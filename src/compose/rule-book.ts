import { GatewayError } from '../core/errors.ts';
import type { Log } from '../core/log.ts';
import type { SettingStore } from '../core/stores.ts';

/** Something with a name that operators add, change and remove while gateways run. */
export interface Ruled {
  readonly name: string;
}

export interface RuleBookOptions<R> {
  readonly store: SettingStore;
  /** Of the setting in the store, and in messages: `budgets`. */
  readonly kind: string;
  /** @throws when it is no rule */
  readonly read: (value: unknown) => R;
  /** Between two looks at the store's version. */
  readonly refreshMs: number;
  /** The version, where several books ask for it together. Left out: of the store. */
  readonly versionByTheClock?: () => Promise<number>;
  readonly log: Log;
}

/** Rules in the store at most. */
export const maxStoredRules = 1000;
/** How often a change is tried again when others change rules at the same time. */
const maxTries = 20;

/**
 * Rules of one kind that were made by command: one text in the store, a copy of it in each process. A store that is away leaves the copy as
 * it is: no rule is lost by that, and what spends by them is refused without its store as configured.
 */
export class RuleBook<R extends Ruled> {
  readonly #options: RuleBookOptions<R>;
  #rules: readonly R[] = [];
  #version = -1;
  #timer: NodeJS.Timeout | undefined;
  #fault: string | undefined;
  #looking: Promise<void> | undefined;

  constructor(options: RuleBookOptions<R>) {
    this.#options = options;
  }

  /** In order of making. Another list after a change, the same one until then. */
  get rules(): readonly R[] {
    return this.#rules;
  }

  /** @throws when the store cannot be read, or holds what is no rule: nothing may be served without its guards */
  async open(): Promise<this> {
    await this.refresh();
    this.#timer = setInterval(() => {
      if (!this.#looking) this.#looked(this.#options.versionByTheClock).then(() => this.#told(undefined), this.#told);
    }, this.#options.refreshMs).unref();
    return this;
  }

  /** Looks at the store at once. */
  async refresh(): Promise<void> {
    await this.#looking?.catch(() => {}); // a look that began before a change may not see it
    await this.#looked();
  }

  #looked(version?: () => Promise<number>): Promise<void> {
    const looking = this.#look(version).finally(() => {
      if (this.#looking === looking) this.#looking = undefined;
    });
    return (this.#looking = looking);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** Replaces all rules by what `change` makes of them; it may be called again, when others change them at the same time. */
  async change(change: (rules: readonly R[]) => readonly R[]): Promise<void> {
    const { store, kind } = this.#options;
    for (let tries = 0; tries < maxTries; tries += 1) {
      const { version, value } = await store.read(kind);
      const next = change(this.#parsed(value));
      if (next.length > maxStoredRules)
        throw new GatewayError('invalid_request', `there are ${maxStoredRules} ${kind} already; remove some`);
      if (!(await store.write(kind, JSON.stringify(next), version))) continue;
      await this.refresh();
      return;
    }
    throw new GatewayError('conflict', `others change ${kind} all the time; try again`);
  }

  async #look(askVersion = (): Promise<number> => this.#options.store.version(this.#options.kind)): Promise<void> {
    const { store, kind } = this.#options;
    if ((await askVersion()) === this.#version) return;
    const { version, value } = await store.read(kind);
    this.#rules = this.#parsed(value);
    this.#version = version;
  }

  #parsed(value: string | undefined): readonly R[] {
    return value === undefined ? [] : (JSON.parse(value) as readonly unknown[]).map(this.#options.read);
  }

  readonly #told = (error?: Error): void => {
    const fault = error?.message;
    if (fault === this.#fault) return;
    this.#fault = fault;
    const { log, kind } = this.#options;
    if (fault === undefined) log.info(`${kind} made by command are read again`);
    else log.error(`${kind} made by command cannot be read; those known go on`, { error: fault });
  };
}
