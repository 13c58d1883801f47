import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'undici';

export interface Answer {
  /** 0: no reply. */
  readonly status: number;
  /** The reply is one reply, from its first byte to its last word. */
  readonly isWhole: boolean;
  /** More than one reply in it, or more than one end. */
  readonly isDouble: boolean;
  readonly ms: number;
}

export interface Load {
  readonly calls: number;
  /** Calls come in evenly over this time. */
  readonly seconds: number;
  /** Told before each call is sent. */
  readonly before: (call: number) => void;
}

/** Sends calls to the gateway, every second one a stream, at a steady rate whatever their latency. */
export async function send(url: string, { calls, seconds, before }: Load): Promise<readonly Answer[]> {
  const pool = new Pool(url, { connections: 1024, pipelining: 1 });
  const start = performance.now();
  const answers: Promise<Answer>[] = [];
  for (let call = 0; call < calls; call += 1) {
    const waitMs = start + (call * seconds * 1000) / calls - performance.now();
    if (waitMs > 0) await sleep(waitMs);
    before(call);
    answers.push(ask(pool, call));
  }
  const all = await Promise.all(answers);
  await pool.close();
  return all;
}

async function ask(pool: Pool, call: number): Promise<Answer> {
  const started = performance.now();
  const stream = call % 2 === 0;
  const body = JSON.stringify({
    model: 'small',
    max_completion_tokens: 24,
    stream,
    messages: [{ role: 'user', content: `Call ${call}: what is the shortest way to say this?` }],
  });
  const answer = (status: number, text: string): Answer => ({ status, ...judged(status, text, stream), ms: performance.now() - started });
  try {
    const { statusCode, body: reply } = await pool.request({
      method: 'POST',
      path: '/v1/chat/completions',
      headers: { 'content-type': 'application/json' },
      body,
    });
    return answer(statusCode, await reply.text());
  } catch {
    return answer(0, '');
  }
}

function judged(status: number, text: string, stream: boolean): Pick<Answer, 'isWhole' | 'isDouble'> {
  const ids = new Set([...text.matchAll(/"id":\s?"(chatcmpl-[^"]+)"/g)].map(([, id]) => id));
  const ends = stream ? text.split('data: [DONE]').length - 1 : Number(isJson(text));
  return { isWhole: status === 200 && ids.size === 1 && ends === 1, isDouble: ids.size > 1 || ends > 1 };
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
