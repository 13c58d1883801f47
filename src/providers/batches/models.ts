import { Body } from '../../core/body.ts';
import { jsonBytes, parse, type Json, type JsonObject } from '../../core/json.ts';
import { picker } from '../../protocols/json-scan.ts';
import { stringOf } from '../../protocols/reader.ts';
import type { BatchRoute } from './routes.ts';

interface Made {
  readonly route: BatchRoute;
  readonly body: Body;
  readonly contentEncoding: string | undefined;
}

const pickModels = picker({ requests: [{ params: { model: 'model' } }] });

/** The models a new batch asks for, each once, as far as they are told where the batch is made: OpenAI's stand in a file. */
export function modelsOf({ route, body, contentEncoding }: Made): readonly string[] {
  if (route.model !== undefined) return [route.model];
  if (route.family !== 'anthropic' || (contentEncoding ?? 'identity') !== 'identity') return [];
  const { found } = pickModels(body.whole);
  return [...new Set((found.model ?? []).map(stringOf))].filter((model) => model !== undefined);
}

interface Requests {
  readonly requests: readonly { readonly params: JsonObject }[];
}

/** The body of a message batch with models under other names. */
export function renamed(body: Body, names: ReadonlyMap<string, string>): Body {
  const batch = parse<Requests>(body.whole);
  const there = (model: Json | undefined): Json | undefined => (typeof model === 'string' ? (names.get(model) ?? model) : model);
  const requests = batch.requests.map((request) => ({ ...request, params: { ...request.params, model: there(request.params['model']) } }));
  return new Body([jsonBytes({ ...batch, requests })]);
}
