import type { Family } from '../../../core/api.ts';
import { GatewayError } from '../../../core/errors.ts';
import { jsonBytes, parse, type Json } from '../../../core/json.ts';
import type { Flow } from '../../../core/flow.ts';
import type { Scope } from '../../../core/pipeline.ts';
import { headerOf, Reply, type ServedBy } from '../../../core/reply.ts';
import type { BatchResult } from '../../../protocols/batches/results.ts';
import { field, list, text } from '../../../protocols/count.ts';
import type { ModelAbilities } from '../../../protocols/translate/fit.ts';
import { translatorOf } from '../../../protocols/translate/translators.ts';
import { droppedHeader, failedReply, flowOf } from '../../translate/reply-parts.ts';
import { modelsOf } from '../models.ts';
import type { BatchAsked, BatchProvider, BatchesOptions } from '../serve.ts';
import { askingOf, ProviderRefusal } from './asking.ts';
import { atAnthropic } from './at-anthropic.ts';
import { atOpenai } from './at-openai.ts';
import type { Asking, BatchStatus, CrossedApi, ProviderSide } from './batch.ts';
import { messageBatch, messageLine } from './for-anthropic.ts';
import { batchObject, fileObject, fileOf, resultFile, resultFileObject, resultLine } from './for-openai.ts';
import { createJobs, maxDropped, newOwnId, ownIds, type Job, type Jobs, type JobsOptions } from './jobs.ts';
import { flowOfPieces } from './lines.ts';
import { crossedLines, requestInList, requestOnLine, type Place, type Request } from './making.ts';
import { resultLines, type Reading } from './results.ts';
import { firstModel, linesOf, uploadOf } from './upload.ts';

export interface CrossedOptions extends Pick<BatchesOptions, 'providers' | 'send' | 'placeOf' | 'isCongested'>, JobsOptions {
  readonly abilitiesOf: (place: Place) => ModelAbilities | undefined;
  /** Records one result. `job`: of which batch it is, as the client knows it. */
  readonly meter: (result: BatchResult, from: MeteredFrom) => Promise<void>;
}

export interface MeteredFrom {
  readonly servedBy: ServedBy;
  readonly provider: BatchProvider;
  /** What of the provider's it is metered by. */
  readonly at: string;
  readonly job: Job;
  readonly clientApi: CrossedApi;
  readonly scope: Scope;
}

/** Answers what is about batches that cross from one API to another; `undefined` for all others. */
export type CrossedBatches = (asked: BatchAsked, scope: Scope) => Promise<Reply | undefined>;

const sides: Readonly<Partial<Record<Family, ProviderSide>>> = { openai: atOpenai, anthropic: atAnthropic };
const versions: Readonly<Partial<Record<Family, readonly string[]>>> = { anthropic: ['anthropic-version', '2023-06-01'] };

/**
 * Batches of OpenAI's chat completions at providers of Anthropic's message batches, and the reverse: each request and each result crosses through
 * the canonical form. What is known of a batch lies in the stores; the batch itself is the provider's.
 */
export function createCrossedBatches(options: CrossedOptions): CrossedBatches {
  const jobs = createJobs(options);
  return async (asked, scope) => {
    const { family } = asked.route;
    if (family !== 'openai' && family !== 'anthropic') return undefined;
    const serve = family === 'openai' ? openaiAnswer : anthropicAnswer;
    return serve({ options, jobs, asked, scope, clientApi: family === 'openai' ? 'openai.chat' : 'anthropic.messages' });
  };
}

interface Serving {
  readonly options: CrossedOptions;
  readonly jobs: Jobs;
  readonly asked: BatchAsked;
  readonly scope: Scope;
  readonly clientApi: CrossedApi;
}

async function openaiAnswer(serving: Serving): Promise<Reply | undefined> {
  const { route } = serving.asked;
  if (route.kind === 'upload') return upload(serving);
  if (route.kind === 'create') return createdByFile(serving);
  if (route.id?.startsWith(ownIds.file)) return file(serving, route.id);
  return route.id?.startsWith(ownIds.openaiBatch) ? batch(serving, route.id, (job, status) => batchObject(job, status)) : undefined;
}

async function anthropicAnswer(serving: Serving): Promise<Reply | undefined> {
  const { asked, jobs, scope } = serving;
  const { route } = asked;
  const shown = (job: Job, status: BatchStatus): Json => messageBatch(job, status, asked.ownUrl);
  if (route.kind === 'create') return createdByList(serving);
  if (!route.id?.startsWith(ownIds.anthropicBatch)) return undefined;
  if (route.kind === 'results') return messageResults(serving, route.id);
  if (scope.method !== 'DELETE') return batch(serving, route.id, shown);
  const { id } = await jobs.get(route.id, ownerOf(scope));
  await jobs.delete(id);
  return jsonReply({ id, type: 'message_batch_deleted' });
}

