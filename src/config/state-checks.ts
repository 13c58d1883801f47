import type { Fault } from './checks.ts';
import type { ParsedConfig } from './schema.ts';

const schemes = { redis: ['redis:', 'rediss:'], postgres: ['postgres:', 'postgresql:'] } as const;

/** An engine with a server needs its URL, and no other engine has one. */
export function stateFaults({ state: { engine, url } }: ParsedConfig): readonly Fault[] {
  const at = (key: string, problem: string, fix: string): readonly Fault[] => [{ path: ['state', key], problem, fix }];
  if (engine === 'sqlite' || engine === 'memory')
    return url === undefined
      ? []
      : at('url', `the engine ${engine} has no server`, 'take it out, or set state.engine to redis or postgres');
  const allowed: readonly string[] = schemes[engine];
  if (url === undefined) return at('engine', `${engine} needs state.url`, `set state.url to ${allowed[0]}//host:port`);
  const isRight = URL.canParse(url) && allowed.includes(new URL(url).protocol);
  return isRight ? [] : at('url', `is no URL of ${engine}`, `begin it with ${allowed.join('// or ')}//`);
}
