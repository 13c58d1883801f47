import type { Call } from '../../core/call.ts';
import type { Confinement } from '../../core/confinement.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Flow } from '../../core/flow.ts';
import type { Handler, Scope, Stage } from '../../core/pipeline.ts';
import { uncompressed, without } from '../../core/raw-headers.ts';
import { headerOf, Reply } from '../../core/reply.ts';
import type { Classify } from '../../text/sensitivity/classifier.ts';
import type { Kind } from '../../text/sensitivity/kinds.ts';
import { Placeholders } from '../../text/sensitivity/placeholders.ts';
import { replaced } from '../../text/sensitivity/replace.ts';
import { goesOnFrom, ownerOf, watchedForId, type Earlier, type SensitivityMemory } from './memory.ts';
import { policyOf, type Label, type Policy } from './labels.ts';
import { rewritten, scan, textMembers, type Scanned } from './scan.ts';

export interface SensitivityOptions {
  /** From the least sensitive to the most. Empty: the guard stands aside. */
  readonly labels: readonly Label[];
  readonly classify: Classify;
  /** Text of one call that is looked at. */
  readonly maxTextBytes: number;
  /** Rank of the label of a call that could not be looked at in full. */
  readonly unreadRank: number;
  /** Where calls may go that must stay. */
  readonly local: Omit<Confinement, 'label'>;
  readonly memory: SensitivityMemory;
  readonly placeholderFor: (conversation: string, kind: Kind, value: string) => string;
  /** Puts values back into a reply's bytes. */
  readonly restored: (
    bytes: Flow,
    restoring: { readonly api: Call['api']; readonly contentType: string | undefined; readonly placeholders: Placeholders },
  ) => Flow;
}

/**
 * Finds what must not leave, and holds the call to the policy of what it found. It fails closed: a call that cannot be looked at counts as the most
 * sensitive, and nothing it throws names a value.
 */
export function sensitivity(options: SensitivityOptions): Stage {
  return {
    name: 'sensitivity',
    kind: 'guard',
    wrap: (next) => {
      if (options.labels.length === 0)
        return (call, scope) => (scope.sensitivity === undefined ? next(call, scope) : unknownLabel(options));
      return (call, scope) => judged(options, call, scope, next);
    },
  };
}

async function unknownLabel({ labels }: SensitivityOptions): Promise<never> {
  const names = labels.map(({ name }) => name).join(', ') || 'none';
  throw new GatewayError('invalid_request', `x-modicum-sensitivity names no label of sensitivity.labels; there are: ${names}`, {
    param: 'x-modicum-sensitivity',
  });
}

/** Async, so that what is refused is a promise rejected, as all stages have it. */
async function judged(options: SensitivityOptions, call: Call, scope: Scope, next: Handler): Promise<Reply> {
  const { labels } = options;
  const claimed = scope.sensitivity === undefined ? -1 : labels.findIndex(({ name }) => name === scope.sensitivity);
  if (scope.sensitivity !== undefined && claimed === -1) return unknownLabel(options);
  const scanned = scan(call, options.classify, options.maxTextBytes);
  const ids = goesOnFrom(call);
  const earlier = ids.flatMap((id) => options.memory.of(ownerOf(scope), id) ?? []);
  const ranks = new Set([...scanned.ranks, ...earlier.flatMap((one) => ranksOf(one, options))]);
  if (claimed !== -1) ranks.add(claimed);
  if (scanned.isCut) ranks.add(options.unreadRank);
  if (ranks.size === 0) return next(call, scope);
  const highest = Math.max(...ranks);
  scope.annotations.sensitivity = labels[highest]!.name;
  const placeholders = earlier.findLast((one) => one.placeholders)?.placeholders;
  const { confined, masks } = decided(options, { call, scope, scanned, ranks, highest });
  const isKept = call.api === 'openai.responses';
  const held: Scope = { ...scope, ...(confined && { confined }), ...(isKept && { headers: uncompressed(scope.headers) }) };
  const masking = { scanned, masks: masks ?? never, placeholders: placeholders ?? placeholdersFor(options, scope) };
  const reply = masks || placeholders ? await masked(options, call, held, next, masking) : await next(call, held);
  if (!isKept) return reply;
  const found = { labels: [...ranks].map((rank) => labels[rank]!.name), placeholders: masking.placeholders };
  for (const id of ids) if (!id.startsWith('resp_')) options.memory.keep(ownerOf(scope), id, found);
  return watchedForId(reply, (id) => options.memory.keep(ownerOf(scope), id, found));
}