const ownerOf = ({ key }: Scope): string => key ?? '';

/** A file whose requests are for a provider of another API is kept here until its batch is made. */
async function upload(serving: Serving): Promise<Reply | undefined> {
  const { options, jobs, asked, scope } = serving;
  if (!options.providers.some(({ family }) => family === 'anthropic') || (asked.contentEncoding ?? 'identity') !== 'identity')
    return undefined;
  const uploaded = await uploadOf(asked.body, headerOf(scope.headers, 'content-type'));
  const model = uploaded && firstModel(uploaded.content);
  if (!uploaded || model === undefined || !providerFor(serving, model)) return undefined;
  const kept = await jobs.putFile({ owner: ownerOf(scope), name: uploaded.name, createdAt: Date.now() }, uploaded.content);
  return jsonReply(fileObject(kept));
}

/** The provider of a model where its batches cross to it; `undefined` where they do not cross. @throws {GatewayError} where they cannot */
function providerFor({ options, asked }: Serving, model: string): BatchProvider | undefined {
  const { family } = asked.route;
  const name = asked.provider ?? placed(options, family, model)?.provider;
  const found = options.providers.find((provider) => provider.name === name);
  if (!found || found.family === family) return undefined;
  const side = sides[found.family];
  if (side && (found.apis?.includes(side.api) ?? true)) return found;
  throw new GatewayError(
    'invalid_request',
    `the provider "${found.name}" speaks the ${found.family} API: batches of the ${family} API cannot be served there`,
    { param: 'model' },
  );
}

/** A model that nobody knows is left to the vendor of the client's API. */
function placed({ placeOf }: CrossedOptions, family: Family, model: string): Place | undefined {
  try {
    return placeOf(family, model);
  } catch (error) {
    if (error instanceof GatewayError && error.code === 'model_not_found') return undefined;
    throw error;
  }
}

async function createdByFile(serving: Serving): Promise<Reply | undefined> {
  const { asked, jobs, scope } = serving;
  const wanted = asked.body.whole.includes(ownIds.file) ? jsonIn(asked) : null;
  const fileId = text(field(wanted, 'input_file_id'));
  if (!fileId?.startsWith(ownIds.file)) return undefined;
  const endpoint = text(field(wanted, 'endpoint'));
  if (endpoint !== '/v1/chat/completions')
    throw new GatewayError('invalid_request', 'only batches of /v1/chat/completions cross to a provider of another API', {
      param: 'endpoint',
    });
  const content = await jobs.contentOf(await jobs.getFile(fileId, ownerOf(scope)));
  const shown = {
    endpoint,
    input_file_id: fileId,
    completion_window: text(field(wanted, 'completion_window')) ?? '24h',
    metadata: field(wanted, 'metadata') ?? null,
  };
  const requests = [...linesOf(content)].map((line, index) => requestOnLine(line, index + 1));
  return made(serving, newOwnId('openaiBatch'), { requests, shown }, (job, status) => batchObject(job, status));
}

async function createdByList(serving: Serving): Promise<Reply | undefined> {
  const { asked } = serving;
  const [model] = modelsOf(asked);
  if (model === undefined || !providerFor(serving, model)) return undefined;
  const requests = list(field(jsonIn(asked), 'requests')).map(requestInList);
  return made(serving, newOwnId('anthropicBatch'), { requests, shown: {} }, (job, status) => messageBatch(job, status, asked.ownUrl));
}

/** @throws {GatewayError} `invalid_request` */
function jsonIn({ body }: BatchAsked): Json {
  try {
    return parse<Json>(body.whole);
  } catch (cause) {
    throw new GatewayError('invalid_request', 'the body is not JSON', { cause });
  }
}

interface New {
  readonly requests: readonly Request[];
  readonly shown: Readonly<Record<string, unknown>>;
}

type Show = (job: Job, status: BatchStatus) => Json;

async function made(serving: Serving, id: string, { requests, shown }: New, show: Show): Promise<Reply> {
  const { options, jobs, asked, scope, clientApi } = serving;
  const model = text(field(requests[0]?.body, 'model'));
  const provider = model === undefined ? undefined : providerFor(serving, model);
  if (!provider)
    throw new GatewayError('invalid_request', 'the first request names no model of a provider of another API', { param: 'model' });
  const side = sides[provider.family]!;
  const named = asked.provider;
  const placeOf = (name: string): Place =>
    named === undefined ? options.placeOf(asked.route.family, name) : { provider: named, model: name };
  const { abilitiesOf } = options;
  const crossing = { from: clientApi, side, provider: provider.name, placeOf, abilitiesOf, headers: scope.headers };
  const { lines, dropped } = await crossedLines(requests, crossing);
  return refusable(serving, provider, side, async (asking) => {
    const idThere = await side.submit(lines, asking);
    const kept = { provider: provider.name, api: side.api, idThere, createdAt: Date.now(), total: lines.length };
    const job: Job = { id, owner: ownerOf(scope), ...kept, dropped: dropped.slice(0, maxDropped), shown };
    await jobs.put(job);
    return jsonReply(show(job, await side.status(idThere, asking)), droppedHeader(dropped.map((what) => ({ what }))));
  });
}

