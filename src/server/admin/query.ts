import { GatewayError } from '../../core/errors.ts';

/** A parameter that is a whole number; `undefined`: left out or empty. `what`: as the error calls it. @throws {GatewayError} `invalid_request` */
export function wholeParameter(query: URLSearchParams, name: string, what = 'a whole number'): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text)) throw new GatewayError('invalid_request', `${name}: must be ${what}`, { param: name });
  return Number(text);
}
