import type { ApiId } from '../core/api.ts';
import type { CallCodec, CallFields, FieldCodec, ValueOf } from '../core/call.ts';
import { GatewayError } from '../core/errors.ts';
import { jsonBytes, type Bytes, type Json } from '../core/json.ts';

/** A model's name in a body; required by every API that has it there. */
const model: FieldCodec<string> = {
  decode: (value) => {
    const name = parsed(value('model'));
    if (typeof name !== 'string' || name === '') {
      throw new GatewayError('invalid_request', 'model is missing: name one, such as "gpt-5" or "provider/model"', { param: 'model' });
    }
    return name;
  },
  encode: (name) => ({ model: jsonBytes(name) }),
};

const stream: FieldCodec<boolean> = {
  decode: (value) => value('stream')?.toString('latin1') === 'true',
  encode: (on) => ({ stream: jsonBytes(on) }),
};

/** OpenAI's chat streams tell their usage only when `stream_options.include_usage` asks for it. */
const askedStreamUsage: FieldCodec<boolean> = {
  decode: (value) => optionsOf(value).include_usage === true,
  encode: (on, value) => ({ stream_options: jsonBytes({ ...optionsOf(value), include_usage: on }) }),
};

const never: FieldCodec<boolean> = { decode: () => false, encode: () => ({}) };
const always: FieldCodec<boolean> = { decode: () => true, encode: () => ({}) };
/** Stands in the URL: ingress gives it, the path writes it. */
const inUrl: FieldCodec<string> = {
  decode: () => {
    throw new GatewayError('invalid_request', 'model is missing: it stands in the path, as in /v1beta/models/{model}:generateContent', {
      param: 'model',
    });
  },
  encode: () => ({}),
};

function optionsOf(value: ValueOf): { readonly [key: string]: Json | undefined } {
  const options = parsed(value('stream_options'));
  return typeof options === 'object' && options !== null && !Array.isArray(options) ? (options as { [key: string]: Json }) : {};
}

function parsed(json: Bytes | undefined): Json | undefined {
  return json && (JSON.parse(json.toString('utf8')) as Json);
}

type Fields = { readonly [F in keyof CallFields]: FieldCodec<CallFields[F]> };
const inBody = { model, stream, streamUsage: always } satisfies Fields;
const whole = { model, stream: never, streamUsage: always } satisfies Fields;
const google = { model: inUrl, stream: never, streamUsage: always } satisfies Fields;

const fields: Readonly<Record<Exclude<ApiId, 'passthrough'>, Fields>> = {
  'openai.chat': { model, stream, streamUsage: askedStreamUsage },
  'openai.completions': { model, stream, streamUsage: askedStreamUsage },
  'openai.responses': inBody,
  'openai.responses.input_tokens': whole,
  'openai.embeddings': whole,
  'anthropic.messages': inBody,
  'anthropic.count_tokens': whole,
  'google.generate_content': google,
  'google.count_tokens': google,
  'bedrock.converse': google, // model and stream stand in the path
  'google.embed_content': google,
  'google.batch_embed_contents': google,
};

/** The request half of every wire API. */
export const callCodecs = Object.fromEntries(
  Object.entries(fields).map(([api, table]) => [api, { api: api as ApiId, fields: table }]),
) as Readonly<Record<Exclude<ApiId, 'passthrough'>, CallCodec>>;
