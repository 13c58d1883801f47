import assert from 'node:assert/strict';
import { GoogleGenAI, type EmbedContentConfig } from '@google/genai';
import { OpenAI } from 'openai';
import type { ApiId, Family } from '../../src/core/api.ts';
import { vectorOf } from '../../src/emulator/embeddings.ts';
import { providerKey, type ProviderSpec, type Stand } from '../harness.ts';
import { metered } from '../metered.ts';
import type { Result } from './page.ts';

/** Vectors as a client reads them, and the tokens it is told. */
interface Embedded {
  readonly vectors: readonly (readonly number[])[];
  readonly tokens: number | undefined;
}

interface Asked {
  readonly url: string;
  readonly model: string;
  readonly dimensions?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface EmbeddingClient {
  readonly name: string;
  readonly api: ApiId;
  readonly family: Family;
  readonly label: RegExp;
  /** What the way its vectors are written does to a number. */
  readonly reads: (value: number) => number;
  readonly embed: (asked: Asked) => Promise<Embedded>;
  /** What a failed call tells it. */
  readonly statusOf: (error: unknown) => number | undefined;
}

export interface EmbeddingUpstream {
  readonly name: string;
  readonly api: ApiId;
  readonly family: Family;
  readonly model: string;
  readonly provider: (emulatorUrl: string) => ProviderSpec;
}

const texts = ['one', 'two words'];
const clientKey = 'key-of-the-client';

function openai(name: string, format: 'float' | undefined): EmbeddingClient {
  return {
    name,
    api: 'openai.embeddings',
    family: 'openai',
    label: /^OpenAI\/JS$/,
    reads: Math.fround,
    embed: async ({ url, model, dimensions, headers }) => {
      const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: clientKey, maxRetries: 0, ...(headers && { defaultHeaders: headers }) });
      const reply = await client.embeddings.create({
        model,
        input: texts,
        ...(dimensions !== undefined && { dimensions }),
        ...(format && { encoding_format: format }),
      });
      return { vectors: reply.data.map(({ embedding }) => embedding), tokens: reply.usage.prompt_tokens };
    },
    statusOf: (error) => (error as { readonly status?: number }).status,
  };
}

function google(name: string, config: EmbedContentConfig): EmbeddingClient {
  return {
    name,
    api: 'google.batch_embed_contents',
    family: 'google',
    label: /^google-genai-sdk$/,
    reads: (value) => value,
    embed: async ({ url, model, dimensions, headers }) => {
      const client = new GoogleGenAI({ apiKey: clientKey, httpOptions: { baseUrl: url, ...(headers && { headers: { ...headers } }) } });
      const outputs = dimensions === undefined ? {} : { outputDimensionality: dimensions };
      const reply = await client.models.embedContent({ model, contents: texts, config: { ...config, ...outputs } });
      const { usageMetadata } = reply as { readonly usageMetadata?: { readonly promptTokenCount?: number } };
      return { vectors: reply.embeddings!.map(({ values }) => values!), tokens: usageMetadata?.promptTokenCount };
    },
    statusOf: (error) => (error as { readonly status?: number }).status,
  };
}

export const embeddingClients: readonly EmbeddingClient[] = [
  { ...openai('openai, base64', undefined) },
  { ...openai('openai, float', 'float'), reads: (value) => value },
  google('@google/genai', {}),
  google('@google/genai, with a task', { taskType: 'RETRIEVAL_QUERY' }),
];

export const embeddingUpstreams: readonly EmbeddingUpstream[] = [
  {
    name: 'OpenAI',
    api: 'openai.embeddings',
    family: 'openai',
    model: 'text-embedding-3-small',
    provider: (url) => ({ name: 'far', protocol: 'openai', baseUrl: `${url}/v1`, prices: 'openai', apiKey: providerKey }),
  },
  {
    name: 'Gemini',
    api: 'google.batch_embed_contents',
    family: 'google',
    model: 'gemini-embedding-001',
    provider: (url) => ({ name: 'far', protocol: 'google', baseUrl: url, prices: 'google', apiKey: providerKey }),
  },
  {
    name: 'Ollama-style',
    api: 'openai.embeddings',
    family: 'openai',
    model: 'text-embedding-3-large',
    provider: (url) => ({ name: 'far', protocol: 'openai', baseUrl: `${url}/v1`, apis: ['openai.chat'], prices: 'openai' }),
  },
];

export type EmbeddingResults = (client: EmbeddingClient, upstream: EmbeddingUpstream) => Result;

export class EmbeddingOutcomes {
  readonly #results = new Map<string, Result>();

  set(client: EmbeddingClient, upstream: EmbeddingUpstream, result: Result): void {
    this.#results.set(`${client.name} ${upstream.name}`, result);
  }

  readonly of: EmbeddingResults = (client, upstream) => this.#results.get(`${client.name} ${upstream.name}`) ?? { failed: 'not run' };
}

export interface EmbeddingPair {
  readonly stand: Stand;
  readonly client: EmbeddingClient;
  readonly upstream: EmbeddingUpstream;
}

/** What of the calls did not reach the provider. @throws when the client did not get what it asked for, or the ledger is not the bill */
export async function runEmbeddingCell(pair: EmbeddingPair): Promise<readonly string[]> {
  const { stand, client, upstream } = pair;
  const model = `far/${upstream.model}`;
  const dropped: string[] = [];
  for (const dimensions of [undefined, 16]) {
    const { answer, records } = await metered(stand, { api: client.api, model, client: client.label }, () =>
      client.embed({ url: stand.url, model, ...(dimensions !== undefined && { dimensions }) }),
    );
    const [record] = records;
    assert.equal(answer.tokens, record!.buckets.input);
    assert.deepEqual(
      answer.vectors,
      texts.map((text) => vectorOf(text, dimensions ?? answer.vectors[0]!.length).map(client.reads)),
    );
    const [attempt] = record!.attempts;
    assert.equal(attempt!.upstreamApi, client.family === upstream.family ? undefined : upstream.api);
    dropped.push(...(attempt!.dropped ?? []));
  }
  await failing(pair, model);
  return dropped;
}

/** An error of the provider's keeps its status, in the client's shape. */
async function failing({ stand, client }: EmbeddingPair, model: string): Promise<void> {
  const before = (await stand.records(0)).length;
  const headers = { 'x-emulator-fault': 'status-403' };
  await assert.rejects(client.embed({ url: stand.url, model, headers }), (error) => client.statusOf(error) === 403);
  const record = (await stand.records(before + 1)).at(-1)!;
  assert.deepEqual([record.outcome, record.status, record.cost.total], ['failed', 403, 0]);
}
