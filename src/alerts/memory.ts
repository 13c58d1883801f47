import type { Lender, SessionStore } from '../core/stores.ts';
import type { AlertMessage } from './message.ts';
import type { AlertState } from './machine.ts';

/** States by rule, and when rules were last evaluated. */
export interface States {
  readonly evaluatedAt: number;
  readonly byRule: Readonly<Record<string, readonly AlertState[]>>;
}

/** Messages that are remembered. */
export const maxHistory = 100;
/** Bytes of one value of the store, some left over. */
const maxBytes = 60_000;
const keptMs = 400 * 24 * 3_600_000;
/** A process that dies while it evaluates keeps the others waiting this long, ms. */
const lockMs = 60_000;

/** What all processes that evaluate share. */
export interface AlertMemory {
  readonly states: () => Promise<States>;
  readonly saveStates: (states: States) => Promise<void>;
  /** Newest first. */
  readonly history: () => Promise<readonly AlertMessage[]>;
  readonly remember: (messages: readonly AlertMessage[]) => Promise<void>;
  readonly value: <T>(key: string, otherwise: T) => Promise<T>;
  /** @throws {StoreLimitError} when it is too long */
  readonly saveValue: (key: string, value: unknown) => Promise<void>;
  /** Does the work while no other process does; false where another is at it. */
  readonly alone: (work: () => Promise<void>) => Promise<boolean>;
}

export function createAlertMemory(sessions: SessionStore, lender: Lender, owner: string): AlertMemory {
  const value = async <T>(key: string, otherwise: T): Promise<T> => {
    const text = await sessions.get(`alerts/${key}`);
    return text === undefined ? otherwise : (JSON.parse(text) as T);
  };
  const saveValue = (key: string, given: unknown): Promise<void> => sessions.put(`alerts/${key}`, JSON.stringify(given), keptMs);
  const history = (): Promise<readonly AlertMessage[]> => value('history', []);
  return {
    value,
    saveValue,
    history,
    states: () => value<States>('states', { evaluatedAt: 0, byRule: {} }),
    saveStates: (states) => saveValue('states', fitting(states)),
    remember: async (messages) => {
      if (messages.length > 0)
        await saveValue('history', shortened([...[...messages].reverse(), ...(await history())].slice(0, maxHistory)));
    },
    alone: (work) => locked(lender, owner, work),
  };
}

async function locked(lender: Lender, owner: string, work: () => Promise<void>): Promise<boolean> {
  const counter = { id: 'alerts/evaluation', limit: 1, endsAt: undefined };
  const { granted } = await lender.lease(`alerts-${owner}`, { counter, least: 1, wanted: 1, ttlMs: lockMs });
  if (granted < 1) return false;
  try {
    await work();
  } finally {
    await lender.state(`alerts-${owner}`, [{ counter, spent: 0, keep: 0 }], lockMs);
  }
  return true;
}

const bytesOf = (value: unknown): number => Buffer.byteLength(JSON.stringify(value));

/** The alerts that stand the longest stay when not all fit. */
function fitting(states: States): States {
  if (bytesOf(states) <= maxBytes) return states;
  const all = Object.entries(states.byRule).flatMap(([rule, of]) => of.map((state) => ({ rule, state })));
  all.sort((left, right) => left.state.since - right.state.since);
  const byRule: Record<string, AlertState[]> = {};
  let left = maxBytes - 100;
  for (const { rule, state } of all) {
    left -= bytesOf({ [rule]: [state] });
    if (left >= 0) (byRule[rule] ??= []).push(state);
  }
  return { ...states, byRule };
}

function shortened(messages: readonly AlertMessage[]): readonly AlertMessage[] {
  let left = maxBytes;
  return messages.filter((message) => (left -= bytesOf(message) + 1) >= 0);
}
