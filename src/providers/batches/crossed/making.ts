import { setImmediate as turn } from 'node:timers/promises';
import { GatewayError } from '../../../core/errors.ts';
import type { Bytes, Json } from '../../../core/json.ts';
import { field, text } from '../../../protocols/count.ts';
import type { ModelAbilities } from '../../../protocols/translate/fit.ts';
import { maxRequests, type CrossedApi, type ProviderSide, type SentLine } from './batch.ts';
import { crossedRequest } from './request.ts';

/** Requests that are translated before others have their turn. */
const turnRequests = 50;

export interface Request {
  readonly customId: string;
  readonly body: Json;
}

export interface Place {
  readonly provider: string;
  readonly model: string;
}

export interface Making {
  readonly from: CrossedApi;
  readonly side: ProviderSide;
  /** Where all requests must go. */
  readonly provider: string;
  readonly placeOf: (model: string) => Place;
  readonly abilitiesOf: (place: Place) => ModelAbilities | undefined;
  /** Raw headers of the client. */
  readonly headers: readonly string[];
}

export interface Made {
  readonly lines: readonly SentLine[];
  /** Names of what went lost, each once. */
  readonly dropped: readonly string[];
}

/** All requests in the provider's API. @throws {GatewayError} `invalid_request` that names the first one which cannot cross */
export async function crossedLines(requests: Iterable<Request>, making: Making): Promise<Made> {
  const lines: SentLine[] = [];
  const ids = new Set<string>();
  const dropped = new Set<string>();
  for (const request of requests) {
    if (lines.length === maxRequests) throw wrong(`a batch that crosses holds ${maxRequests} requests at most`, 'requests');
    if (ids.has(request.customId)) throw wrong(`custom_id "${request.customId}" stands twice`, 'custom_id');
    ids.add(request.customId);
    const { line, lost } = lineOf(request, making, lines.length + 1);
    lines.push(line);
    for (const name of lost) dropped.add(name);
    if (lines.length % turnRequests === 0) await turn();
  }
  if (lines.length === 0) throw wrong('a batch holds one request at least', 'requests');
  return { lines, dropped: [...dropped] };
}

function lineOf(request: Request, making: Making, number: number): { readonly line: SentLine; readonly lost: readonly string[] } {
  const { from, side, placeOf, abilitiesOf, headers } = making;
  try {
    const place = placeOf(modelOf(request));
    if (place.provider !== making.provider)
      throw wrong(
        `the requests of one batch go to one provider: its model is at "${place.provider}", others are at "${making.provider}"`,
        'model',
      );
    const crossing = { from, to: side.api, model: place.model, abilities: abilitiesOf(place), headers };
    const { body, dropped } = crossedRequest(request.body, crossing);
    return { line: { customId: side.idThere(request.customId), body }, lost: dropped.map(({ what }) => what) };
  } catch (error) {
    if (!(error instanceof GatewayError)) throw error;
    const { message, code, param } = error;
    throw new GatewayError(code, `request ${number} ("${request.customId}"): ${message}`, {
      cause: error,
      ...(param !== undefined && { param }),
    });
  }
}

function modelOf({ body }: Request): string {
  const model = text(field(body, 'model'));
  if (model === undefined) throw wrong('model must be given', 'model');
  return model;
}

const wrong = (message: string, param: string): GatewayError => new GatewayError('invalid_request', message, { param });

/** A request on a line of a file of OpenAI's. @throws {GatewayError} `invalid_request` */
export function requestOnLine(line: Bytes, number: number): Request {
  const value = jsonOf(line, number);
  const url = text(field(value, 'url'));
  if (url !== '/v1/chat/completions')
    throw wrong(
      `line ${number}: only /v1/chat/completions crosses to a provider of another API, not ${url ?? 'a line without url'}`,
      'url',
    );
  return { customId: idOf(value, `line ${number}`), body: (field(value, 'body') ?? null) as Json };
}

function jsonOf(line: Bytes, number: number): Json {
  try {
    return JSON.parse(line.toString('utf8')) as Json;
  } catch (cause) {
    throw new GatewayError('invalid_request', `line ${number} is not JSON`, { cause, param: 'input_file_id' });
  }
}

/** One of Anthropic's `requests`. @throws {GatewayError} `invalid_request` */
export const requestInList = (value: unknown, index: number): Request => ({
  customId: idOf(value as Json, `requests[${index}]`),
  body: (field(value, 'params') ?? null) as Json,
});

function idOf(value: Json, where: string): string {
  const id = text(field(value, 'custom_id'));
  if (id === undefined) throw wrong(`${where}: custom_id must be given`, 'custom_id');
  return id;
}
