/** What an application may import: who a call is for, told to a gateway in headers. */
import type { Labels as RecordedLabels } from '../core/record.ts';

/** Who a call is for; every report can group by these. The gateway keeps 200 characters of a value, and 16 tags. */
export type Labels = Omit<RecordedLabels, 'client'>;

const fields = ['app', 'feature', 'user', 'team', 'session', 'task'] as const satisfies readonly (keyof Labels)[];
const headerOf = (field: string): string => `x-modicum-${field}`;

/**
 * The labels as headers, for an SDK's `defaultHeaders` or the headers of one request. The gateway takes them off before the provider sees
 * the call. Characters that a header cannot carry are percent-encoded.
 * @throws {RangeError} when a tag's name is not made of letters, digits, `.`, `_` and `-`
 * @example new OpenAI({ baseURL: 'http://127.0.0.1:4000/v1', defaultHeaders: labels({ app: 'shop', feature: 'search' }) })
 */
export function labels(values: Labels): Record<string, string> {
  const own = fields.flatMap((field) => entry(headerOf(field), values[field]));
  const tags = Object.entries(values.tags ?? {}).flatMap(([name, value]) => entry(headerOf(`tag-${tagName(name)}`), value));
  return Object.fromEntries([...own, ...tags]);
}

export interface LabelledFetchOptions {
  /** What sends the request in the end. */
  readonly fetch?: typeof globalThis.fetch;
}

/**
 * A `fetch` that labels each request, for SDKs that take one. `values` may be a function, asked at each request: for labels that change,
 * such as those of an `AsyncLocalStorage`. A label that the request itself carries wins.
 */
export function labelledFetch(values: Labels | (() => Labels), options: LabelledFetchOptions = {}): typeof globalThis.fetch {
  const { fetch: send = globalThis.fetch } = options;
  return async (input, init) => {
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
    for (const [name, value] of Object.entries(labels(typeof values === 'function' ? values() : values)))
      if (!headers.has(name)) headers.set(name, value);
    return send(input, { ...init, headers });
  };
}

function entry(name: string, value = ''): readonly (readonly [string, string])[] {
  const text = carried(value);
  return text === '' ? [] : [[name, text]];
}

/** Printable ASCII goes as it is: a line break in a value must not become a second header. */
const carried = (value: string): string => value.trim().replace(/[^\x20-\x7e]+/g, (text) => encodeURIComponent(text.toWellFormed()));

function tagName(name: string): string {
  if (!/^[\w.-]{1,100}$/.test(name))
    throw new RangeError(`a tag's name has letters, digits, ".", "_" and "-" only: ${JSON.stringify(name)}`);
  return name.toLowerCase();
}
