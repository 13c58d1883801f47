import * as z from 'zod';
import { cloudAuths, cloudOptions } from './cloud.ts';
import { group, hour, minute, option, second, whole } from './option.ts';

const milliseconds = { unit: 'ms', max: 24 * hour } as const;

const timeouts = group('How long to wait for this provider; 0 is for ever.', {
  connectMs: whole('For a connection, TLS included.', { ...milliseconds, default: 10 * second }),
  firstByteMs: whole('For the head of the reply, from the end of the request; a reply that is not streamed comes only when it is whole.', {
    ...milliseconds,
    default: 10 * minute,
  }),
  idleMs: whole('Between two chunks of a reply.', { ...milliseconds, default: 5 * minute }),
  totalMs: whole('For the whole call.', { ...milliseconds, default: hour }),
});

const dialect = group('Where this provider departs from its protocol. Left out, known vendors have their own values.', {
  reasoning: option(
    z.enum(['inside', 'outside']),
    'Whether the output count contains reasoning tokens, or they stand beside it.',
  ).optional(),
  cache: option(
    z.enum(['inclusive', 'exclusive']),
    'Whether the input count contains what was read from and written to the prompt cache.',
  ).optional(),
  streamUsage: option(
    z.enum(['ask', 'always', 'never']),
    'Usage at the end of a stream: `ask` adds `stream_options.include_usage`, `always` comes unasked, `never` must not be asked for.',
  ).optional(),
  providerCost: option(
    z.enum(['usd', 'credits', 'usd_ticks']),
    'Unit in which it states its own charge; `usd_ticks` are 1e-10 USD.',
  ).optional(),
});

const headerName = z.string().regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/, 'is no name of a header');
// Tab and printable characters only: a line break here would be a second header.
const headerValue = option(
  // oxlint-disable-next-line no-control-regex
  z.string().regex(/^[\t\x20-\x7e\x80-\xff]*$/, 'must not contain line breaks or control characters'),
  'Value of the header of this name.',
);

/** Names of providers and apps stand in URLs and before `/` in model names. */
export const nameOption = z
  .string()
  .regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/, 'must be 1 to 64 letters, digits, `.`, `_` or `-`, the first a letter or digit');

/** A key as it may stand in a header. */
export const apiKeyOption = (description: string) =>
  option(
    z
      .string()
      .min(1)
      .regex(/^[\x21-\x7e]*$/, 'must be one line of printable characters without spaces'),
    description,
    { secret: true },
  );

export const providerOptions = option(
  z.strictObject({
    protocol: option(
      z.enum(['openai', 'anthropic', 'google', 'bedrock']),
      "The vendor's API it speaks; `bedrock` is Amazon Bedrock's Converse.",
    ),
    baseUrl: option(
      z.url({ protocol: /^https?$/ }),
      "As the vendor's SDK takes it: with `/v1` for OpenAI, without a version for Anthropic and Google.",
    ),
    apiKey: apiKeyOption(
      "Key sent in place of the client's credentials; without one, these go on. Write `${VAR}`, not the value.",
    ).optional(),
    apiKeys: option(
      z.array(apiKeyOption('One key.')).min(1).max(32),
      'Several keys in place of `apiKey`. The first is used until the provider answers 429, then the next.',
    ).optional(),
    apiKeyFile: option(z.string().min(1), 'File that holds the key, relative to the configuration; read at each load.').optional(),
    apiKeyCommand: option(
      z.array(z.string().min(1)).min(1),
      'Program and arguments that print the key; run without a shell at each load, for at most 10 s.',
    ).optional(),
    auth: option(
      z.enum(['bearer', 'x-api-key', 'x-goog-api-key', 'azure-key', ...cloudAuths]),
      'How the key is sent: `Authorization: Bearer`, or the header of that name; `azure-key` is the header `api-key`. Without a key: `aws-sigv4` signs each request, `google-oauth` sends a token of Google Cloud. Left out: as the vendor of the protocol wants it.',
    ).optional(),
    ...cloudOptions,
    paths: option(
      z.enum(['azure-deployments', 'vertex', 'bedrock-invoke']),
      'Where the paths depart from the protocol: `azure-deployments` puts `/deployments/{model}` before those of a model, for a `baseUrl` that ends with `/openai`; `vertex` is for a `baseUrl` that ends with `/locations/{location}`, with Gemini (protocol `google`) or Claude (`anthropic`); `bedrock-invoke` is Claude by InvokeModel (`anthropic`).',
    ).optional(),
    apiVersion: option(
      z.string().regex(/^[A-Za-z0-9._-]+$/, 'must be letters, digits, `.`, `_` or `-`'),
      "Sent as `api-version` in the query, in place of the client's, as Azure's dated API wants it.",
    ).optional(),
    hosting: option(
      z.enum(['api', 'cloud', 'self-hosted']),
      "A vendor's API, a cloud's hosting of it, or a machine of yours. Left out: `self-hosted` when the host of `baseUrl` is loopback or private, else `api`.",
    ).optional(),
    region: option(z.string().min(1), 'Region that serves the calls, where it changes the price.').optional(),
    prices: option(
      z.string().min(1),
      "Provider of the price catalog whose prices apply. Left out: by the host of `baseUrl`, else the provider's own name.",
    ).optional(),
    apis: option(
      z.array(z.enum(['openai.chat', 'openai.responses', 'anthropic.messages', 'google.generate_content', 'bedrock.converse'])).min(1),
      'Chat APIs it serves, of its protocol. Calls of other APIs are translated into the first. Left out: all of its protocol, or what is known of the vendor.',
    ).optional(),
    headers: option(
      z.record(headerName, headerValue),
      "Headers added to each request, in place of the client's of the same name. Values are never printed.",
      { secret: true },
    ).default({}),
    dialect,
    timeouts,
    connections: whole('Connections open to this provider at one time.', { unit: 'connections', min: 1, max: 65_535, default: 512 }),
    maxConcurrent: whole('Calls under way at this provider at one time; more wait in a queue. 0: as many as come.', {
      unit: 'calls',
      max: 65_535,
      default: 0,
    }),
    maxQueued: whole('Calls that may wait in that queue; more go to the next target, or are refused with 503.', {
      unit: 'calls',
      max: 65_535,
      default: 64,
    }),
    queueTimeoutMs: whole('How long a call may wait in that queue.', { ...milliseconds, default: 10 * second }),
    models: option(
      z.array(z.string().min(1)).max(10_000),
      'The only models it serves; a `*` at the end stands for any ending. Left out: all.',
    ).optional(),
  }),
  'One provider: a vendor, a cloud or a server of yours.',
);
