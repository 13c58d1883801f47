import type { Json } from '../../core/json.ts';

/** One server-sent event; `name` gives it an `event:` line. */
export const sse = (data: Json, name?: string): string =>
  `${name === undefined ? '' : `event: ${name}\n`}data: ${JSON.stringify(data)}\n\n`;
