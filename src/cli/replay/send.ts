import { Pool } from 'undici';
import { dialectOf } from '../../catalog/dialects.ts';
import type { Buckets } from '../../core/usage.ts';
import { replyMeter } from '../../protocols/meter.ts';
import { packageVersion } from '../version.ts';
import { callBody } from './chat.ts';
import type { AssistantMessage, Turn } from './conversation.ts';
import type { Asking, ReplayApi } from './replay-api.ts';

/** What became of one call, as its client sees it. */
export interface Sent {
  readonly ok: boolean;
  /** Why not, in one line. */
  readonly problem?: string;
  /** The connection was refused or lost: nobody is there. */
  readonly unreachable?: boolean;
  /** What the reply told; empty where it told nothing. */
  readonly buckets: Buckets;
  /** The reply says that an emulator made it. `undefined`: there was no reply. */
  readonly emulated?: boolean;
}

export interface Job {
  readonly turn: Turn;
  readonly api: ReplayApi;
  readonly asking: Asking;
  /** Labels by name: app, feature, user, session, task. */
  readonly labels: Readonly<Record<string, string | undefined>>;
  /** Tell the emulator the recorded answer. */
  readonly script: boolean;
}

export interface Sender {
  send(job: Job, signal: AbortSignal): Promise<Sent>;
  close(): Promise<void>;
}

/** Longest header with a recorded answer: it must fit into a request's head, of which servers take 64 KB. A longer answer is not told. */
export const maxScriptBytes = 48 * 1024;
/** Characters shown of an error's body. */
const maxProblemLength = 200;

/** Sends calls to the gateway at `url`, whose path, such as `/c/shop`, goes before those of the APIs. */
export function senderTo(url: URL, connections: number): Sender {
  const pool = new Pool(url.origin, { connections, headersTimeout: 0, bodyTimeout: 0 });
  const prefix = url.pathname.replace(/\/+$/, '');
  return { send: (job, signal) => sent(pool, prefix, job, signal), close: () => pool.close() };
}

async function sent(pool: Pool, prefix: string, job: Job, signal: AbortSignal): Promise<Sent> {
  const { api, asking, turn } = job;
  try {
    const { statusCode, headers, body } = await pool.request({
      method: 'POST',
      path: prefix + api.path(asking),
      headers: headersOf(job),
      body: JSON.stringify(api.body(turn, asking)),
      signal,
    });
    const meter = replyMeter({
      api: api.api,
      dialect: dialectOf(''),
      status: statusCode,
      contentType: headers['content-type']?.toString(),
      contentEncoding: undefined,
    });
    const head: Buffer[] = [];
    for await (const chunk of body as AsyncIterable<Buffer>) {
      meter.write(chunk);
      if (statusCode >= 400) head.push(chunk);
    }
    const emulated = headers['x-modicum-emulator'] !== undefined;
    if (statusCode >= 400) return { ok: false, problem: `status ${statusCode}: ${problemOf(head)}`, buckets: {}, emulated };
    const { usage, complete, error } = await meter.facts(true);
    const problem = error ?? (complete ? undefined : 'the reply broke off');
    return { ok: problem === undefined, ...(problem !== undefined && { problem }), buckets: usage?.buckets ?? {}, emulated };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { ok: false, problem: code ?? message, unreachable: code === 'ECONNREFUSED' || code === 'ENOTFOUND', buckets: {} };
  }
}

const problemOf = (head: readonly Buffer[]): string =>
  Buffer.concat(head).toString('utf8').replaceAll(/\s+/g, ' ').slice(0, maxProblemLength);

function headersOf({ api, labels, script, turn }: Job): Record<string, string> {
  const told = script ? scriptHeader(turn.reply) : undefined;
  return {
    'content-type': 'application/json',
    'user-agent': `modicum-replay/${packageVersion()}`,
    ...api.headers,
    ...Object.fromEntries(
      Object.entries(labels).flatMap(([name, value]) => (value === undefined ? [] : [[`x-modicum-${name}`, headerText(value)]])),
    ),
    ...(told !== undefined && { 'x-emulator-reply': told }),
  };
}

/** The recorded answer for the emulator: base64 of the OpenAI message. `undefined`: it is too long for a header. */
export function scriptHeader({ content, toolCalls, reasoning }: AssistantMessage): string | undefined {
  const message = { content, ...(reasoning !== undefined && { reasoning }), tool_calls: toolCalls.map(callBody) };
  const header = Buffer.from(JSON.stringify(message)).toString('base64');
  return header.length <= maxScriptBytes ? header : undefined;
}

/** A label as a header can carry it. */
const headerText = (value: string): string => value.replaceAll(/[^\x20-\x7e]/g, '_').slice(0, 200);
