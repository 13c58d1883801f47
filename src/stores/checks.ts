import { StoreLimitError } from '../core/store-errors.ts';
import type { Counter, LeaseAsk, Statement } from '../core/stores.ts';
import { storeLimits } from './limits.ts';

/** @throws {RangeError | StoreLimitError} before anything is changed or sent */
export function checkAsks(owner: string, asks: readonly LeaseAsk[]): void {
  checkId(owner);
  checkCounters(asks);
  for (const { least, wanted, ttlMs } of asks) {
    checkAmounts({ least, wanted, ttlMs });
    if (least > wanted) throw new RangeError('least is more than wanted');
  }
}

export function checkStatements(owner: string, statements: readonly Statement[]): void {
  checkId(owner);
  checkCounters(statements);
  for (const { spent, keep } of statements) checkAmounts({ spent, keep, 'spent + keep': spent + keep });
}

export function checkAmounts(amounts: Readonly<Record<string, number>>): void {
  for (const [name, amount] of Object.entries(amounts))
    if (!Number.isSafeInteger(amount) || amount < 0) throw new RangeError(`${name} must be a safe integer of 0 or more, not ${amount}`);
}

export function checkId(id: string): void {
  if (id === '') throw new RangeError('an id is empty');
  if (id.includes('\0') || !id.isWellFormed()) throw new RangeError('an id must be text without NUL');
  const bytes = Buffer.byteLength(id);
  if (bytes > storeLimits.idBytes) throw new StoreLimitError(`an id has ${bytes} bytes, at most ${storeLimits.idBytes} are allowed`);
}

export function checkIds(ids: readonly string[]): void {
  if (ids.length > storeLimits.listed)
    throw new StoreLimitError(`${ids.length} counters asked for, at most ${storeLimits.listed} are allowed`);
  ids.forEach(checkId);
}

export function checkSize(what: string, bytes: number, limit: number): void {
  if (bytes > limit) throw new StoreLimitError(`a ${what} has ${bytes} bytes, at most ${limit} are kept`);
}

export function checkSetting(name: string, value: string, version: number): void {
  checkId(name);
  checkAmounts({ version });
  checkSize('setting', Buffer.byteLength(value), storeLimits.settingBytes);
}

function checkCounters(items: readonly { readonly counter: Counter }[]): void {
  if (items.length > storeLimits.countersPerCall)
    throw new StoreLimitError(`${items.length} counters in one call, at most ${storeLimits.countersPerCall} are allowed`);
  for (const { counter } of items) {
    checkId(counter.id);
    checkAmounts({ limit: counter.limit, endsAt: counter.endsAt ?? 0 });
  }
  if (items.length > 1 && new Set(items.map(({ counter }) => counter.id)).size < items.length)
    throw new RangeError('a counter is named twice in one call');
}
