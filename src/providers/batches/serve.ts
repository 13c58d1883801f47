import type { Body } from '../../core/body.ts';
import type { ApiId, Family } from '../../core/api.ts';
import { GatewayError } from '../../core/errors.ts';
import type { Scope } from '../../core/pipeline.ts';
import type { Cost, LedgerEvent } from '../../core/record.ts';
import type { Reply } from '../../core/reply.ts';
import type { Dialect } from '../../protocols/dialect.ts';
import type { RawRequest } from '../dispatch.ts';
import type { BatchResult } from '../../protocols/batches/results.ts';
import { addressed } from './addressed.ts';
import type { JobsOptions } from './crossed/jobs.ts';
import { createCrossedBatches, type CrossedOptions, type MeteredFrom } from './crossed/serve.ts';
import { learned } from './learned.ts';
import type { BatchMemory } from './memory.ts';
import { meteredResults, type ResultsListener } from './metered.ts';
import { modelsOf, renamed } from './models.ts';
import { resultRecord, type PricedResult, type ResultsSource } from './record.ts';
import type { BatchRoute } from './routes.ts';

/** What of a provider matters to batches. */
export interface BatchProvider {
  readonly name: string;
  readonly family: Family;
  readonly dialect: Dialect;
  /** Chat APIs it serves; left out: all of its family. */
  readonly apis?: readonly ApiId[];
}

export interface BatchesOptions {
  /** In the order of the configuration. */
  readonly providers: readonly BatchProvider[];
  readonly send: (provider: string, request: RawRequest, scope: Scope) => Promise<Reply>;
  /** Where a model's calls go, and its name there. @throws {GatewayError} `model_not_found` */
  readonly placeOf: (family: Family, model: string) => { readonly provider: string; readonly model: string };
  /** Never throws; an unknown price is a cost of null. */
  readonly price: (result: PricedResult) => Cost;
  readonly record: (event: LedgerEvent) => void;
  readonly isCongested: () => boolean;
  readonly memory: BatchMemory;
  /** What is known of a model, for requests that cross. */
  readonly abilitiesOf: CrossedOptions['abilitiesOf'];
  /** Where batches that cross are kept, with their files. */
  readonly kept: JobsOptions;
  readonly logError: (message: string, error: unknown) => void;
}

/** A request about batches, or about the files that hold them. */
export interface BatchAsked {
  readonly route: BatchRoute;
  readonly body: Body;
  /** `content-encoding` of the body. */
  readonly contentEncoding: string | undefined;
  /** As the client names it in `x-modicum-provider`. */
  readonly provider: string | undefined;
  /** How the client reaches this gateway: `http://127.0.0.1:4000/c/app`. */
  readonly ownUrl: string;
}

export type Batches = (asked: BatchAsked, scope: Scope) => Promise<Reply>;

/** Forwards what is asked about batches to one provider, and meters results as they are read. */
export function createBatches(options: BatchesOptions): Batches {
  const crossed = createCrossedBatches({ ...options, ...options.kept, meter: (result, from) => meterCrossed(options, result, from) });
  return async (asked, scope) => (await crossed(asked, scope)) ?? passedOn(options, asked, scope);
}

/** To a provider of the client's own API, as it comes. */
async function passedOn(options: BatchesOptions, asked: BatchAsked, scope: Scope): Promise<Reply> {
  const { name, family, dialect, rename } = chosen(options, asked);
  if (family !== asked.route.family) throw otherFamily(name, family, asked.route.family);
  const { route, contentEncoding } = asked;
  const request: RawRequest = {
    path: renamedPath(scope.target, route.model, rename),
    method: scope.method,
    body: asked.body.length > 0 ? (rename && route.model === undefined ? renamed(asked.body, rename) : asked.body) : null,
    contentEncoding,
  };
  const sent = await options.send(name, request, readable(scope));
  if (sent.head.status >= 400) return sent;
  const isAway = route.kind === 'create' && name !== homeOf(options, route.family)?.name;
  const reply = isAway ? learned(sent, (id) => options.memory.providers.set(id, name)) : sent;
  if (route.kind === 'results' || route.kind === 'operation') return metered(options, reply, asked, { name, dialect, scope });
  return route.family === 'anthropic' ? addressed(reply, scope, asked.ownUrl) : reply;
}

