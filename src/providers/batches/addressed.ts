import type { Scope } from '../../core/pipeline.ts';
import { headerOf, Reply } from '../../core/reply.ts';
import { collected } from '../translate/collect.ts';
import { flowOf } from '../translate/reply-parts.ts';

/** Bytes of descriptions of batches at most: a list of a thousand has about 700 KB. */
export const maxDescriptionBytes = 4 << 20;

const resultsUrl = /("results_url"\s*:\s*")https?:\/\/[^"]*?(\/v1\/messages\/batches\/[^"]+")/g;

/**
 * A description of message batches whose `results_url` leads to this gateway: the SDK asks that very address, and results asked of the vendor
 * would not be metered. Every other byte is kept.
 */
export async function addressed(reply: Reply, scope: Scope, ownUrl: string): Promise<Reply> {
  if ((headerOf(reply.head.headers, 'content-encoding') ?? 'identity') !== 'identity') return reply;
  const body = await collected(reply, scope, maxDescriptionBytes);
  const text = body.toString('latin1');
  const own = text.replace(resultsUrl, (_, name: string, path: string) => `${name}${ownUrl}${path}`);
  const bytes = own === text ? body : Buffer.from(own, 'latin1');
  const headers = reply.head.headers.filter((_, at, all) => all[at - (at % 2)]!.toLowerCase() !== 'content-length');
  return new Reply(
    reply.servedBy,
    { status: reply.head.status, headers: [...headers, 'content-length', String(bytes.length)] },
    flowOf(bytes),
  );
}
