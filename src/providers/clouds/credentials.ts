import { GatewayError } from '../../core/errors.ts';

/** Looking for credentials, and getting them, takes no longer: metadata servers that are not there answer late. */
export const credentialsTimeoutMs = 15_000;

/** A package that only some need. @throws {GatewayError} `no_credentials` */
export async function optional<T>(name: string, load: () => Promise<T>): Promise<T> {
  try {
    return await load();
  } catch (cause) {
    throw new GatewayError('no_credentials', `the package ${name} is needed for this provider and is not installed: npm install ${name}`, {
      cause,
    });
  }
}

/** What `get` gives, in time. The library's words stay in the cause: they may name files and accounts. @throws {GatewayError} `no_credentials` */
export async function inTime<T>(whose: string, get: () => Promise<T>, timeoutMs = credentialsTimeoutMs): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => reject(new Error(`not within ${timeoutMs} ms`)), timeoutMs);
  try {
    return await Promise.race([get(), late]);
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('no_credentials', `no credentials of ${whose} for this provider`, { cause });
  } finally {
    clearTimeout(timer);
  }
}
