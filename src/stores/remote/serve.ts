import type { Stores } from '../../core/stores.ts';
import { sentError, storeMethods, type Answer, type Ask } from './messages.ts';

type Method = (...values: readonly unknown[]) => Promise<unknown>;

/** Answers what other processes ask of the stores of this one. Never rejects. */
export function answerFrom(stores: Stores): (ask: Ask) => Promise<Answer> {
  const methods = new Map<string, Method>(
    Object.entries(storeMethods).flatMap(([name, own]) => {
      const store = stores[name as keyof typeof storeMethods] as unknown as Readonly<Record<string, Method>>;
      return own.map((method) => [`${name}.${method}`, (...values) => store[method]!(...values)] as const);
    }),
  );
  return async ({ number, method, values }) => {
    try {
      const act = methods.get(method);
      if (!act) throw new RangeError(`stores have no method ${method}`);
      return { type: 'answer', number, value: await act(...values) };
    } catch (error) {
      return { type: 'answer', number, error: sentError(error) };
    }
  };
}
