import { GatewayError } from '../../../core/errors.ts';
import type { Bytes, Json } from '../../../core/json.ts';
import { field, text } from '../../../protocols/count.ts';
import type { BatchCounts, BatchStatus, ProviderSide, SentLine } from './batch.ts';
import { epochMs, required, whole } from './read.ts';

const root = '/v1/messages/batches';
const at = (id: string): string => `${root}/${encodeURIComponent(id)}`;

/** Anthropic takes no other names of requests. */
const plainId = /^[a-zA-Z0-9_-]{1,64}$/;
const coded = 'mdc_';

function idThere(customId: string): string {
  if (plainId.test(customId) && !customId.startsWith(coded)) return customId;
  const id = `${coded}${Buffer.from(customId).toString('base64url')}`;
  if (plainId.test(id) && customId !== '') return id;
  throw new GatewayError(
    'invalid_request',
    `the provider takes names of requests of 64 letters, digits, _ and -, or 45 bytes of any others: custom_id "${customId.slice(0, 80)}" is none`,
    { param: 'custom_id' },
  );
}

const idHere = (id: string): string => (id.startsWith(coded) ? Buffer.from(id.slice(coded.length), 'base64url').toString() : id);

/** Message batches of Anthropic as providers of others' batches. */
export const atAnthropic: ProviderSide = {
  api: 'anthropic.messages',
  idThere,
  idHere,
  async submit(lines, { json }) {
    const made = await json({ method: 'POST', path: root, body: bodyOf(lines), contentType: 'application/json' });
    return required(made, 'id');
  },
  status: async (id, { json }) => statusOf(await json({ method: 'GET', path: at(id) })),
  async cancel(id, { json }) {
    await json({ method: 'POST', path: `${at(id)}/cancel`, body: Buffer.from('{}'), contentType: 'application/json' });
  },
  results: async (id) => [{ path: `${at(id)}/results`, id }],
};

function bodyOf(lines: readonly SentLine[]): Bytes {
  const pieces = lines.flatMap(({ customId, body }, index) => [
    Buffer.from(`${index === 0 ? '' : ','}{"custom_id":${JSON.stringify(customId)},"params":`),
    body,
    closing,
  ]);
  return Buffer.concat([Buffer.from('{"requests":['), ...pieces, Buffer.from(']}')]);
}

const closing = Buffer.from('}');

function statusOf(batch: Json): BatchStatus {
  const told = field(batch, 'request_counts');
  const counts: BatchCounts = {
    succeeded: whole(told, 'succeeded'),
    failed: whole(told, 'errored'),
    cancelled: whole(told, 'canceled'),
    expired: whole(told, 'expired'),
  };
  const times = { endedAt: epochMs(field(batch, 'ended_at')), expiresAt: epochMs(field(batch, 'expires_at')) };
  const word = text(field(batch, 'processing_status'));
  if (word !== 'ended') return { phase: word === 'canceling' ? 'cancelling' : 'running', counts, ...times };
  return { phase: 'ended', end: endOf(counts), counts, ...times };
}

const endOf = ({ succeeded, failed, cancelled, expired }: BatchCounts): NonNullable<BatchStatus['end']> => {
  if (cancelled > 0) return 'cancelled';
  return expired > 0 && succeeded + failed === 0 ? 'expired' : 'completed';
};