/** How far a batch is; cancelled before, where that is asked. */
async function batch(serving: Serving, id: string, show: Show): Promise<Reply> {
  return ofJob(serving, id, async (job, { side, asking }) => {
    if (serving.asked.route.verb === 'cancel') await side.cancel(job.idThere, asking);
    return jsonReply(show(job, await side.status(job.idThere, asking)));
  });
}

async function messageResults(serving: Serving, id: string): Promise<Reply> {
  return ofJob(serving, id, async (job, reading) => {
    const pieces = resultLines(job, await endedStatus(job, reading), reading, messageLine);
    return plainReply(flowOfPieces(pieces), 'application/x-jsonl');
  });
}

async function file(serving: Serving, id: string): Promise<Reply> {
  const { jobs, asked, scope } = serving;
  const results = resultFile(id);
  const isContent = asked.route.verb === 'content';
  if (results) return isContent ? resultContent(serving, results) : resultDescription(serving, id, results);
  const kept = await jobs.getFile(id, ownerOf(scope));
  if (isContent) return plainReply(flowOf(await jobs.contentOf(kept)), 'application/octet-stream');
  if (scope.method !== 'DELETE') return jsonReply(fileObject(kept));
  await jobs.deleteFile(kept);
  return jsonReply({ id, object: 'file', deleted: true });
}

type ResultFile = NonNullable<ReturnType<typeof resultFile>>;

async function resultDescription({ jobs, scope }: Serving, id: string, { batch: batchId, which }: ResultFile): Promise<Reply> {
  const job = await jobs.get(batchId, ownerOf(scope));
  if (scope.method === 'DELETE')
    throw new GatewayError('invalid_request', 'results of a batch that crossed lie at its provider, and end with it', { param: 'file_id' });
  return jsonReply(resultFileObject(id, job, which));
}

async function resultContent(serving: Serving, { batch: batchId, which }: ResultFile): Promise<Reply> {
  return ofJob(serving, batchId, async (job, reading) => {
    const status = await endedStatus(job, reading);
    const pieces = resultLines(job, status, reading, (result, id) => (fileOf(result) === which ? resultLine(result, id) : undefined));
    return plainReply(flowOfPieces(pieces), 'application/octet-stream');
  });
}

async function endedStatus({ id, idThere }: Job, { side, asking }: Reading): Promise<BatchStatus> {
  const status = await side.status(idThere, asking);
  if (status.phase !== 'ended') throw new GatewayError('not_found', `the batch ${id} has not ended, and has no results yet`);
  return status;
}

async function ofJob(serving: Serving, id: string, answer: (job: Job, reading: Reading) => Promise<Reply>): Promise<Reply> {
  const { options, jobs, scope, clientApi } = serving;
  const job = await jobs.get(id, ownerOf(scope));
  const provider = options.providers.find(({ name }) => name === job.provider);
  if (!provider) throw new GatewayError('not_found', `the provider "${job.provider}" of the batch ${id} is not configured any more`);
  const side = sides[provider.family]!;
  return refusable(serving, provider, side, (asking) => {
    const meter: Reading['meter'] = (result, servedBy, at) => options.meter(result, { servedBy, provider, at, job, clientApi, scope });
    return answer(job, { side, asking, dialect: provider.dialect, clientApi, meter, isCongested: options.isCongested });
  });
}

/** What the provider refuses is refused in the client's API. */
async function refusable(
  { options, scope, clientApi }: Serving,
  { name, family }: BatchProvider,
  side: ProviderSide,
  work: (asking: Asking) => Promise<Reply>,
): Promise<Reply> {
  try {
    return await work(askingOf((request, there) => options.send(name, request, there), scope, versions[family]));
  } catch (error) {
    if (!(error instanceof ProviderRefusal)) throw error;
    const told = translatorOf(side.api)!.decodeError(error.reply.head.status, error.body);
    const { encodeError } = translatorOf(clientApi)!;
    return failedReply(error.reply, { encodeError, requestId: scope.requestId, dropped: [] }, told);
  }
}

const gateway: ServedBy = { kind: 'gateway', name: 'modicum', hosting: 'self-hosted', model: '' };

const plainReply = (bytes: Flow, contentType: string): Reply =>
  new Reply(gateway, { status: 200, headers: ['content-type', contentType] }, bytes);

function jsonReply(value: Json, more: readonly string[] = []): Reply {
  const body = jsonBytes(value);
  const headers = ['content-type', 'application/json', 'content-length', String(body.length), ...more];
  return new Reply(gateway, { status: 200, headers }, flowOf(body));
}
