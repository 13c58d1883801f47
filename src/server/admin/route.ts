import { GatewayError } from '../../core/errors.ts';

/** A request of the admin API, allowed already. */
export interface AdminRequest {
  /** Parsed JSON; `undefined` where there was no body. Its fields are for the handler to check. */
  readonly body: unknown;
  readonly query: URLSearchParams;
  /** What stands in the path's `{places}`, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The header `accept`. */
  readonly accept: string | undefined;
}

/** One entry of the table that the composition root puts together. `HEAD` is answered by `GET`. */
export interface AdminRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** `/api/keys/{id}/rotate`: a place stands for one segment. */
  readonly path: `/api/${string}` | '/metrics';
  /** What it returns is sent as JSON; `undefined` as 204. An `AdminText` is sent as it is. Throws a `GatewayError`. */
  readonly handle: (request: AdminRequest) => unknown;
  /** Left out: 200. */
  readonly status?: number;
}

/** An answer that is not JSON: CSV, or a stream of events. It ends when `body` ends, or is returned early when the client leaves. */
export class AdminText {
  readonly contentType: string;
  readonly body: string | AsyncIterable<string>;

  constructor(contentType: string, body: string | AsyncIterable<string>) {
    this.contentType = contentType;
    this.body = body;
  }
}

export interface MatchedRoute {
  readonly route: AdminRoute;
  readonly params: Readonly<Record<string, string>>;
}

/** Finds the route of a request. @throws {GatewayError} `not_found`, `method_not_allowed`; the finder itself when two routes are the same */
export function adminRouter(routes: readonly AdminRoute[]): (method: string, path: string) => MatchedRoute {
  const compiled = routes.map((route) => ({ route, segments: route.path.split('/') }));
  const shapes = routes.map(({ method, path }) => `${method} ${path.replaceAll(/\{[^}]*\}/g, '{}')}`);
  const twice = shapes.find((shape, at) => shapes.indexOf(shape) !== at);
  if (twice !== undefined) throw new Error(`two admin routes are ${twice}`);
  return (method, path) => {
    const segments = path.split('/');
    const matching = compiled.flatMap(({ route, segments: pattern }) => {
      const params = matched(pattern, segments);
      return params ? [{ route, params }] : [];
    });
    if (matching.length === 0) throw new GatewayError('not_found', `no route ${path}`);
    const asked = method === 'HEAD' ? 'GET' : method;
    const ofMethod = matching.filter(({ route }) => route.method === asked);
    const exact = ofMethod.find(({ params }) => Object.keys(params).length === 0) ?? ofMethod[0];
    if (exact) return exact;
    throw new GatewayError('method_not_allowed', `${path} does not take ${method}`, {
      headers: ['allow', [...new Set(matching.map(({ route }) => route.method))].join(', ')],
    });
  };
}

function matched(pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined {
  if (pattern.length !== segments.length) return undefined;
  const params: Record<string, string> = {};
  for (const [at, part] of pattern.entries()) {
    const segment = segments[at]!;
    if (!part.startsWith('{')) {
      if (part !== segment) return undefined;
    } else {
      const value = decoded(segment);
      if (value === undefined || value === '') return undefined;
      params[part.slice(1, -1)] = value;
    }
  }
  return params;
}

function decoded(segment: string): string | undefined {
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}
