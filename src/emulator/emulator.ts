import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { addScripts, administer, resetState, type ScriptEntry } from './admin.ts';
import { answerAtOnce } from './answer-at-once.ts';
import { modelsAnswer } from './models.ts';
import { azurePath } from './azure.ts';
import type { BatchAnswer, BatchRequest } from './batches/batch.ts';
import { serveBatches } from './batches/serve.ts';
import { checkCredentials } from './clouds/check.ts';
import { cloudRoute, type CloudRoute } from './clouds/route.ts';
import type { Bill } from './bill/bill.ts';
import { credentialOf } from './credential.ts';
import { generate, generationApis } from './generate.ts';
import type { GenerationApiId, HeaderOf } from './generation.ts';
import type { EmulatorOptions } from './options.ts';
import { routeOf, type Route } from './route.ts';
import { createState, type EmulatorState } from './state.ts';
import { errorBody, VendorError } from './wire/errors.ts';
import { openReply } from './wire/open-reply.ts';
import { formBody, jsonBody } from './wire/request-body.ts';
import { textOf } from './wire/fields.ts';

/** A provider of three vendors' APIs without a model behind it. */
export interface Emulator {
  readonly server: Server;
  listen(address?: { readonly host?: string; readonly port?: number }): Promise<{ readonly url: string; readonly port: number }>;
  bill(): Bill;
  /** Tells replies in advance; a request asks for one by the header `x-emulator-script: key`. */
  script(entries: readonly ScriptEntry[]): void;
  /** Forgets bill, prompt caches and scripts. */
  reset(): void;
  close(): Promise<void>;
}

const headerBytesMax = 64 * 1024; // room for `x-emulator-reply`
const keepAliveMs = 60_000; // longer than clients keep a pooled connection, so that they close it

export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const state = createState(options);
  const server = createServer(
    { maxHeaderSize: headerBytesMax, requestTimeout: 0, keepAliveTimeout: keepAliveMs },
    (request, response) => void serve(state, request, response).catch(() => response.destroy()), // a reply half sent can only be cut
  );
  return {
    server,
    listen: ({ host = '127.0.0.1', port = 0 } = {}) =>
      new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(port, host, () => {
          server.off('error', reject);
          const bound = (server.address() as AddressInfo).port;
          resolve({ url: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`, port: bound });
        });
      }),
    bill: () => state.ledger.bill(),
    script: (entries) => addScripts(state, entries),
    reset: () => resetState(state),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** One request as the handlers below see it. */
interface Incoming {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly header: HeaderOf;
  readonly query: URLSearchParams;
  readonly path: string;
  readonly cloud: CloudRoute | undefined;
}

async function serve(state: EmulatorState, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const header: HeaderOf = (name) => request.headers[name]?.toString();
  const { pathname: path, searchParams: query } = new URL(request.url ?? '/', 'http://emulator');
  const cloud = cloudRoute(request.method ?? 'GET', path);
  const incoming = { request, response, header, query, path, cloud };
  const azure = azurePath(path, query);
  const found = cloud?.route ?? routeOf(request.method ?? 'GET', azure?.path ?? path, header);
  const route = azure?.deployment !== undefined && found.kind === 'api' ? { ...found, model: azure.deployment } : found;
  try {
    await answer(state, incoming, route);
  } catch (error) {
    await refuse(incoming, route, error);
  }
}

async function answer(state: EmulatorState, incoming: Incoming, route: Route): Promise<void> {
  const { request, path } = incoming;
  if (path.startsWith('/__emulator/'))
    return sendJson(incoming.response, await administer(state, request.method ?? 'GET', path, () => jsonBody(request, state.bodyBytesMax)));
  if (path === '/api/hello') return sendJson(incoming.response, '{}');
  if (path === '/v1/responses' && incoming.header('upgrade') !== undefined)
    throw new VendorError(426, 'this emulator speaks plain HTTP here');
  if (route.kind === 'models') return sendJson(incoming.response, JSON.stringify(modelsAnswer(route.family, state.models, route.model)));
  const batched = await serveBatches(state, batchRequest(state, incoming));
  if (batched) return sendText(incoming.response, batched);
  if (route.kind === 'none') throw new VendorError(404, `no such route: ${request.method} ${path}`);
  return answerApi(state, incoming, route);
}

function batchRequest(state: EmulatorState, incoming: Incoming): BatchRequest {
  const { request, header, path } = incoming;
  return {
    method: request.method ?? 'GET',
    path,
    url: `http://${header('host') ?? 'emulator'}`,
    header,
    credential: credentialOf(incoming.header, incoming.query),
    json: () => jsonBody(request, state.bodyBytesMax),
    form: () => formBody(request, state.bodyBytesMax),
  };
}

async function answerApi(state: EmulatorState, incoming: Incoming, route: Extract<Route, { kind: 'api' }>): Promise<void> {
  const { api, family } = route;
  const { request, cloud } = incoming;
  const check = cloud && ((bytes: Buffer) => checkCredentials(cloud, request, bytes, state.cloudCredentials, Date.now()));
  const sent = await jsonBody(request, state.bodyBytesMax, check);
  const body = cloud?.body?.(sent) ?? sent;
  const model = route.model ?? textOf(body['model']);
  if (model === undefined || model === '') throw new VendorError(400, 'model is missing', 'model');
  if (!isGeneration(api)) return answerAtOnce(state, { api, family, model, body, header: incoming.header }, incoming.response);
  const stream = route.stream ?? body['stream'] === true;
  const asList = family === 'google' && stream && incoming.query.get('alt') !== 'sse';
  const call = {
    api,
    family,
    cloud,
    model,
    body,
    stream,
    asList,
    header: incoming.header,
    credential: credentialOf(incoming.header, incoming.query),
  };
  return generate(state, call, incoming.response);
}

const isGeneration = (api: string): api is GenerationApiId => Object.hasOwn(generationApis, api);

/** Lists, the emulator's own routes and errors: never compressed. */
const sendJson = (response: ServerResponse, text: string, status = 200): Promise<void> =>
  sendText(response, { text, contentType: 'application/json' }, status);

async function sendText(response: ServerResponse, { text, contentType }: BatchAnswer, status = 200): Promise<void> {
  const outlet = openReply(response, { contentType, requestId: 'req_emu', status, length: Buffer.byteLength(text) });
  await outlet.write(text);
  await outlet.end();
}

const patient = new Set([429, 503, 529]);

async function refuse({ response, request, cloud }: Incoming, route: Route, error: unknown): Promise<void> {
  if (response.headersSent || response.destroyed) return void response.destroy();
  const known = error instanceof VendorError ? error : new VendorError(500, `the emulator failed: ${String(error)}`);
  request.resume();
  if (patient.has(known.status)) response.setHeader('retry-after', '1');
  await sendJson(response, JSON.stringify(errorBody[cloud?.errors ?? route.family](known)), known.status);
}
