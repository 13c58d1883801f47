import * as z from 'zod';
import { choice, gib, group, mib, minute, option, second, whole } from './option.ts';

/** Where budgets, limits, keys, sessions and kept replies live. How long leases last stands under `allowances`. */
export const stateOptions = group(
  'What is shared by all gateways of one installation: budgets, rate limits, virtual keys, sessions, kept replies.',
  {
    engine: choice(
      '`sqlite`: files in `dataDir`, for one machine. `redis` (or Valkey) and `postgres`: for several. `memory`: gone with the process.',
      ['sqlite', 'memory', 'redis', 'postgres'],
      'sqlite',
    ),
    url: option(
      z.string().min(1),
      'Where the engine is: `redis://[user:password@]host:port[/db]` (`rediss` with TLS) or `postgres://user:password@host/database`. Write `${VAR}`, not the password.',
      { secret: true },
    ).optional(),
    keyPrefix: option(
      z.string().regex(/^[a-z_][a-z0-9_]{0,39}$/, 'must be 1 to 40 of a-z, 0-9 and _, and not begin with a digit'),
      'What keys in Redis begin with, and the schema in Postgres. Gateways with the same one share their state.',
    ).default('modicum'),
    timeoutMs: whole('How long Redis or Postgres may take for one answer before it counts as away.', {
      unit: 'ms',
      min: 50,
      max: minute,
      default: 2 * second,
    }),
    maxReplyBytes: whole('Room for kept replies; beyond it the least recently used go.', {
      unit: 'bytes',
      min: mib,
      max: 1024 * gib,
      default: 256 * mib,
    }),
  },
);
