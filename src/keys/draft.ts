import * as z from 'zod';
import { GatewayError } from '../core/errors.ts';
import type { KeyScopes, VirtualKey } from '../core/stores.ts';
import { isNetwork } from './networks.ts';
import { secretPattern } from './secret.ts';

/** A key to be made. */
export interface KeyDraft extends Pick<VirtualKey, 'name' | 'expiresAt' | 'budget' | 'rateLimit'> {
  readonly scopes?: KeyScopes;
  readonly labels?: VirtualKey['labels'];
}

/** What changes; `null` takes it away. */
export interface KeyChanges {
  readonly name?: string;
  readonly expiresAt?: number | null;
  readonly scopes?: KeyScopes;
  readonly labels?: VirtualKey['labels'];
  readonly budget?: VirtualKey['budget'] | null;
  readonly rateLimit?: VirtualKey['rateLimit'] | null;
}

/** How long a former secret goes on after a rotation, unless something else is asked for, and at most. */
const defaultOverlapMs = 24 * 3600 * 1000;
export const maxOverlapMs = 90 * 24 * 3600 * 1000;

/** Entries of one scope at most. */
export const maxScopeEntries = 256;

const name = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N} ._@-]{0,99}$/u, 'must be 1 to 100 letters, digits, spaces or . _ @ -')
  .refine((text) => !secretPattern.test(text), 'must not be a secret');
const entry = z.string().min(1).max(256);
const list = z.array(entry).min(1, 'must name something; leave it out to allow all').max(maxScopeEntries);
const network = entry.refine(isNetwork, 'must be an address or CIDR such as 10.0.0.0/8');
const scopes = z.strictObject({
  models: list.optional(),
  providers: list.optional(),
  apps: list.optional(),
  features: list.optional(),
  networks: z.array(network).min(1, 'must name something; leave it out to allow all').max(maxScopeEntries).optional(),
});
const label = z.string().min(1).max(200);
const labels = z.strictObject({ team: label.optional(), user: label.optional(), app: label.optional(), feature: label.optional() });
const windows = /^(minute|hour|day|week|month|total|call|rolling:[1-9]\d{0,5}[mhd])$/;
const budget = z
  .strictObject({
    usd: z
      .string()
      .regex(/^\d{1,6}(\.\d{1,9})?$/, 'must be a decimal number such as "0.50"')
      .optional(),
    tokens: z.int().min(0).max(1e15).optional(),
    window: z.string().regex(windows, 'must be call, minute, hour, day, week, month, total or rolling:N with m, h or d').default('month'),
  })
  .refine(({ usd, tokens }) => usd !== undefined || tokens !== undefined, 'must have usd or tokens');
const rate = z.int().min(1).max(1e12).optional();
const rateLimit = z
  .strictObject({ requestsPerMinute: rate, tokensPerMinute: rate, concurrency: rate })
  .refine((given) => Object.values(given).some((value) => value !== undefined), 'must have a limit');
const time = z
  .union([z.int().min(1), z.string()])
  .transform((given) => (typeof given === 'number' ? given : Date.parse(given)))
  .refine((ms) => Number.isSafeInteger(ms), 'must be a time such as 2027-01-31T00:00:00Z, or epoch ms');

const draftSchema = z.strictObject({
  name,
  expiresAt: time.optional(),
  scopes: scopes.optional(),
  labels: labels.optional(),
  budget: budget.optional(),
  rateLimit: rateLimit.optional(),
});
const changesSchema = z.strictObject({
  name: name.optional(),
  expiresAt: time.nullable().optional(),
  scopes: scopes.optional(),
  labels: labels.optional(),
  budget: budget.nullable().optional(),
  rateLimit: rateLimit.nullable().optional(),
});
const rotationSchema = z.strictObject({ overlapMs: z.int().min(0).max(maxOverlapMs).default(defaultOverlapMs) });

/** @throws {GatewayError} `invalid_request` that names the field */
export const readDraft = (json: unknown): KeyDraft => read(draftSchema, json) as KeyDraft;
/** @throws {GatewayError} `invalid_request` that names the field */
export const readChanges = (json: unknown): KeyChanges => read(changesSchema, json) as KeyChanges;
/** @throws {GatewayError} `invalid_request` that names the field */
export const readRotation = (json: unknown): { readonly overlapMs: number } => read(rotationSchema, json ?? {});

function read<S extends z.ZodType>(schema: S, json: unknown): z.output<S> {
  const result = schema.safeParse(json ?? {});
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const path = issue!.path.map(String).join('.');
  throw new GatewayError('invalid_request', `${path === '' ? 'the body' : path}: ${issue!.message}`, path === '' ? {} : { param: path });
}