/** One result of a batch that crossed, recorded before it is given out. */
async function meterCrossed(
  { price, record, logError }: BatchesOptions,
  result: BatchResult,
  { servedBy, provider, at, job, clientApi, scope }: MeteredFrom,
): Promise<void> {
  const crossed = { from: clientApi, batch: job.id, dropped: job.dropped };
  const source: ResultsSource = { servedBy, dialect: provider.dialect, batch: at, scope, price, crossed };
  await resultRecord(source, result)
    .then(record)
    .catch((error: unknown) => logError(`a result of ${job.id} could not be recorded`, error));
}

interface Chosen extends BatchProvider {
  /** Names that models have there, by the client's, where they differ. */
  readonly rename?: ReadonlyMap<string, string>;
}

function chosen(options: BatchesOptions, asked: BatchAsked): Chosen {
  const { route, provider } = asked;
  const known = provider ?? (route.id === undefined ? undefined : options.memory.providers.get(route.id));
  if (known !== undefined) return providerNamed(options, known);
  const models = route.kind === 'create' ? modelsOf(asked) : [];
  if (models.length > 0) return placed(options, route.family, models);
  const home = homeOf(options, route.family);
  if (!home) throw new GatewayError('not_found', `no provider that speaks the ${route.family} API is configured`);
  return home;
}

/** The provider of a family that is asked where nothing says another: the vendor's own, else the first. */
const homeOf = ({ providers }: BatchesOptions, family: Family): BatchProvider | undefined =>
  providers.find((provider) => provider.family === family && provider.name === family) ??
  providers.find((provider) => provider.family === family);

function providerNamed({ providers }: BatchesOptions, name: string): BatchProvider {
  const found = providers.find((provider) => provider.name === name);
  if (!found)
    throw new GatewayError('not_found', `no provider "${name}" is configured; there are: ${providers.map((one) => one.name).join(', ')}`);
  return found;
}

/** All models of a batch must be at one provider: a batch is one job there. */
function placed(options: BatchesOptions, family: Family, models: readonly string[]): Chosen {
  const places = models.map((model) => ({ asked: model, ...options.placeOf(family, model) }));
  const [first] = places;
  const other = places.find(({ provider }) => provider !== first!.provider);
  if (other)
    throw new GatewayError(
      'invalid_request',
      `the requests of one batch go to one provider: "${first!.asked}" is at "${first!.provider}", "${other.asked}" at "${other.provider}"`,
      { param: 'model' },
    );
  const differing = places.filter(({ asked, model }) => asked !== model);
  const rename = differing.length > 0 && { rename: new Map(differing.map(({ asked, model }) => [asked, model])) };
  return { ...providerNamed(options, first!.provider), ...rename };
}

const otherFamily = (name: string, family: Family, asked: Family): GatewayError =>
  new GatewayError(
    'invalid_request',
    `the provider "${name}" speaks the ${family} API: batches of the ${asked} API cannot be served there`,
    {
      param: 'model',
    },
  );

const renamedPath = (target: string, model: string | undefined, rename: ReadonlyMap<string, string> | undefined): string => {
  const there = model === undefined ? undefined : rename?.get(model);
  return there === undefined
    ? target
    : target.replace(/\/models\/.+(:[A-Za-z]+)/, (_, verb: string) => `/models/${encodeURIComponent(there)}${verb}`);
};

/** A reply that is read along must not be compressed. */
const readable = (scope: Scope): Scope => ({
  ...scope,
  headers: [
    ...scope.headers.filter((_, at) => scope.headers[at - (at % 2)]!.toLowerCase() !== 'accept-encoding'),
    'accept-encoding',
    'identity',
  ],
});

interface Reading {
  readonly name: string;
  readonly dialect: Dialect;
  readonly scope: Scope;
}

/** Meters what was not read to its end before. */
function metered(options: BatchesOptions, reply: Reply, { route }: BatchAsked, { name, dialect, scope }: Reading): Reply {
  const { memory, price, record, isCongested, logError } = options;
  const key = `${name} ${route.id!}`;
  if (memory.read.get(key)) return reply;
  const source: ResultsSource = { servedBy: reply.servedBy, dialect, batch: route.id!, scope, price };
  const fail = (error: unknown): void => logError(`a result of ${key} could not be recorded`, error);
  const listener: ResultsListener = {
    result: (result, model) => void resultRecord(source, result, model).then(record).catch(fail),
    whole: () => memory.read.set(key, true),
    unread: () => fail(new Error('it was compressed, or too long to be read along')),
    isCongested,
  };
  return meteredResults(reply, route.kind === 'operation' ? 'operation' : 'lines', listener);
}
