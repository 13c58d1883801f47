import type { Arguments } from './arguments.ts';
import { CliError, exitCodes, failure } from './errors.ts';
import type { Terminal } from './terminal.ts';
import { self } from './version.ts';

/** How long the admin API may take, ms. */
const timeoutMs = 15_000;

/**
 * Asks the admin API of a running gateway: GET, or POST with a body. The gateway stands in `--url`, the token in `--token` or `MODICUM_ADMIN_TOKEN`.
 * @throws {CliError} `unreachable`, or `failed` with what the gateway says
 */
export async function askAdmin(
  given: Arguments,
  { env }: Pick<Terminal, 'env'>,
  path: string,
  body?: object,
  method = body ? 'POST' : 'GET',
): Promise<unknown> {
  const url = urlOf(given.text('url') ?? 'http://127.0.0.1:4000');
  const token = given.text('token') ?? env['MODICUM_ADMIN_TOKEN'];
  const response = await fetch(new URL(path, url), {
    method,
    headers: {
      ...(body && { 'content-type': 'application/json' }),
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
    body: body ? JSON.stringify(body) : null,
    signal: AbortSignal.timeout(timeoutMs),
  }).catch((cause: unknown) => {
    throw new CliError(
      exitCodes.unreachable,
      `no gateway answers at ${url.origin}; start one with \`${self} serve\`, or say where it is: --url`,
      {
        cause,
      },
    );
  });
  const answer = (await response.json().catch(() => undefined)) as { readonly error?: { readonly message?: string } } | undefined;
  if (response.ok && answer) return answer;
  const hint = response.status === 401 ? '; put the token into MODICUM_ADMIN_TOKEN' : '';
  throw failure(`the gateway says: ${answer?.error?.message ?? `status ${response.status}`}${hint}`);
}

function urlOf(text: string): URL {
  if (URL.canParse(text)) return new URL(text);
  throw new CliError(exitCodes.usage, `not a URL: ${text}`);
}