const never = (): boolean => false;

/** A label that the configuration has no more counts as one that cannot be looked at. */
const ranksOf = (earlier: Earlier, { labels, unreadRank }: SensitivityOptions): readonly number[] =>
  earlier.labels.map((label) => labels.findIndex(({ name }) => name === label)).map((rank) => (rank === -1 ? unreadRank : rank));

interface Found {
  readonly call: Call;
  readonly scope: Scope;
  readonly scanned: Scanned;
  readonly ranks: ReadonlySet<number>;
  readonly highest: number;
}

interface Decision {
  readonly confined?: Confinement;
  /** Whether values of this rank are replaced. */
  readonly masks?: (rank: number) => boolean;
}

/** Each label that was found is held to its own policy, and the highest one to its policy for everything found. @throws {GatewayError} `sensitive_data` */
function decided(options: SensitivityOptions, { call, scope, scanned, ranks, highest }: Found): Decision {
  const { labels, local, unreadRank } = options;
  const policy = (rank: number): Policy => policyOf(labels[rank]!, scope.labels.app, call.model);
  const asks = (wanted: Policy): number | undefined => [...ranks].toSorted((a, b) => b - a).find((rank) => policy(rank) === wanted);
  const refusing = asks('refuse');
  if (refusing !== undefined) throw refusal(labels[refusing]!, scanned, options);
  if (scanned.isCut && policy(unreadRank) === 'mask') throw refusal(labels[unreadRank]!, scanned, options);
  const staying = asks('local-only');
  const all = policy(highest) === 'mask';
  return {
    ...(staying !== undefined && { confined: { ...local, label: labels[staying]!.name } }),
    ...(asks('mask') !== undefined && { masks: (rank: number) => all || policy(rank) === 'mask' }),
  };
}

function refusal({ name }: Label, { kinds, isCut }: Scanned, { maxTextBytes }: SensitivityOptions): GatewayError {
  const found = kinds.size > 0 ? [`it holds ${[...kinds].toSorted().join(', ')}`] : [];
  const cut = isCut ? [`it holds more text than may be looked at (sensitivity.maxTextBytes: ${maxTextBytes})`] : [];
  const why = [...found, ...cut].join(', and ') || 'the client labelled it so';
  return new GatewayError('sensitive_data', `the call is labelled "${name}" and must not be sent: ${why}`);
}

interface Masking {
  readonly scanned: Scanned;
  readonly masks: (rank: number) => boolean;
  /** Of this call, and of those it goes on from. */
  readonly placeholders: Placeholders;
}

async function masked(options: SensitivityOptions, call: Call, scope: Scope, next: Handler, masking: Masking): Promise<Reply> {
  const { scanned, masks, placeholders } = masking;
  const changed = textMembers(call).flatMap(([key, json]) => {
    const bytes = rewritten(key, json, (text, { field }) => {
      const findings = scanned.findingsIn(text, field).filter(({ rank }) => masks(rank));
      return findings.length === 0 ? undefined : replaced(text, findings, ({ kind }, value) => placeholders.for(kind, value));
    });
    return bytes === json ? [] : [[key, bytes] as const];
  });
  if (placeholders.size === 0) return next(call, scope);
  const reply = await next(call.withJson(Object.fromEntries(changed)), { ...scope, headers: uncompressed(scope.headers) });
  return restored(options, call, reply, placeholders);
}

function placeholdersFor({ placeholderFor }: SensitivityOptions, scope: Scope): Placeholders {
  const conversation = conversationOf(scope);
  return new Placeholders((kind, value) => placeholderFor(conversation, kind, value));
}

/** Placeholders are the same within a session; where none is told, within an app and a key. */
const conversationOf = ({ labels: { session, app }, key }: Scope): string => JSON.stringify([key ?? '', app ?? '', session ?? '']);

function restored(options: SensitivityOptions, { api }: Call, reply: Reply, placeholders: Placeholders): Reply {
  const { status, headers } = reply.head;
  if ((headerOf(headers, 'content-encoding') ?? 'identity') !== 'identity') return unreadable(reply);
  const contentType = headerOf(headers, 'content-type');
  const bytes = options.restored(reply.bytes, { api, contentType, placeholders });
  return new Reply(reply.servedBy, { status, headers: without(headers, 'content-length') }, bytes);
}

function unreadable(reply: Reply): never {
  const error = new GatewayError('provider_error', 'the provider compressed its reply, which was not asked for');
  reply.bytes.to({ open: (valve) => valve.abort(error), write: () => {}, end: () => {} });
  throw error;
}
