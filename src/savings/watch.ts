import { newId } from '../core/id.ts';
import type { SavingSwitched } from '../core/record.ts';
import type { SessionStore } from '../core/stores.ts';
import { compare, resamplesFor, standardErrorsAbove } from './compare.ts';
import { costsOf, sidesOf } from './effect.ts';
import { savings, type SavingStage } from './registry.ts';
import { SessionSample, type MeasuredCall, type Session } from './session.ts';

export interface SelfSwitch {
  readonly enabled: boolean;
  readonly windowMs: number;
  /** On either side, before anything is decided. */
  readonly minSessions: number;
}

export interface SavingWatchOptions {
  readonly settings: () => SelfSwitch;
  /** Epoch ms. */
  readonly now: () => number;
  /** Where it is kept what is switched. */
  readonly store: SessionStore;
  readonly record: (event: SavingSwitched) => void;
  /** Tells a person. */
  readonly notify: (message: string) => void;
}

export interface SavingWatch {
  /** Looks at a call, and now and then at all of them. */
  readonly measured: (call: MeasuredCall) => void;
  readonly isSwitched: (stage: string) => boolean;
  /** Since when, and why, by stage. */
  readonly switched: () => Readonly<Record<string, Switched>>;
  /** Switches a saving on again; what was seen before no longer counts. False where it was not switched. */
  readonly resume: (stage: SavingStage, who: string) => Promise<boolean>;
  /** Reads what was switched before, or by another process. */
  readonly load: () => Promise<void>;
}

export interface Switched {
  /** Epoch ms. */
  readonly at: number;
  readonly reason: string;
}

/** Looks at the evidence in one window. */
export const looksPerWindow = 24;
/** Sessions remembered. Of more, a random part. */
export const maxWatchedSessions = 20_000;
/** Chance, in one window, that a saving without any effect is switched: a hundredth, shared out among the looks. */
export const falseSwitchChance = 0.01;
/** Standard errors that a chance of 0.01 / 24 stands for. */
const errorsAtLook = 3.34;
const errorsAt95 = 1.96;
/** Where the bootstrap is worth its time. */
const errorsToLookCloser = 2.5;
const maxDraws = 2_000_000;
const keptMs = 400 * 24 * 3600 * 1000;
const keyOf = (stage: string): string => `savings.switched/${stage}`;

/** Watches what savings cost, and switches those to `observe` that lose money. State: a sample of sessions of the window, and what is switched. */
export function createSavingWatch({ settings, now, store, record, notify }: SavingWatchOptions): SavingWatch {
  const sample = new SessionSample({ maxSessions: maxWatchedSessions });
  const switched = new Map<string, Switched>();
  const resumedAt = new Map<string, number>();
  let lookedAt = now();
  const failed = (error: unknown): void => notify(`what is switched of the savings could not be kept: ${String(error)}`);
  const turn = (stage: SavingStage, to: SavingSwitched['to'], reason: string): Promise<void> => {
    const at = now();
    if (to === 'observe') switched.set(stage, { at, reason });
    else switched.delete(stage);
    record({ type: 'savings.switched', id: newId(at), at, stage, to, reason });
    notify(`${stage} is switched to ${to}: ${reason}`);
    return to === 'observe' ? store.put(keyOf(stage), JSON.stringify({ at, reason }), keptMs) : store.delete(keyOf(stage));
  };
  const load = async (): Promise<void> => {
    for (const { stage } of savings) {
      const text = await store.get(keyOf(stage));
      if (text === undefined) switched.delete(stage);
      else switched.set(stage, JSON.parse(text) as Switched);
    }
  };
  const look = async (): Promise<void> => {
    const { enabled, windowMs, minSessions } = settings();
    sample.dropBefore(now() - windowMs);
    if (!enabled) return;
    const turns: Promise<void>[] = [];
    const sessions = sample.all();
    for (const { stage } of savings) {
      const since = resumedAt.get(stage) ?? 0;
      const loss = switched.has(stage) ? undefined : lossOf(sessions.filter(({ at }) => at >= since), stage, minSessions); // prettier-ignore
      if (loss) turns.push(turn(stage, 'observe', loss));
    }
    await Promise.all(turns);
  };
  return {
    measured(call) {
      sample.add(call);
      if (now() - lookedAt < settings().windowMs / looksPerWindow) return;
      lookedAt = now();
      look().then(load).catch(failed); // another process may have switched too, or somebody through it
    },
    isSwitched: (stage) => switched.has(stage),
    switched: () => Object.fromEntries(switched),
    async resume(stage, who) {
      const wasSwitched = switched.has(stage);
      resumedAt.set(stage, now());
      if (wasSwitched) await turn(stage, 'on', `by ${who}`);
      return wasSwitched;
    },
    load,
  };
}

/** Why a saving should be switched, or `undefined`: its extra cost is beyond doubt even for somebody who looks again and again. */
function lossOf(sessions: readonly Session[], stage: string, minSessions: number): string | undefined {
  const { treated, controls } = sidesOf(sessions, stage);
  if (Math.min(treated.length, controls.length) < minSessions) return undefined;
  const [withIt, without] = [costsOf(treated), costsOf(controls)];
  if (standardErrorsAbove(withIt, without) < errorsToLookCloser) return undefined;
  const ratio = compare(withIt, without, { resamples: resamplesFor(sessions.length, maxDraws) })?.ratio;
  if (!ratio) return undefined;
  const margin = (Math.log(ratio.value / ratio.low) * errorsAtLook) / errorsAt95;
  if (Math.log(ratio.value) <= margin) return undefined;
  const percent = (value: number): string => `${((value - 1) * 100).toFixed(1)} %`;
  return `sessions with it cost ${percent(ratio.value)} more than those held out (95 % interval ${percent(ratio.low)} to ${percent(ratio.high)}; ${treated.length} and ${controls.length} sessions)`;
}
