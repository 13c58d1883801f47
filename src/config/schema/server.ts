import * as z from 'zod';
import { isNetwork } from '../../keys/networks.ts';
import { flag, gib, group, hour, kib, mib, minute, option, second, whole } from './option.ts';

const limits = group('Limits on what clients may ask of the gateway.', {
  maxBodyBytes: whole('Largest request body, as sent and as decompressed.', { unit: 'bytes', min: kib, max: gib, default: 64 * mib }),
  maxHeaderBytes: whole('Largest head of a request: request line and headers.', { unit: 'bytes', min: kib, max: mib, default: 64 * kib }),
  headersTimeoutMs: whole('How long the head of a request may take to arrive.', { unit: 'ms', min: 100, max: hour, default: 30 * second }),
  bodyTimeoutMs: whole('How long a whole request may take to arrive.', { unit: 'ms', min: 100, max: hour, default: 2 * minute }),
  idleTimeoutMs: whole('How long an idle connection of a client is kept open.', {
    unit: 'ms',
    min: second,
    max: hour,
    default: 75 * second,
  }),
  maxInFlight: whole('Calls under way at one time; more are refused with 503.', { unit: 'calls', min: 1, max: 1e6, default: 2048 }),
  maxConnections: whole('Client connections open at one time.', { unit: 'connections', min: 1, max: 1e6, default: 8192 }),
  shutdownGraceMs: whole('How long calls under way may go on after the gateway is asked to stop.', {
    unit: 'ms',
    max: hour,
    default: 30 * second,
  }),
});

export const serverOptions = group('Where the gateway listens.', {
  host: option(
    z.string().min(1),
    'Address to listen on. One that is not loopback needs `adminToken` or `allowUnauthenticated: true`.',
  ).default('127.0.0.1'),
  port: whole('Port to listen on; 0 takes any free one.', { max: 65_535, default: 4000 }),
  workers: whole(
    'Processes that serve. With 1, one process does everything. With more, a first process owns the ledger, the budgets and the keys and starts that many others, which serve; see the guide on scaling.',
    { unit: 'processes', min: 1, max: 256, default: 1 },
  ),
  limits,
  adminToken: option(z.string().min(16), 'Bearer token of the administrator, at least 16 characters. Write `${VAR}`, not the value.', {
    secret: true,
  }).optional(),
  trustedProxies: option(
    z.array(z.string().refine(isNetwork, 'must be an address or CIDR such as 10.0.0.0/8')).max(100),
    'Addresses or networks (CIDR) of proxies in front, whose `x-forwarded-for` is believed.',
  ).default([]),
  allowUnauthenticated: flag(
    'Listen on an address that is not loopback though anyone who reaches it may spend on the configured keys.',
    false,
  ),
});
